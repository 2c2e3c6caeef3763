"""Words for the house's own reports: their states, levels, problems, and their e-mails."""

from collections.abc import Mapping

from dashboard.i18n import N_

KINDS: Mapping[str, Mapping[str, str]] = {
    "report_kind": {
        "monthly": N_("Báo cáo tháng"),
        "quarterly": N_("Báo cáo quý"),
        "annual": N_("Báo cáo năm"),
        "span": N_("Báo cáo theo ngày"),
    },
    "report_level": {
        "public": N_("Công khai"),
        "internal": N_("Lưu hành nội bộ"),
        "strict": N_("Chỉ người có tên"),
    },
    "report_state": {
        "ordered": N_("Đang đếm số liệu"),
        "drafted": N_("Dự thảo, chờ ký"),
        "returned": N_("Trả lại, không ký"),
        "signed": N_("Đã ký, đang in"),
        "issued": N_("Đã ban hành"),
        "withdrawn": N_("Đã thu hồi"),
        "failed": N_("Không lập được"),
    },
    "report_file": {
        "draft": N_("Dự thảo, PDF"),
        "pdf": N_("PDF"),
        "docx": N_("DOCX"),
    },
    "report_reason": {
        "nothing": N_("Không có số liệu nào trong những ngày này."),
        "not_made": N_("Máy gặp lỗi khi lập; hãy làm lại."),
    },
    "report_problem": {
        "missing": N_("Cần điền mục này."),
        "too_long": N_("Dài quá."),
        "not_a_time": N_("Cần hai ngày, ngày sau không trước ngày đầu."),
        "not_over": N_("Kỳ này chưa kết thúc."),
        "same_person": N_("Người soạn không tự ký được: cần một người khác."),
        "not_named": N_(
            "Chỉ người được nêu tên ký được; người soạn và người ký trả lại hoặc thu hồi được."
        ),
        "digest": N_("Trang này cũ rồi; hãy xem lại dự thảo trước khi ký."),
        "state": N_("Báo cáo này vừa được xử lý; hãy xem lại."),
    },
}
