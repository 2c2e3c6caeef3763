"""Words for cases: states, steps, clocks, the questions of the first look at the risk."""

from collections.abc import Mapping

from dashboard import record_words
from dashboard.i18n import N_

_CASE_STATES = {
    "received": N_("Mới tiếp nhận"),
    "assessing": N_("Đang đánh giá"),
    "protecting": N_("Đang bảo vệ khẩn cấp"),
    "planning": N_("Đang lập kế hoạch"),
    "approving": N_("Chờ phê duyệt"),
    "carrying_out": N_("Đang thực hiện"),
    "watching": N_("Theo dõi 3 tháng"),
    "closed": N_("Đã kết thúc"),
}
_STEPS = {
    "report_to_commune": N_("Chuyển tin cho UBND xã nơi xảy ra"),
    "assess_risk": N_("Đánh giá nguy cơ ban đầu"),
    "take_emergency_measure": N_("Thực hiện biện pháp khẩn cấp"),
    "draft_plan": N_("Lập kế hoạch hỗ trợ, can thiệp"),
    "approve_plan": N_("Chủ tịch xã phê duyệt kế hoạch"),
    "review": N_("Rà soát, đánh giá sau can thiệp"),
    "end_watch": N_("Kết thúc theo dõi"),
}
_STEPS_DONE = {
    "report_to_commune": N_("Đã chuyển tin cho UBND xã"),
    "assess_risk": N_("Đã đánh giá nguy cơ ban đầu"),
    "take_emergency_measure": N_("Đã thực hiện biện pháp khẩn cấp"),
    "draft_plan": N_("Đã lập kế hoạch"),
    "approve_plan": N_("Chủ tịch xã đã trả lời"),
    "review": N_("Đã rà soát"),
    "end_watch": N_("Đã xong kỳ theo dõi"),
}
_QUESTIONS = {
    "recipient": N_("Đã báo cho ai, ở đâu"),
    "acknowledged_by": N_("Ai đã nhận tin"),
    "note": N_("Ghi thêm"),
    "conclusion": N_("Kết luận"),
    "measure": N_("Biện pháp"),
    "agency": N_("Đơn vị thực hiện"),
    "plan": N_("Kế hoạch"),
    "decision": N_("Trả lời"),
    "approver": N_("Người ký"),
    "review": N_("Kết quả rà soát"),
}
_ANSWERS = {
    **record_words.KINDS["risk"],
    "approved": N_("Phê duyệt"),
    "returned": N_("Trả lại để sửa"),
    "stable": N_("Ổn định"),
    "still_at_risk": N_("Còn nguy cơ"),
}
_CLOCKS = {
    "report": N_("báo ngay"),
    "assessment": N_("trước khi hết 12 giờ"),
    "emergency": N_("12 giờ từ khi tiếp nhận"),
    "plan": N_("5 ngày làm việc"),
    "approval": N_("2 ngày làm việc"),
    "review": N_("30 ngày, theo lệ của Tổng đài"),
    "follow_up": N_("3 tháng"),
}
_STEP_ERRORS = {
    "missing": N_("Cần điền mục này."),
    "not_a_choice": N_("Lựa chọn này không có trong danh sách."),
    "too_long": N_("Đoạn này dài quá mức ghi được; hãy rút ngắn lại."),
    "unknown_field": N_("Mục này không có trong bước."),
    "not_a_time": N_("Giờ xảy ra phải là lúc đã qua."),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "case_state": _CASE_STATES,
    "step": _STEPS,
    "step_done": _STEPS_DONE,
    "question": _QUESTIONS,
    "answer": _ANSWERS,
    "case_clock": _CLOCKS,
    "step_error": _STEP_ERRORS,
}
