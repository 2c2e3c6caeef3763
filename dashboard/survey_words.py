"""Words for asking children what they think."""

from collections.abc import Mapping

from dashboard.i18n import N_

KINDS: Mapping[str, Mapping[str, str]] = {
    "survey_state": {
        "answered": N_("Đã trả lời"),
        "declined": N_("Không muốn"),
        "other_age": N_("Ngoài độ tuổi hỏi"),
        "full": N_("Nhóm đã đủ"),
        "begun": N_("Dở dang"),
        "stopped": N_("Dừng giữa chừng"),
    },
    "survey_over": {
        "answered": N_("Đã lưu câu trả lời, không kèm gì của cuộc gọi này."),
        "declined": N_("Trẻ không muốn. Sẽ không hỏi lại số này trong 90 ngày."),
        "other_age": N_("Đợt này không hỏi tuổi này."),
        "full": N_("Tuổi và giới này đã đủ người trả lời. Câu trả lời không được lưu."),
        "stopped": N_("Đã dừng. Không câu nào được lưu."),
    },
    "survey_hindrance": {
        "no_talk": N_("Chưa nói chuyện với người gọi."),
        "over": N_("Cuộc gọi đã kết thúc quá lâu."),
        "no_child": N_("Người gọi không phải trẻ em."),
        "in_danger": N_("Trẻ có nguy cơ: lo cho trẻ trước."),
        "cannot_speak": N_("Người gọi trả lời bằng phím: không hỏi."),
        "closed_so": N_("Cuộc gọi đã đóng theo cách không hỏi ý kiến."),
        "asked": N_("Cuộc gọi này đã được hỏi."),
        "asked_lately": N_("Số này đã được hỏi trong 90 ngày qua."),
    },
    "survey_sex": {
        "male": N_("Nam"),
        "female": N_("Nữ"),
        "untold": N_("Không nói"),
    },
    "survey_kind": {
        "one": N_("chọn một"),
        "several": N_("chọn được nhiều"),
        "scale": N_("1 đến 5"),
    },
    "survey_problem": {
        "consent": N_("Chọn trẻ có đồng ý không."),
        "age": N_("Ghi tuổi, số năm tròn."),
        "sex": N_("Chọn một."),
        "invalid": N_("Chỉ chọn được một câu trả lời."),
        "open_already": N_(
            "Đang có một đợt mở, hoặc bản này đã từng mở. Đóng đợt cũ, hay tăng version trong tệp."
        ),
    },
}
