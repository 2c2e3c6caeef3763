"""Words for extracts for research, and for the columns that they may have."""

from collections.abc import Mapping

from dashboard.i18n import N_

KINDS: Mapping[str, Mapping[str, str]] = {
    "research_state": {
        "asked": N_("Chờ người thứ hai cho phép"),
        "refused": N_("Không cho phép"),
        "approved": N_("Đã cho phép, đang làm"),
        "made": N_("Tải được trong 14 ngày"),
        "over": N_("Hết hạn tải, tệp đã xóa"),
    },
    "research_column": {
        "record": N_("Mã thay cho phiếu"),
        "case": N_("Mã thay cho ca; phiếu cùng ca có cùng mã"),
        "month": N_("Tháng tiếp nhận"),
        "way": N_("Kênh tiếp nhận"),
        "disposition": N_("Kết quả phiếu"),
        "caller_type": N_("Người gọi là ai"),
        "problem": N_("Vấn đề chính"),
        "chi": N_("Nhóm của Child Helpline International, suy từ vấn đề"),
        "online": N_("Trên môi trường mạng"),
        "risk": N_("Mức nguy cơ khi tiếp nhận"),
        "province": N_("Tỉnh, thành phố nơi xảy ra, theo đơn vị hiện nay"),
        "children": N_("Số trẻ trong phiếu"),
        "age": N_("Nhóm tuổi của trẻ thứ nhất"),
        "sex": N_("Giới của trẻ thứ nhất"),
        "relation": N_("Người bị cho là gây hại thứ nhất là ai với trẻ"),
    },
    "research_flag": {"yes": N_("Có")},
    "research_children": {
        "none": N_("không rõ trẻ nào"),
        "one": N_("một trẻ"),
        "several": N_("nhiều trẻ"),
    },
    "research_age": {
        "to_5": N_("0–5 tuổi"),
        "to_9": N_("6–9 tuổi"),
        "to_12": N_("10–12 tuổi"),
        "to_15": N_("13–15 tuổi"),
        "to_17": N_("16–17 tuổi"),
        "adult": N_("từ 18 tuổi"),
    },
    "research_problem": {
        "missing": N_("Cần điền mục này."),
        "too_long": N_("Dài quá: nhiều nhất hai năm, hoặc hãy rút ngắn lời."),
        "not_a_time": N_("Cần hai ngày, ngày sau không sau hôm nay."),
        "same_person": N_("Người xin không tự cho phép được: cần một người khác."),
        "state": N_("Yêu cầu này vừa được người khác xử lý; hãy xem lại."),
    },
}
