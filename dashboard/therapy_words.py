"""Words of the therapy unit."""

from collections.abc import Mapping

from dashboard.i18n import N_

KINDS: Mapping[str, Mapping[str, str]] = {
    "therapy_part": {
        "assessments": N_("Đánh giá"),
        "sessions": N_("Buổi trị liệu"),
        "children": N_("Trẻ"),
        "free": N_("Miễn phí"),
        "missed": N_("Không đến"),
        "canceled": N_("Đã hủy"),
    },
    "therapy_meant": {
        "therapy": N_(
            "Đánh giá, buổi trị liệu: những lần đã diễn ra, theo ngày bắt đầu. Trẻ: có ít nhất một lần "
            "diễn ra trong tháng, mỗi trẻ một lần; cả năm cũng mỗi trẻ một lần, nên không bằng tổng các "
            "tháng. Miễn phí: trong số ấy, nạn nhân bạo lực, xâm hại, mua bán và hộ nghèo."
        ),
    },
    "therapy_standing": {
        "waiting": N_("Chờ đơn vị trị liệu nhận"),
        "accepted": N_("Đang trị liệu"),
        "refused": N_("Đơn vị trị liệu không nhận"),
        "ended": N_("Đã kết thúc trị liệu"),
    },
    "therapy_deed": {
        "referred": N_("Giới thiệu trẻ đến đơn vị trị liệu"),
        "accepted": N_("Đơn vị trị liệu đã nhận"),
        "refused": N_("Đơn vị trị liệu không nhận"),
        "ended": N_("Kết thúc trị liệu"),
        "conclusion": N_("Kết luận của chuyên viên trị liệu"),
    },
    "charge": {
        "free_victim": N_("Miễn phí: nạn nhân bạo lực, xâm hại, mua bán"),
        "free_poor": N_("Miễn phí: hộ nghèo"),
        "paid": N_("Có thu phí"),
    },
    "meeting_kind": {"assessment": N_("Đánh giá"), "session": N_("Buổi trị liệu")},
    "meeting_way": {
        "in_person": N_("Gặp trực tiếp"),
        "phone": N_("Qua điện thoại"),
        "online": N_("Trực tuyến"),
    },
    "meeting_state": {
        "planned": N_("Đã hẹn"),
        "held": N_("Đã diễn ra"),
        "missed": N_("Trẻ không đến"),
        "canceled": N_("Đã hủy"),
    },
    "owed": {
        "untold": N_("Đã qua giờ: có diễn ra không?"),
        "unwritten": N_("Đã diễn ra, chưa ghi nội dung"),
        "no_new_date": N_("Lỡ hẹn, chưa hẹn lại"),
        "no_meeting": N_("Đã nhận, chưa hẹn buổi nào"),
    },
    "therapy_problem": {
        "missing": N_("Cần điền mục này."),
        "too_long": N_("Đoạn này dài quá mức ghi được; hãy rút ngắn lại."),
        "not_a_number": N_("Từ 15 đến 240 phút."),
        "overlaps": N_("Trùng giờ với một buổi khác."),
        "not_a_time": N_("Cần ngày và giờ."),
        "not_yet": N_("Buổi này chưa bắt đầu."),
        "told": N_("Buổi này đã có nội dung hoặc đã hủy nên không ghi khác được."),
        "not_held": N_("Chỉ ghi nội dung khi buổi đã diễn ra: hãy ghi là đã diễn ra trước."),
        "corrected": N_("Đoạn này vừa được đính chính; hãy xem bản mới rồi ghi lại."),
        "referred": N_("Trẻ này đang ở đơn vị trị liệu rồi."),
    },
}
