"""Words of anti-trafficking cases: their form, their referrals, their figures."""

from collections.abc import Mapping

from dashboard import record_words
from dashboard.i18n import N_

_UNKNOWN = N_("Chưa rõ")
_YES_NO = {"yes": N_("Có"), "no": N_("Không"), "unknown": _UNKNOWN}
_PURPOSES = {
    "sexual": N_("Bóc lột tình dục"),
    "labor": N_("Cưỡng bức lao động"),
    "marriage": N_("Ép kết hôn"),
    "adoption": N_("Đưa cho người khác làm con"),
    "surrogacy": N_("Đẻ thuê, mang thai hộ"),
    "organs": N_("Lấy bộ phận cơ thể"),
    "begging": N_("Ăn xin, bán hàng rong"),
    "online_fraud": N_("Ép lừa đảo trên mạng"),
    "other_purpose": N_("Mục đích khác"),
    "unknown": _UNKNOWN,
}
_DESTINATIONS = {
    "inside": N_("Trong nước"),
    "outside": N_("Ngoài nước"),
    "unknown": _UNKNOWN,
}
_HELP = {
    "information": N_("Hỏi đáp thông tin"),
    "counseling": N_("Tư vấn"),
    "referral": N_("Chuyển tuyến"),
}
_TELLERS = {
    "victim": N_("Nạn nhân"),
    "relative": N_("Thân nhân"),
    "citizen": N_("Người dân"),
    "official": N_("Cán bộ"),
}
FORM: Mapping[str, Mapping[str, str]] = {
    "form.told_by": _TELLERS,
    "form.help": _HELP,
    "form.recruiter_relation": {
        "partner": N_("Vợ, chồng, người yêu"),
        "relative": N_("Cha mẹ, họ hàng"),
        "acquaintance": N_("Người quen"),
        "online": N_("Chỉ quen qua mạng"),
        "broker": N_("Môi giới, công ty"),
        "stranger": N_("Người lạ"),
        "unknown": _UNKNOWN,
    },
    "form.destination": _DESTINATIONS,
    "form.purpose": _PURPOSES,
    "form.papers_taken": _YES_NO,
    "form.held": {
        "lured": N_("Bị rủ rê, chưa đi"),
        "on_the_way": N_("Trên đường bị đưa đi"),
        "held": N_("Còn bị giữ"),
        "escaped": N_("Đã tự thoát"),
        "rescued": N_("Đã được giải cứu"),
        "returned": N_("Đã trở về"),
        "unknown": _UNKNOWN,
    },
    "form.danger_now": _YES_NO,
    "form.agrees": {
        "agrees": N_("Đồng ý"),
        "agrees_not": N_("Không đồng ý"),
        "not_asked": N_("Chưa hỏi được"),
    },
}
_BODIES = {
    "police": N_("Công an"),
    "border_guard": N_("Bộ đội biên phòng"),
    "diplomatic": N_("Cơ quan đại diện ngoại giao"),
    "labor": N_("Cơ quan lao động, xã hội"),
    "ngo": N_("Tổ chức phi chính phủ"),
    "other": N_("Nơi khác"),
}
_OUTCOMES = {
    "waiting": N_("Chưa có kết quả"),
    "taken_up": N_("Đã vào cuộc"),
    "rescued": N_("Đã giải cứu"),
    "returned": N_("Đã trở về"),
    "supported": N_("Đã được hỗ trợ"),
    "not_found": N_("Không tìm thấy"),
    "declined": N_("Không nhận"),
    "mistake": N_("Ghi nhầm, không có lần chuyển này"),
}
OF_PARTS: Mapping[str, str] = {
    "calls": "trafficking_calls",
    "contacts": "contact",
    "tellers": "teller",
    "sexes": "victim_sex",
    "ages": "age_band",
    "peoples": "people",
    "purposes": "purpose",
    "destinations": "destination",
    "referrals": "victim_body",
    "outcomes": "victim_outcome",
}
"""Part of the figures → the kind of its codes."""
KINDS: Mapping[str, Mapping[str, str]] = {
    "trafficking_part": {
        "calls": N_("Cuộc gọi đến đường dây"),
        "contacts": N_("Lượt tiếp nhận"),
        "tellers": N_("Ai gọi"),
        "cases": N_("Ca mở"),
        "sexes": N_("Nạn nhân theo giới"),
        "ages": N_("Nạn nhân theo tuổi"),
        "peoples": N_("Nạn nhân theo dân tộc"),
        "purposes": N_("Mục đích bóc lột"),
        "destinations": N_("Nơi đến"),
        "referrals": N_("Lần chuyển tuyến theo nơi nhận"),
        "outcomes": N_("Kết quả chuyển tuyến"),
    },
    "trafficking_meant": {
        "calls": N_("Cuộc gọi đến đường dây phòng, chống mua bán người, theo lúc gọi đến."),
        "contacts": N_(
            "Mỗi phiếu một lượt, theo ngày lập phiếu: cuộc gọi qua đường dây này, hoặc vấn đề chính là "
            "mua bán. Chuyển tuyến: ca của phiếu đã có lần chuyển; ca chưa chuyển tính là tư vấn; cảm "
            "ơn tính là thông tin."
        ),
        "tellers": N_(
            "Trong các lượt hỗ trợ. Trẻ tự gọi và nạn nhân đã lớn là nạn nhân; cha mẹ, người thân là "
            "thân nhân; thầy cô, hàng xóm, người khác là người dân."
        ),
        "cases": N_("Ca mua bán người mở trong kỳ. Ca gộp tính một."),
        "sexes": N_(
            "Nạn nhân của các ca mở trong kỳ, mỗi người một lần dù nhiều phiếu kể. Ca gộp tính một."
        ),
        "ages": N_(
            "Tuổi lúc tiếp nhận, theo ngày sinh hoặc ước lượng. Nhóm tuổi như Tổng đài đã công bố cho "
            "người gọi."
        ),
        "peoples": N_("Như phiếu ghi."),
        "purposes": N_("Theo phiếu nạn nhân mới nhất; cách chia là của Tổng đài."),
        "destinations": N_("Theo phiếu nạn nhân mới nhất."),
        "referrals": N_("Lần chuyển trong kỳ, trừ lần ghi nhầm; một ca có thể chuyển nhiều nơi."),
        "outcomes": N_("Của các lần chuyển ấy, như biết đến nay."),
    },
    "trafficking_calls": {"answered": N_("Đã nghe máy")},
    "victim_body": _BODIES,
    "victim_outcome": _OUTCOMES,
    "contact": {
        **_HELP,
        "empty": N_("Không có nội dung"),
        "open": N_("Đang viết phiếu"),
        "helped": N_("Lượt hỗ trợ"),
    },
    "teller": {**_TELLERS, "unknown": _UNKNOWN},
    "victim_sex": record_words.KINDS["sex"],
    "age_band": {
        "to_10": N_("0–10 tuổi"),
        "to_14": N_("11–14 tuổi"),
        "to_18": N_("15–18 tuổi"),
        "to_25": N_("19–25 tuổi"),
        "to_40": N_("26–40 tuổi"),
        "over_40": N_("Trên 40 tuổi"),
        "unknown": _UNKNOWN,
    },
    "people": {"kinh": N_("Kinh"), "minority": N_("Dân tộc thiểu số"), "unknown": _UNKNOWN},
    "purpose": _PURPOSES,
    "destination": _DESTINATIONS,
    "period": {
        "this_month": N_("Tháng này"),
        "last_month": N_("Tháng trước"),
        "this_year": N_("Năm nay"),
        "last_year": N_("Năm trước"),
    },
}
