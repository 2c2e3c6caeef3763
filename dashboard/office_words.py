"""Words for offices with a program of their own, and for the messages to them."""

from collections.abc import Mapping

from dashboard.i18n import N_

_ERRORS = {
    "name": N_("Cần tên cơ quan, nhiều nhất 120 chữ."),
    "unit": N_("Cần một xã hay tỉnh hiện nay."),
    "url": N_("Cần địa chỉ https trên mạng công cộng, không kèm tên người dùng."),
}
_EVENTS = {"handover.sent": N_("Chuyển ca đến")}
_OUTCOMES = {
    "": N_("chưa gửi lần nào"),
    "address": N_("địa chỉ không thuộc mạng công cộng, không gửi"),
    "network": N_("không nối được"),
    "revoked": N_("đã thu hồi, không gửi nữa"),
}
"""Of a try that no program answered; all others are HTTP statuses."""
KINDS: Mapping[str, Mapping[str, str]] = {
    "office_error": _ERRORS,
    "webhook_event": _EVENTS,
    "webhook_outcome": _OUTCOMES,
}
