"""Words for handovers to communes: states, what happened, reports from the field."""

from collections.abc import Mapping

from dashboard.i18n import N_

_STATES = {
    "sent": N_("Đã gửi, chưa đến"),
    "delivered": N_("Đã đến, chưa mở"),
    "opened": N_("Đã mở, chưa trả lời"),
    "accepted": N_("Xã đã nhận"),
    "refused": N_("Xã không nhận"),
    "withdrawn": N_("Đã rút lại"),
    "superseded": N_("Đã thay bằng lần chuyển sau"),
}
_EVENTS = {
    "sent": N_("Gửi"),
    "deliver": N_("Đến nơi"),
    "open": N_("Mở xem"),
    "accept": N_("Nhận"),
    "refuse": N_("Không nhận"),
    "withdraw": N_("Rút lại"),
    "supersede": N_("Thay bằng lần chuyển sau"),
    "report": N_("Báo tình hình"),
    "photo": N_("Gửi ảnh, giấy tờ"),
    "rung": N_("Số trực đã nghe máy và bấm nhận tin"),
}
_ON_SPINE = {
    "sent": N_("Chuyển ca cho địa phương"),
    "accepted": N_("Địa phương đã nhận ca"),
    "refused": N_("Địa phương không nhận ca"),
    "withdrawn": N_("Rút lại phần đã chuyển"),
    "superseded": N_("Lần chuyển trước được thay"),
    "report": N_("Địa phương báo tình hình"),
    "photo": N_("Địa phương gửi ảnh, giấy tờ"),
    "rung": N_("Đã gọi số trực: có người bấm nhận tin"),
}
_WAYS = {
    "account": N_("Tài khoản của cán bộ trên hệ thống này"),
    "link": N_("Liên kết một lần, mã đọc qua điện thoại"),
    "system": N_("Hệ thống riêng của cơ quan"),
}
_SITUATIONS = {
    "safe": N_("Trẻ an toàn"),
    "at_risk": N_("Trẻ còn nguy cơ"),
    "not_met": N_("Chưa gặp được trẻ"),
}
_DOINGS = {
    "visited": N_("Đã đến tận nơi"),
    "family": N_("Đã làm việc với gia đình"),
    "police": N_("Đã báo công an"),
    "health": N_("Đã đưa đi khám"),
    "moved": N_("Đã đưa trẻ đến nơi an toàn"),
    "searching": N_("Đang tìm trẻ"),
    "finished": N_("Đã xong, trẻ ổn định"),
}
_WHY = {
    "not_here": N_("Không xảy ra ở đây, trẻ không ở đây"),
    "known": N_("Xã đã và đang giải quyết"),
    "not_ours": N_("Không thuộc việc của xã"),
    "other": N_("Lý do khác (ghi rõ)"),
}
_ERRORS = {
    "missing": N_("Cần chọn hoặc điền mục này."),
    "not_a_choice": N_("Lựa chọn này không có trong danh sách."),
    "too_long": N_("Đoạn này dài quá mức ghi được."),
    "unit": N_("Chọn xã, phường hoặc tỉnh nơi chuyển đến."),
    "recipient": N_("Ghi người hoặc cơ quan nhận."),
    "summary": N_("Cần tóm tắt sự việc, nhiều nhất 8.000 chữ."),
    "packet": N_("Phiếu vừa được sửa: đây là bản mới. Xem lại rồi gửi."),
    "reason": N_("Cần ghi lý do, nhiều nhất 200 chữ."),
    "empty": N_("Tệp trống."),
    "too_large": N_("Tệp lớn quá 6 MB."),
    "type_not_allowed": N_("Chỉ gửi được ảnh và tệp PDF."),
    "too_many": N_("Đã gửi đủ 20 tệp."),
}
_REPORT = {
    "events": N_("Diễn biến vụ việc"),
    "done": N_("Việc đã làm, cơ quan phối hợp"),
    "asked": N_("Đã đề nghị ai"),
    "proposals": N_("Đề xuất, kiến nghị"),
}
_ALARM_REASONS = {
    "unanswered": N_("Quá hạn mà địa phương chưa trả lời. Đang gọi số trực."),
    "heard": N_("Số trực đã nghe máy, nhưng chưa ai nhận ca."),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "handover_state": _STATES,
    "handover_event": _EVENTS,
    "handover_spine": _ON_SPINE,
    "handover_way": _WAYS,
    "situation": _SITUATIONS,
    "doing": _DOINGS,
    "why_refused": _WHY,
    "handover_error": _ERRORS,
    "packet_report": _REPORT,
    "handover_alarm": _ALARM_REASONS,
}
