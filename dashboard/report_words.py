"""What a report's tables and rows are called, and what each counts."""

from collections.abc import Mapping

from dashboard.i18n import N_

_TABLES = {
    "calls": N_("Cuộc gọi đến đường dây trẻ em"),
    "service": N_("Tỷ lệ đã nghe và mức phục vụ"),
    "waits": N_("Thời gian chờ được nghe máy"),
    "months": N_("Cuộc gọi theo tháng"),
    "weekdays": N_("Cuộc gọi theo thứ trong tuần"),
    "hours": N_("Cuộc gọi theo giờ"),
    "closed": N_("Cuộc gọi đã nghe máy, theo kết quả"),
    "ways": N_("Tư vấn, theo kênh tiếp nhận"),
    "letters": N_("Công văn đến, chưa thành ca"),
    "kinds": N_("Tư vấn, theo mức độ"),
    "callers": N_("Tư vấn, theo người liên hệ"),
    "counseled": N_("Tư vấn chuyên sâu, theo vấn đề"),
    "children_sex": N_("Trẻ em được nhắc đến, theo giới tính"),
    "children_age": N_("Trẻ em được nhắc đến, theo tuổi"),
    "children_people": N_("Trẻ em được nhắc đến, theo dân tộc"),
    "provinces": N_("Tư vấn, theo tỉnh, thành phố hiện nay"),
    "old_provinces": N_("Tư vấn, theo tỉnh, thành phố trước 1/7/2025"),
    "centers": N_("Tư vấn, theo trung tâm"),
    "cases": N_("Ca hỗ trợ, can thiệp, theo vấn đề"),
    "case_ways": N_("Ca hỗ trợ, can thiệp, theo kênh tiếp nhận"),
    "case_states": N_("Ca hỗ trợ, can thiệp, theo tình trạng hiện nay"),
    "case_children": N_("Số ca và số trẻ em"),
    "case_children_states": N_("Trẻ em của các ca, theo tình trạng ca"),
    "steps": N_("Bước đã xong của các ca"),
    "steps_late": N_("Bước quá hạn"),
    "steps_in_time": N_("Bước đúng hạn"),
    "step_medians": N_("Thời gian của mỗi bước, trung vị"),
    "step_p90s": N_("Thời gian của mỗi bước, chín phần mười không quá"),
    "handovers": N_("Ca chuyển đến xã, theo kết quả"),
    "handover_medians": N_("Thời gian chờ xã trả lời, trung vị"),
    "handover_p90s": N_("Thời gian chờ xã trả lời, chín phần mười không quá"),
    "load_calls": N_("Cuộc gọi mỗi giờ của một tư vấn viên"),
    "load_talk": N_("Thời gian nói chuyện mỗi cuộc"),
    "load_wrap_up": N_("Thời gian hoàn tất phiếu mỗi cuộc"),
    "referrals": N_("Nạn nhân mua bán được chuyển, theo cơ quan nhận"),
    "trafficking": N_("Đường dây phòng, chống mua bán người"),
    "therapy": N_("Trị liệu tâm lý"),
}
_MEANT = {
    "calls": N_(
        "Cuộc gọi từ bên ngoài đã kết thúc, tính theo lúc gọi đến; không tính cuộc gọi ra và cuộc gọi "
        "nội bộ. Đã nghe: có người nói chuyện với người gọi."
    ),
    "months": N_("Theo lúc gọi đến, giờ Hà Nội."),
    "service": N_(
        "Trên mọi cuộc gọi đến đã kết thúc, kể cả cuộc gác máy ngay. Mức phục vụ: đã nghe trong số giây "
        "quy định của Tổng đài, tính từ lúc gọi đến."
    ),
    "waits": N_("Của các cuộc đã nghe, từ lúc gọi đến, kể cả lời chào."),
    "weekdays": N_("Theo lúc gọi đến, giờ Hà Nội."),
    "hours": N_("Theo lúc gọi đến, giờ Hà Nội."),
    "closed": N_(
        "Phiếu của các cuộc đã nghe, theo cách đóng phiếu. Phiếu chưa đóng là phần chênh lệch."
    ),
    "ways": N_(
        "Phiếu đóng là hỏi đáp, tư vấn chuyên sâu hoặc chuyển thành ca. Công văn chỉ tính khi đã thành"
        " ca."
    ),
    "letters": N_("Đếm riêng, không nằm trong số tư vấn."),
    "kinds": N_("Tổng là số tư vấn; can thiệp là tư vấn đã chuyển thành ca."),
    "callers": N_("Người liên hệ là ai so với trẻ, theo phiếu."),
    "counseled": N_("Vấn đề chính của phiếu tư vấn chuyên sâu không thành ca."),
    "children_sex": N_("Mỗi trẻ của mỗi phiếu tư vấn. Số nhỏ hơn 5 được giấu."),
    "children_age": N_("Tuổi tròn vào ngày kể, theo ngày sinh hoặc ước lượng. Số nhỏ hơn 5 được giấu."),
    "children_people": N_("Như phiếu ghi. Số nhỏ hơn 5 được giấu."),
    "provinces": N_(
        "Nơi xảy ra ghi trong phiếu; đơn vị cũ quy về tỉnh hiện nay. Không ghi nơi là phần chênh lệch."
        " Số nhỏ hơn 5 được giấu."
    ),
    "old_provinces": N_("Chỉ các phiếu ghi đơn vị trước sắp xếp. Số nhỏ hơn 5 được giấu."),
    "centers": N_("Trung tâm của tư vấn viên giữ phiếu."),
    "cases": N_(
        "Ca tiếp nhận trong kỳ, trừ ca của đường dây phòng, chống mua bán người và ca đã gộp; theo"
        " vấn đề chính của phiếu đầu tiên. Ca chưa ghi vấn đề là phần chênh lệch."
    ),
    "case_ways": N_("Kênh của phiếu đầu tiên."),
    "case_states": N_("Tình trạng lúc lập báo cáo."),
    "case_children": N_("Một ca có thể có nhiều trẻ; mỗi trẻ tính một lần trong một ca."),
    "case_children_states": N_("Tình trạng lúc lập báo cáo; mỗi trẻ tính một lần trong một ca."),
    "steps": N_(
        "Của các ca tiếp nhận trong kỳ, đến lúc lập báo cáo; một ca có thể qua một bước nhiều lần."
    ),
    "steps_late": N_(
        "Bước xong sau hạn, hoặc đang chờ mà đã quá hạn. Hạn: báo xã 30 phút, đánh giá và bảo vệ khẩn "
        "cấp 12 giờ từ lúc tiếp nhận, xác minh 3, kế hoạch 5, phê duyệt 2, rà soát 5 ngày làm việc, "
        "thực hiện 30 ngày (NĐ 56/2017 và quy định chung của Tổng đài; không tính hạn riêng của từng "
        "nơi)."
    ),
    "steps_in_time": N_(
        "Số bước xong trong hạn trên số bước đã xong hoặc đã quá hạn; hạn như bảng trên."
    ),
    "step_medians": N_(
        "Từ lúc bước trước xong, riêng đánh giá và bảo vệ khẩn cấp từ lúc tiếp nhận. Dưới 5 bước thì "
        "không nêu."
    ),
    "step_p90s": N_("Tính như bảng trên: chín phần mười số bước xong trong thời gian này."),
    "handovers": N_("Các lần chuyển trong kỳ, theo tình trạng lúc lập báo cáo."),
    "handover_medians": N_(
        "Từ lúc chuyển đến lúc xã nhận hoặc từ chối, của các lần chuyển trong kỳ. Dưới 5 lần thì không "
        "nêu."
    ),
    "handover_p90s": N_("Tính như bảng trên: chín phần mười số lần được trả lời trong thời gian này."),
    "load_calls": N_(
        "Số cuộc đã nghe trên số giờ có nghe máy (theo giờ cuộc gọi đến), của mỗi tư vấn viên; không "
        "nêu tên, dưới 5 người thì không nêu."
    ),
    "load_talk": N_("Trung bình của mỗi tư vấn viên; chia bốn phần bằng nhau, không nêu tên."),
    "load_wrap_up": N_(
        "Từ lúc hết cuộc gọi đến lúc đóng phiếu, không quá thời gian Tổng đài dành cho việc này; trung "
        "bình của mỗi tư vấn viên."
    ),
    "referrals": N_("Lần chuyển trong kỳ, trừ lần ghi nhầm; một ca có thể chuyển nhiều nơi."),
    "trafficking": N_(
        "Phiếu của đường dây phòng, chống mua bán người hoặc có vấn đề chính là mua bán; chuyển tuyến:"
        " nạn nhân đã được chuyển đến cơ quan tiếp nhận."
    ),
    "therapy": N_("Buổi đã diễn ra trong kỳ. Miễn phí: trẻ không phải trả tiền."),
}
_BEHIND = {
    "permille": N_("Tỷ lệ là số dòng đạt trên mọi dòng sau đây; dòng nào đạt thì có đánh dấu."),
    "seconds": N_("Thời gian đo được của từng dòng sau đây, dài nhất trước."),
    "tenths": N_("Tính từ mọi cuộc gọi sau đây, của tất cả tư vấn viên; không nêu của ai."),
}
_CALLS = {
    "answered": N_("Đã nghe"),
    "abandoned": N_("Gác máy trước khi được nghe"),
    "left_word": N_("Để lại lời nhắn hoặc xin gọi lại"),
    "unserved": N_("Không phục vụ được"),
}
_KINDS = {
    "information": N_("Hỏi đáp thông tin"),
    "counseling": N_("Tư vấn chuyên sâu"),
    "escalated": N_("Hỗ trợ, can thiệp"),
}
_TRAFFICKING = {
    "information": N_("Cung cấp thông tin"),
    "counseling": N_("Tư vấn"),
    "referral": N_("Chuyển tuyến giải cứu, hỗ trợ nạn nhân"),
}
_AGES = {
    "0-3": N_("0 đến 3 tuổi"),
    "4-6": N_("4 đến 6 tuổi"),
    "7-10": N_("7 đến 10 tuổi"),
    "11-14": N_("11 đến 14 tuổi"),
    "15-17": N_("15 đến 17 tuổi"),
}
_SERVICE = {
    "answer_rate": N_("Đã nghe"),
    "service_level": N_("Mức phục vụ"),
    "speed_of_answer": N_("Trung bình"),
    "longest_answer": N_("Lâu nhất"),
}
_QUARTILES = {
    "p25": N_("Một phần tư không quá"),
    "p50": N_("Một nửa không quá"),
    "p75": N_("Ba phần tư không quá"),
}
_CHILDREN = {"cases": N_("Số ca"), "children": N_("Số trẻ em")}
_THERAPY = {
    "assessments": N_("Lượt đánh giá"),
    "sessions": N_("Lượt trị liệu"),
    "treated": N_("Trẻ được trị liệu"),
    "free": N_("Trẻ được miễn phí"),
}
_COLUMNS = {
    "row": N_("Nội dung"),
    "now": N_("Kỳ này"),
    "before": N_("Kỳ trước"),
    "year_before": N_("Cùng kỳ năm trước"),
    "growth": N_("Tăng, giảm so với năm trước"),
    "total": N_("Tổng số"),
    "missing": N_("Chênh lệch giữa tổng số và các dòng trên"),
}
_CHAPTERS = {
    "calls": N_("Cuộc gọi"),
    "consultations": N_("Tư vấn"),
    "cases": N_("Ca hỗ trợ, can thiệp"),
    "steps": N_("Các bước và thời hạn"),
    "network": N_("Chuyển đến địa phương"),
    "load": N_("Tải công việc"),
    "special": N_("Mua bán người và trị liệu"),
}
_PERIODS = {
    "month": N_("Tháng"),
    "quarter": N_("Quý"),
    "year": N_("Năm"),
    "days": N_("Khoảng ngày"),
}
_UNITS = {
    "seconds": N_("giây"),
    "permille": N_("phần nghìn"),
    "tenths": N_("phần mười"),
}
_WRONG = {
    "kind": N_("Chọn tháng, quý, năm hoặc khoảng ngày."),
    "year": N_("Năm từ 2004 đến 2100."),
    "month": N_("Tháng từ 1 đến 12."),
    "quarter": N_("Quý từ 1 đến 4."),
    "first": N_("Ghi ngày đầu, từ năm 2004."),
    "last": N_("Ghi ngày cuối, không trước ngày đầu."),
}
_FORMATS = {
    "docx": N_("Văn bản (DOCX)"),
    "pdf": N_("Văn bản (PDF)"),
    "xlsx": N_("Bảng tính (XLSX)"),
    "json": N_("Cho máy đọc (JSON)"),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "report_table": _TABLES,
    "report_meant": _MEANT,
    "report_behind": _BEHIND,
    "report_calls": _CALLS,
    "report_kinds": _KINDS,
    "report_trafficking": _TRAFFICKING,
    "report_ages": _AGES,
    "report_children": _CHILDREN,
    "report_service": _SERVICE,
    "report_quartiles": _QUARTILES,
    "report_therapy": _THERAPY,
    "report_column": _COLUMNS,
    "report_chapter": _CHAPTERS,
    "report_period": _PERIODS,
    "report_unit": _UNITS,
    "report_wrong": _WRONG,
    "report_format": _FORMATS,
}
ROWS: Mapping[str, str] = {
    "calls": "report_calls",
    "closed": "disposition",
    "ways": "way",
    "letters": "way",
    "kinds": "report_kinds",
    "callers": "caller_type",
    "counseled": "problem",
    "children_sex": "sex",
    "children_age": "report_ages",
    "children_people": "people",
    "service": "report_service",
    "waits": "report_service",
    "case_children_states": "case_state",
    "steps": "step",
    "steps_late": "step",
    "steps_in_time": "step",
    "step_medians": "step",
    "step_p90s": "step",
    "handovers": "handover_state",
    "load_calls": "report_quartiles",
    "load_talk": "report_quartiles",
    "load_wrap_up": "report_quartiles",
    "referrals": "victim_body",
    "cases": "problem",
    "case_ways": "way",
    "case_states": "case_state",
    "case_children": "report_children",
    "trafficking": "report_trafficking",
    "therapy": "report_therapy",
}
"""Table → kind of its rows' codes; months, weekdays, hours, provinces and centers have none."""
