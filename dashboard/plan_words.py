"""Words for plans: states, goals, kinds of action, what is missing."""

from collections.abc import Mapping

from dashboard.i18n import N_

_STATES = {
    "draft": N_("Đang soạn"),
    "submitted": N_("Chờ phê duyệt"),
    "returned": N_("Bị trả lại"),
    "approved": N_("Đã phê duyệt"),
    "superseded": N_("Đã có bản thay"),
}
_GOALS = {
    "recovery": N_("Phục hồi tổn hại"),
    "safety": N_("Khắc phục yếu tố không an toàn"),
    "inclusion": N_("Hòa nhập"),
    "other": N_("Mục tiêu khác"),
}
_WORKS = {
    "medical": N_("Y tế, trị liệu"),
    "social": N_("Trợ giúp xã hội"),
    "education": N_("Giáo dục"),
    "legal": N_("Pháp lý"),
    "other": N_("Khác"),
}
_OUTCOMES = {
    "done": N_("Đã làm"),
    "not_done": N_("Không làm được"),
}
_DEEDS = {
    "save": N_("Đã lưu bản kế hoạch"),
    "submit": N_("Đã trình kế hoạch sửa đổi"),
    "return": N_("Kế hoạch sửa đổi bị trả lại"),
    "approve": N_("Kế hoạch sửa đổi được phê duyệt"),
    "supersede": N_("Kế hoạch được thay"),
}
_ERRORS = {
    "missing": N_("Cần điền mục này."),
    "too_long": N_("Đoạn này dài quá mức ghi được; hãy rút ngắn lại."),
    "too_many": N_("Một kế hoạch có nhiều nhất 30 hoạt động."),
    "not_a_choice": N_("Lựa chọn này không có trong danh sách."),
    "not_a_date": N_("Ngày viết như 21/11/2026."),
    "not_a_number": N_("Số tiền viết như 1.500.000, tính bằng đồng."),
    "not_a_term": N_("Hạn phải sau lúc bắt đầu và sau bây giờ, nhiều nhất 3 tháng."),
    "not_a_time": N_("Giờ này không đọc được."),
    "unknown_field": N_("Mục này không có trong kế hoạch."),
    "wrote_it": N_("Người này đã soạn kế hoạch nên không phê duyệt được; hãy chọn người khác."),
}
_CONFLICTS = {
    "submitted": N_("Kế hoạch vừa được trình, không sửa được nữa. Chữ bạn gõ còn nguyên dưới đây."),
    "not_yet": N_("Ca chưa đến bước lập kế hoạch: bản soạn đã được lưu, chưa trình được."),
    "closed": N_("Ca đã kết thúc nên không ghi thêm kế hoạch được."),
    "merged": N_("Ca này đã gộp vào ca khác; hãy ghi ở ca đó."),
    "decided": N_("Kế hoạch này vừa được người khác trả lời."),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "plan_state": _STATES,
    "goal": _GOALS,
    "work": _WORKS,
    "plan_outcome": _OUTCOMES,
    "plan_deed": _DEEDS,
    "plan_error": _ERRORS,
    "plan_conflict": _CONFLICTS,
}
