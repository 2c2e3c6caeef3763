"""Codes of the roster into words."""

from collections.abc import Mapping

from dashboard.i18n import N_

BREACHES = {
    "rest": N_("Nghỉ chưa đủ 12 giờ giữa hai ca"),
    "week": N_("Quá 48 giờ trong tuần"),
    "row": N_("Quá sáu ngày liền không nghỉ"),
}
PROBLEMS = {
    "conflict": N_("Có người vừa sửa ngày này. Bảng đã hiện lịch mới, chưa ghi thay đổi của bạn."),
    "closed": N_("Ca đã qua hơn bảy ngày, không sửa được nữa."),
    "twice": N_("Một người không thể hai lần cùng một ca."),
    "cell": N_("Ô này chưa đúng: S, C hay Đ, thêm + (tăng cường), ~ (đổi ca), ! (ốm)."),
    "strength": N_("Chưa ghi được: số ít nhất không lớn hơn số cần."),
    "swap": N_("Không đổi được: ca đã bắt đầu, đã đổi chủ, hoặc người kia đã trực ca đó."),
    "swap_gone": N_("Lời xin đổi ca này không còn, hoặc lịch đã thay đổi. Chưa ghi gì."),
}
TOLD = {
    "planned": N_("Đã xếp xong."),
    "imported": N_("Đã nhận tệp."),
    "template": N_("Đã ghi quân số mẫu."),
    "swap": N_("Đã ghi."),
}
SHEET = {
    "cell": N_("không đọc được: S, C hay Đ, thêm + (tăng cường), ~ (đổi ca), ! (ốm)"),
    "closed": N_("ca đã qua hơn bảy ngày, không sửa được nữa"),
    "day": N_("không phải một ngày của tháng này, hoặc có hai lần"),
    "login": N_("không có tư vấn viên này ở trung tâm"),
    "twice": N_("người này có hai dòng"),
    "no_login": N_("dòng có ca trực nhưng không có mã người"),
    "no_sheet": N_("Đây không phải tệp Excel (.xlsx)."),
    "too_large": N_("Tệp quá lớn."),
}
SWAPS = {
    "asked": N_("đang hỏi đồng nghiệp"),
    "agreed": N_("hai bên đồng ý, chờ trưởng ca duyệt"),
    "approved": N_("đã duyệt"),
    "refused": N_("không được nhận"),
    "withdrawn": N_("đã thôi"),
}
BREAKS = {
    "meal": N_("ăn"),
    "rest": N_("nghỉ ngơi"),
    "hard_call": N_("sau cuộc gọi nặng"),
    "meeting": N_("họp"),
    "pause": N_("nghỉ một lúc"),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "breach": BREACHES,
    "roster_problem": PROBLEMS,
    "roster_told": TOLD,
    "sheet": SHEET,
    "swap": SWAPS,
    "break_why": BREAKS,
}
