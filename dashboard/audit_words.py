"""Words for what is on record: acts, kinds of objects, and what was found odd."""

from collections.abc import Mapping

from dashboard.i18n import N_

ACTS = {
    "see": N_("Xem"),
    "list": N_("Xem danh sách"),
    "search": N_("Tìm"),
    "play": N_("Nghe ghi âm"),
    "export": N_("Xuất ra tệp"),
    "purpose": N_("Nêu mục đích lấy tệp"),
    "refused": N_("Bị từ chối"),
    "create": N_("Tạo"),
    "change": N_("Sửa"),
    "close": N_("Đóng"),
    "reopen": N_("Mở lại"),
    "supervise": N_("Giám sát cuộc gọi"),
    "invite": N_("Mời vào hệ thống"),
    "accept_invitation": N_("Nhận lời mời"),
    "end_session": N_("Kết thúc phiên đăng nhập"),
    "change_password": N_("Đổi mật khẩu"),
    "log_in": N_("Đăng nhập"),
    "log_in_refused": N_("Đăng nhập hỏng"),
    "second_factor": N_("Xác thực hai bước"),
    "passkey": N_("Khóa đăng nhập (passkey)"),
    "proved": N_("Qua bước xác thực thứ hai"),
    "log_out": N_("Đăng xuất"),
    "hide_screen": N_("Che màn hình"),
    "show_screen": N_("Mở màn hình"),
    "availability": N_("Đổi trạng thái nhận cuộc gọi"),
    "interpreter": N_("Mời phiên dịch"),
    "colleague": N_("Mời đồng nghiệp"),
    "take_note": N_("Ghi nhận"),
    "give_back": N_("Trả lại"),
    "steer": N_("Điều hành"),
    "undo": N_("Hoàn lại"),
    "nuisance": N_("Hạ số quấy rối"),
    "break_glass": N_("Mở khẩn cấp"),
    "end_glass": N_("Kết thúc mở khẩn cấp"),
}
THINGS = {
    "case": N_("Ca"),
    "record": N_("Phiếu"),
    "call": N_("Cuộc gọi"),
    "recording": N_("Ghi âm"),
    "history": N_("Lịch sử số gọi"),
    "document": N_("Văn bản"),
    "filled_form": N_("Mẫu biểu"),
    "case_file": N_("Tệp của ca"),
    "plan": N_("Kế hoạch"),
    "handover": N_("Chuyển ca"),
    "handover_photo": N_("Ảnh của xã"),
    "report": N_("Tin báo"),
    "therapy": N_("Trị liệu"),
    "therapy_meeting": N_("Buổi trị liệu"),
    "therapy_note": N_("Ghi chép trị liệu"),
    "staff": N_("Nhân sự"),
    "legal_hold": N_("Giữ theo yêu cầu pháp lý"),
    "research": N_("Trích cho nghiên cứu"),
    "figures": N_("Số liệu của một kỳ"),
    "official_report": N_("Báo cáo chính thức"),
    "data_request": N_("Yêu cầu về dữ liệu"),
    "page": N_("Trang"),
}
"""Those an auditor asks for; others are told by their code."""
_OWN_THINGS = {
    "audit": N_("Nhật ký"),
    "audit_finding": N_("Điều khác thường"),
    "audit_own_place": N_("Xã của nhân viên"),
    "report_schedule": N_("Lịch lập báo cáo"),
    "stated_reason": N_("Lý do đã nêu"),
    "glass": N_("Mở khẩn cấp"),
    "survey": N_("Đợt lấy ý kiến trẻ em"),
    "therapy_figures": N_("Số liệu trị liệu tâm lý"),
    "trafficking_figures": N_("Số liệu phòng, chống mua bán người"),
    "survey_asked": N_("Hỏi ý kiến trong cuộc gọi"),
}
_ODD = {
    "many_files": N_("Mở nhiều hồ sơ trong một giờ"),
    "own_place": N_("Xem ca ở xã của mình hay của người thân"),
    "night_export": N_("Xuất dữ liệu ban đêm"),
    "refusals": N_("Bị từ chối nhiều lần"),
    "many_people": N_("Một hồ sơ, nhiều người xem"),
    "glass": N_("Mở khẩn cấp một hồ sơ ngoài phần việc"),
    "copied_passkey": N_("Khóa đăng nhập có thể đã bị sao chép"),
}
_ODD_HOW = {
    "many_files": N_(
        "%(n)s hồ sơ khác nhau trong một giờ; ít nhất gấp ba lần giờ bận nhất của chính người đó trong "
        "bốn tuần."
    ),
    "own_place": N_("%(n)s lần xem ca ở một xã đã ghi cho người này."),
    "night_export": N_("%(n)s lần xuất từ 22 giờ đến 6 giờ."),
    "refusals": N_("%(n)s lần bị từ chối trong một giờ."),
    "many_people": N_("%(n)s người xem trong một ngày."),
    "glass": N_("Người này nêu lý do và tự mở; lãnh đạo trung tâm của hồ sơ đã được báo."),
    "copied_passkey": N_(
        "Số lần dùng của khóa chạy lùi (%(n)s lần): có thể có bản sao. Lần đó không vào được; hãy gặp "
        "người ấy và xóa khóa."
    ),
}
_EMERGENCIES = {
    "child_in_danger": N_("Trẻ đang gặp nguy hiểm, phải xử lý ngay"),
    "calls_again": N_("Người đã gọi về hồ sơ này đang gọi lại"),
    "nobody_reached": N_("Không liên lạc được với người phụ trách"),
    "authority_asks": N_("Công an, bệnh viện hoặc địa phương cần biết ngay"),
}
_PURPOSES = {
    "report": N_("Báo cáo cấp trên"),
    "oversight": N_("Theo dõi việc xử lý ca"),
    "cooperation": N_("Phối hợp với cơ quan khác về các ca này"),
    "subject_asked": N_("Người có dữ liệu yêu cầu"),
    "repair": N_("Tìm hoặc sửa sai sót trong dữ liệu"),
}
_OUTCOMES = {
    "explained": N_("Có lý do, không cần làm gì thêm"),
    "asked": N_("Đã hỏi người đó hoặc lãnh đạo"),
    "reported": N_("Đã báo cáo vi phạm"),
}
_PROBLEMS = {
    "who": N_("Không có ai với tên đăng nhập này."),
    "unit": N_("Không thấy xã nào như vậy; chọn một xã hiện nay."),
    "object": N_("Cần cả loại và số của hồ sơ."),
}
_FAULTS = {
    "row_changed": N_("dòng bị sửa"),
    "row_missing": N_("dòng bị xóa"),
    "row_foreign": N_("dòng bị chèn vào"),
    "rows_differ": N_("khối không khớp với các dòng của nó"),
    "block_missing": N_("mất khối"),
    "block_order": N_("khối không nối với khối trước"),
    "block_forged": N_("khối bị sửa hoặc làm giả"),
    "cut_off": N_("mất phần mới nhất"),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "act": ACTS,
    "thing": THINGS | _OWN_THINGS,
    "odd": _ODD,
    "odd_how": _ODD_HOW,
    "emergency": _EMERGENCIES,
    "stated_reason": _EMERGENCIES | _PURPOSES,
    "audit_outcome": _OUTCOMES,
    "audit_problem": _PROBLEMS,
    "audit_fault": _FAULTS,
}
