"""Words of the yearly figures for Child Helpline International (`intake.statistics.chi`)."""

from collections.abc import Mapping

from dashboard.i18n import N_

KINDS: Mapping[str, Mapping[str, str]] = {
    "chi_table": {
        "contacts": N_("Lượt liên hệ"),
        "counseling": N_("Lượt tư vấn"),
        "no_counseling": N_("Lượt không phải tư vấn"),
        "nothing_told": N_("Loại cuộc gọi, không nói gì"),
        "method": N_("Cách liên hệ"),
        "reasons": N_("Lý do liên hệ"),
        "by_sex": N_("Lý do liên hệ theo giới tính của trẻ"),
        "by_age": N_("Lý do liên hệ theo tuổi của trẻ"),
    },
    "chi_sub": {
        "sexual_violence": N_("Bạo lực tình dục"),
        "online_sexual_abuse": N_("Xâm hại tình dục trên mạng"),
        "neglect": N_("Sao nhãng, bỏ mặc"),
        "child_trafficking": N_("Mua bán trẻ em"),
        "missing_child": N_("Trẻ lạc hoặc không biết ở đâu"),
        "legal": N_("Dịch vụ, tư vấn pháp luật"),
        "socio_economic": N_("Dịch vụ kinh tế, xã hội"),
        "teacher_school": N_("Vấn đề với thầy cô, trường học"),
        "general_medical": N_("Y tế, lối sống nói chung"),
        "parents_ask": N_("Câu hỏi của cha mẹ"),
        "thanks": N_("Cảm ơn đã giúp"),
        "unspecified": N_("Không nói rõ, khác"),
    },
    "chi_call_type": {
        "silent": N_("Im lặng (CHI)"),
        "joke": N_("Trêu đùa (CHI)"),
        "wrong_number": N_("Nhầm số (CHI)"),
        "blank": N_("Gọi thử (CHI)"),
        "hang_up": N_("Gác máy (CHI)"),
        "abusive": N_("Xúc phạm (CHI)"),
    },
    "chi_method": {
        "phone": N_("Điện thoại (CHI)"),
        "online": N_("Qua mạng (CHI)"),
        "letter": N_("Thư (CHI)"),
        "in_person": N_("Trực tiếp (CHI)"),
        "other": N_("Cách khác (CHI)"),
    },
}
