"""Words for accounts: where they stand, and what is wrong with what was typed about them."""

from collections.abc import Mapping

from dashboard import passwords
from dashboard.i18n import N_

_STANDINGS = {
    "active": N_("đang dùng"),
    "invited": N_("đã mời, chưa vào"),
    "locked": N_("chưa có mật khẩu, cần mời lại"),
    "left": N_("đã nghỉ"),
}
_ERRORS = {
    "login_shape": N_("Chữ thường không dấu, số, dấu chấm hay gạch: như tv07."),
    "login_taken": N_("Tên đăng nhập này đã có người dùng."),
    "name_missing": N_("Cần họ tên."),
    "name_too_long": N_("Họ tên nhiều nhất 120 chữ."),
    "center_not_a_choice": N_("Hãy chọn một trung tâm."),
    "phone_missing": N_("Người nghe máy cần một máy nhánh, như hn07."),
    "phone_shape": N_("Máy nhánh gồm hai chữ của trung tâm và hai số, như hn07."),
    "phone_not_theirs": N_("Vai trò này không có máy nhánh: hãy để trống."),
    "phone_taken": N_("Máy nhánh này đang của người khác."),
    "unit_missing": N_("Cán bộ xã, tỉnh cần một đơn vị hiện nay."),
    "unit_wrong_level": N_("Cán bộ xã cần một xã, cán bộ Sở cần một tỉnh, theo đơn vị hiện nay."),
    "unit_not_theirs": N_("Vai trò này không thuộc xã, tỉnh nào: hãy để trống."),
    "email_shape": N_("Địa chỉ thư chưa đúng."),
    "languages_not_a_choice": N_("Hãy chọn trong danh sách."),
    "skills_not_a_choice": N_("Hãy chọn trong danh sách."),
    "password_too_short": N_("Cần ít nhất 12 ký tự. Một câu ngắn dễ nhớ là tốt nhất."),
    "password_too_long": N_("Nhiều nhất 256 ký tự."),
    "password_about_you": N_("Đừng dùng tên hay tên đăng nhập của mình."),
    "password_about_us": N_("Đừng dùng tên tổng đài hay số 111."),
    "password_common": N_("Mật khẩu này dễ đoán. Hãy ghép vài từ không liên quan với nhau."),
    "password_breached": N_("Mật khẩu này đã lộ ở nơi khác. Hãy chọn một mật khẩu chưa dùng ở đâu."),
    "known_by_missing": N_("Cần ghi đã biết đúng người bằng cách nào. Chưa có gì thay đổi."),
    "old_wrong": N_("Mật khẩu đang dùng chưa đúng."),
    "old_wait": passwords.WAIT,
    "again_differs": N_("Hai lần nhập chưa giống nhau."),
}
_KNOWN_BY = {
    "in_person": N_("Gặp trực tiếp"),
    "video": N_("Gọi video, thấy mặt"),
    "vouched": N_("Cấp trên hoặc cơ quan của người này xác nhận"),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "standing": _STANDINGS,
    "account_error": _ERRORS,
    "known_by": _KNOWN_BY,
}
