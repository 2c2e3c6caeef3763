"""Codes into words: the one place where a stable code gets its sentence, and a state its shape."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum

from dashboard import roster_words
from dashboard.formats import clock, day
from dashboard.i18n import N_, Language
from intake.forms import child_position

_YES = N_("có")
_CHILD = N_("Trẻ %(n)s")

_ROLES = {
    "counselor": N_("Tư vấn viên"),
    "shift_lead": N_("Trưởng ca"),
    "administrator": N_("Quản trị"),
    "auditor": N_("Kiểm tra viên"),
}
_SHIFTS = {
    "morning": N_("Ca sáng"),
    "afternoon": N_("Ca chiều"),
    "night": N_("Ca đêm"),
}
_STATES = {
    "available": N_("Sẵn sàng"),
    "break": N_("Nghỉ giữa giờ"),
    "away": N_("Rời máy"),
    "phone_away": N_("Điện thoại mất kết nối"),
    "missed": N_("Lỡ một cuộc"),
    "ringing": N_("Đang đổ chuông"),
    "calling": N_("Đang gọi ra"),
    "talking": N_("Đang nghe"),
    "wrap_up": N_("Hoàn tất phiếu"),
}
_LINES = {
    "child": N_("Bảo vệ trẻ em"),
    "trafficking": N_("Phòng, chống mua bán người"),
}
_OUTCOMES = {
    "answered": N_("Đã nghe"),
    "abandoned": N_("Gác trước khi được nghe"),
    "no_answer": N_("Không ai nghe"),
    "busy": N_("Máy bận"),
    "rejected": N_("Từ chối"),
    "failed": N_("Không nối được"),
}
_OFFERS = {
    "answered": N_("đã nghe"),
    "abandoned": N_("người gọi gác trước"),
    "no_answer": N_("không nhấc máy"),
    "busy": N_("máy bận"),
    "rejected": N_("từ chối"),
    "failed": N_("không nối được"),
}
_DISPOSITIONS = {
    "silent": N_("Im lặng"),
    "prank": N_("Trêu đùa"),
    "wrong_number": N_("Nhầm số"),
    "test": N_("Thử máy"),
    "hang_up": N_("Gác máy"),
    "abusive": N_("Quấy rối"),
    "information": N_("Hỏi tin"),
    "thanks": N_("Cảm ơn"),
    "counseling": N_("Tư vấn"),
    "escalated": N_("Đã lập ca"),
}
_RECORD_STATES = {
    "draft": N_("Đang viết"),
    "closed": N_("Đã kết thúc"),
}
_FIELDS = {
    "caller_type": N_("Người gọi"),
    "caller_name": N_("Tên người gọi"),
    "anonymous": N_("Không muốn nêu tên"),
    "language": N_("Tiếng của người gọi"),
    "psychologist": N_("Cần nhà tâm lý"),
    "call_back": N_("Gọi lại thế nào cho an toàn"),
    "problem": N_("Vấn đề chính"),
    "problems": N_("Vấn đề khác"),
    "online": N_("Trên môi trường mạng"),
    "risk": N_("Nguy cơ ban đầu"),
    "place": N_("Nơi xảy ra"),
    "offender": N_("Người bị cho là gây hại"),
    "offender_relation": N_("Là gì của trẻ"),
    "caregiver": N_("Ai đang chăm sóc trẻ"),
    "family": N_("Cha mẹ và hoàn cảnh gia đình"),
    "done_before": N_("Việc đã làm trước đó"),
    "consequences": N_("Nếu không giúp thì có thể ra sao"),
    "content": N_("Nội dung"),
    "advice": N_("Đã tư vấn"),
    "referral": N_("Giới thiệu, chuyển đến"),
    "name": N_("Tên trẻ"),
    "sex": N_("Giới"),
    "birth_date": N_("Ngày sinh"),
    "age": N_("Tuổi (ước lượng)"),
    "ethnicity": N_("Dân tộc"),
    "school": N_("Trường, lớp"),
    "address": N_("Đang ở đâu"),
    "condition": N_("Tình trạng hiện tại"),
    "way": N_("Đường đến"),
    "received_at": N_("Nhận được lúc"),
    "happened_at": N_("Xảy ra lúc"),
}
_WAYS = {
    "phone": N_("Điện thoại"),
    "app": N_("Ứng dụng 111"),
    "zalo": N_("Zalo"),
    "fanpage": N_("Fanpage"),
    "web": N_("Trang web"),
    "email": N_("Thư điện tử"),
    "press": N_("Báo chí, mạng xã hội"),
    "official_letter": N_("Công văn"),
    "post": N_("Đơn thư"),
    "walk_in": N_("Đến tận nơi"),
}
_ARRIVAL_ERRORS = {
    "not_a_choice": N_("Hãy chọn tin đến bằng đường nào."),
    "not_a_time": N_("Giờ này phải là lúc đã qua."),
    "after_receipt": N_("Việc xảy ra không thể sau lúc nhận được tin."),
}
_ATTACHMENTS = {
    "image": N_("Ảnh"),
    "audio": N_("Âm thanh"),
    "application": N_("Văn bản PDF"),
}
_ATTACHMENTS_REFUSED = {
    "empty": N_("tệp rỗng"),
    "too_large": N_("tệp lớn quá 5 MB"),
    "too_many": N_("quá 5 tệp"),
    "type_not_allowed": N_("không phải ảnh, PDF hay âm thanh"),
}
_CALLERS = {
    "child": N_("Trẻ em"),
    "parent": N_("Cha mẹ"),
    "relative": N_("Người thân"),
    "neighbor": N_("Hàng xóm"),
    "teacher": N_("Thầy cô"),
    "official": N_("Cán bộ"),
    "other": N_("Người khác"),
    "unknown": N_("Chưa rõ"),
}
_RELATIONS = {
    "parent": N_("Cha, mẹ"),
    "step_parent": N_("Cha dượng, mẹ kế"),
    "grandparent": N_("Ông, bà"),
    "sibling": N_("Anh, chị, em"),
    "relative": N_("Họ hàng"),
    "caregiver": N_("Người chăm sóc khác"),
    "teacher": N_("Thầy cô, nhân viên trường"),
    "peer": N_("Bạn bè"),
    "neighbor": N_("Hàng xóm"),
    "employer": N_("Chủ, nơi làm việc"),
    "acquaintance": N_("Người quen"),
    "online": N_("Chỉ quen qua mạng"),
    "stranger": N_("Người lạ"),
    "other": N_("Người khác"),
    "unknown": N_("Chưa rõ"),
}
_SEXES = {
    "male": N_("Nam"),
    "female": N_("Nữ"),
    "unknown": N_("Chưa rõ"),
}
_RISKS = {
    "emergency": N_("Cần bảo vệ khẩn cấp"),
    "plan": N_("Cần kế hoạch"),
    "watch": N_("Tiếp tục theo dõi"),
}
_PROBLEMS = {
    "violence": N_("Bạo lực"),
    "sexual_abuse": N_("Xâm hại tình dục"),
    "exploitation": N_("Bóc lột"),
    "trafficking": N_("Mua bán người"),
    "neglect": N_("Bỏ rơi, bỏ mặc, sao nhãng"),
    "rights_violation": N_("Vi phạm quyền"),
    "custody": N_("Tranh chấp nuôi dưỡng"),
    "financial_support": N_("Hỗ trợ tài chính"),
    "missing": N_("Trẻ lạc, mất tích"),
    "accident": N_("Tai nạn"),
    "other": N_("Vấn đề khác"),
    "family_relations": N_("Ứng xử trong gia đình"),
    "peer_relations": N_("Ứng xử với bạn bè"),
    "teacher_relations": N_("Ứng xử với thầy cô"),
    "community_relations": N_("Ứng xử trong cộng đồng"),
    "physical_health": N_("Sức khỏe thể chất"),
    "law": N_("Pháp luật"),
    "psychology": N_("Tâm lý"),
    "reproductive_health": N_("Sức khỏe sinh sản"),
}
_FIELD_ERRORS = {
    "too_long": N_("Đoạn này dài quá mức ghi được. Chữ vẫn còn ở đây; hãy rút ngắn lại."),
    "not_a_choice": N_("Lựa chọn này không có trong phiếu."),
    "not_a_date": N_("Ngày viết như 21/11/2026."),
    "not_an_age": N_("Tuổi là số từ 0 đến 120."),
    "unknown_field": N_("Mục này không có trong phiếu."),
}
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
_KEY_ANSWERS = {
    "yes": N_("Đúng"),
    "no": N_("Không"),
    "unsure": N_("Chưa rõ"),
    "none": N_("Chưa bấm phím"),
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
    **_RISKS,
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
_RECORDINGS = {
    "pending": N_("Ghi âm đang được chuẩn bị, thường xong trong vài giây sau khi gác máy."),
    "missing": N_("Không tìm thấy tệp ghi âm của cuộc gọi này."),
    "broken": N_("Ghi âm bị thiếu hoặc hỏng."),
    "ready": N_("Ghi âm"),
}
_RECORDING_REASONS = {
    "no_file": N_("Tổng đài không để lại tệp nào."),
    "no_file_name": N_("Mã cuộc gọi không dùng làm tên tệp được."),
    "unreadable": N_("Tệp gốc không đọc được; nó được giữ lại để kiểm tra."),
    "one_side": N_("Chỉ có tiếng của một bên; tệp gốc được giữ lại."),
    "short": N_("Ghi âm ngắn hơn cuộc nói chuyện; tệp gốc được giữ lại."),
    "long": N_("Ghi âm dài hơn cuộc gọi; tệp gốc được giữ lại."),
    "gone": N_("Tệp đã lưu không còn trên đĩa."),
    "damaged": N_("Tệp đã lưu bị hỏng hoặc bị sửa."),
    "unclaimed": N_("Có tệp ghi âm mà không rõ của cuộc gọi nào; tệp gốc được giữ lại."),
    "nothing_said": N_("Người gọi chọn để lại lời nhắn nhưng không nói gì."),
    "late": N_("Ghi âm vẫn chưa xong: đĩa đầy, hoặc máy xử lý ghi âm không chạy."),
}
_DISKS = {
    "recordings": N_("Ổ đĩa lưu ghi âm sắp đầy"),
    "spool": N_("Ổ đĩa đang thu âm sắp đầy"),
}
_TRANSFERS = {
    "blind": N_("chuyển máy"),
    "attended": N_("chuyển máy sau khi hỏi ý"),
    "blonde": N_("chuyển máy khi đang đổ chuông"),
}
_CALLBACK_WHYS = {
    "abandoned": N_("gác máy khi đang chờ"),
    "missed": N_("không ai nghe được"),
    "promised": N_("đã hẹn gọi lại"),
}
_CALLBACK_DEEDS = {
    "taken": N_("Nhận việc"),
    "given_back": N_("Trả lại cho trung tâm"),
    "no_answer": N_("Đã gọi, không ai nghe"),
    "busy": N_("Đã gọi, máy bận"),
    "rejected": N_("Đã gọi, máy từ chối"),
    "failed": N_("Đã gọi, không nối được"),
    "own_phone": N_("Chưa gọi: máy của tư vấn viên không nhấc"),
    "not_safe": N_("Chưa an toàn, hẹn giờ khác"),
    "reached": N_("Đã gọi và nói chuyện"),
    "rang_again": N_("Họ gọi lại và đã được nghe"),
    "wrong_number": N_("Nhầm số"),
    "given_up": N_("Thôi không gọi nữa"),
}
_SAFE = {
    "just_rang": N_("Có: máy vừa gọi đến, người gọi có lẽ còn cầm máy"),
    "said_so": N_("Có: các lần trước nói giờ này gọi được"),
    "nothing_said": N_("Chưa ai nói gì: tôi sẽ không nêu tên ai, không xưng 111 khi chưa biết ai nghe"),
    "official": N_("Có: đây là máy của cơ quan, cán bộ"),
}
_CALLBACK_PROBLEMS = {
    "taken": N_("Người khác đã nhận số này. Hãy hỏi họ, hoặc nhờ trưởng ca trả việc lại."),
    "closed": N_("Số này đã được gọi lại xong, không cần gọi nữa."),
    "calling_already": N_("Bạn đang gọi một số khác. Gác máy rồi gọi tiếp."),
    "no_phone": N_("Tài khoản này không có máy điện thoại, nên không gọi ra được."),
    "safe": N_("Hãy trả lời câu hỏi an toàn trước khi gọi."),
    "number": N_("Số này tổng đài không gọi ra được."),
    "missing": N_("Cần ghi lý do."),
    "too_long": N_("Đoạn này dài quá mức ghi được; hãy rút ngắn lại."),
    "not_a_later_time": N_("Giờ hẹn phải là lúc sắp tới, trong vòng 30 ngày."),
}
_REASONS = {
    "longest_waiting": N_("đã chờ lâu nhất"),
    "rang_again": N_("đã gác máy rồi gọi lại"),
    "promised": N_("đã được hẹn gọi lại"),
    "transferred": N_("được chuyển tiếp, đã có người nghe trước đó"),
    "urgent_case": N_("số này có ca khẩn cấp đang mở"),
    "partner": N_("đường dây khẩn của công an, xã phường"),
    "lowered": N_("số bị hạ thứ tự, đã đến lượt"),
    "longest_free": N_("rảnh lâu nhất, tính cả số cuộc và thời gian nghe trong ca"),
    "same_counselor": N_("chính người đã nói chuyện với số này hoặc giữ ca của số này"),
    "language": N_("nói được tiếng của người gọi"),
    "interpreter": N_("chưa ai đang rảnh nói được tiếng của người gọi, cần mời phiên dịch"),
    "trained": N_("được đào tạo cho việc này"),
    "region": N_("trung tâm của vùng người gọi"),
    "moved": N_("trưởng ca đã điều sang hàng chờ này"),
    "overflow": N_("trung tâm của người gọi không có ai rảnh kịp"),
    "forecast": N_("trung tâm của người gọi đang bận hết, dự báo chờ lâu hơn mức tràn"),
    "closed": N_("trung tâm của người gọi đang đóng"),
    "nobody_else": N_("không còn ai khác rảnh"),
}
_LANGUAGES = {
    "vi": N_("tiếng Việt"),
    "hmn": N_("H'Mông"),
    "tyz": N_("Tày"),
    "nut": N_("Nùng"),
    "mtq": N_("Mường"),
    "jra": N_("Gia Rai"),
    "rad": N_("Ê đê"),
    "khm": N_("Khơme"),
    "cja": N_("Chăm"),
    "en": N_("tiếng Anh"),
}
_WISHES = {
    "asked": N_("đang nối"),
    "lost": N_("tổng đài chưa nối được, hãy bấm lại"),
    "ringing": N_("đang đổ chuông"),
    "listening": N_("đang nghe"),
    "whispering": N_("đang nhắc riêng"),
    "talking": N_("đang trong cuộc"),
    "over": N_("đã rời cuộc"),
    "no_answer": N_("không nhấc máy"),
    "busy": N_("máy bận"),
    "rejected": N_("từ chối"),
    "failed": N_("không nối được"),
}
_MODES = {
    "listen": N_("Nghe cùng"),
    "whisper": N_("Nhắc riêng"),
    "join": N_("Vào cuộc"),
    "take_over": N_("Nhận cuộc"),
    "take": N_("Nhận người đang chờ"),
}
_PARTS = {
    "counselor": N_("Tư vấn viên"),
    "interpreter": N_("Phiên dịch"),
    "supervisor": N_("Trưởng ca"),
    "alarmed": N_("Người trực báo động"),
}
_SHIFT_REASONS = {
    "nobody": N_("Đã vào ca mà chưa có ai vào máy. Người ca trước vẫn được giữ lại nghe."),
    "too_few": N_("Đã vào ca mà chưa đủ người. Người ca trước vẫn được giữ lại nghe."),
}
_FIGURES = {
    "offered": N_("Cuộc gọi đến"),
    "answered": N_("Đã nghe"),
    "abandoned": N_("Bỏ cuộc"),
    "answer_rate": N_("Tỷ lệ nghe"),
    "service_level": N_("Nghe kịp"),
    "speed_of_answer": N_("Chờ trung bình"),
    "longest_wait": N_("Lần chờ dài nhất"),
    "handling_time": N_("Xử lý trung bình"),
    "occupancy": N_("Bận việc"),
    "callbacks": N_("Còn phải gọi lại"),
    "in_time": N_("Nghe trong mức chờ"),
    "left_word": N_("Nhắn lại hoặc hẹn gọi lại"),
    "unserved": N_("Hỏng giữa chừng"),
    "short": N_("Gác ngay"),
    "answer_wait": N_("Tổng thời gian chờ"),
    "talk": N_("Tổng thời gian nói chuyện"),
    "wrap_up": N_("Tổng thời gian hoàn tất phiếu"),
    "handled": N_("Cuộc đã nghe và đã xong"),
    "busy": N_("Thời gian làm việc với cuộc gọi"),
    "staffed": N_("Thời gian sẵn sàng"),
}
_FORMULAS = {
    "offered": N_(
        "Đã nghe + bỏ cuộc + nhắn lại hoặc hẹn gọi lại + hỏng giữa chừng. Chỉ tính cuộc từ ngoài gọi "
        "đến hôm nay mà người gọi không còn chờ; không tính cuộc gác ngay, cuộc gọi ra, cuộc gọi nội bộ."
    ),
    "answered": N_(
        "Cuộc có tư vấn viên nói chuyện với người gọi. Chuyển máy nhiều lần vẫn là một cuộc."
    ),
    "abandoned": N_(
        "Người gọi gác máy trước khi ai nghe. Ai gác ngay (chưa kịp cho người nhấc máy) "
        "không tính vào đây."
    ),
    "answer_rate": N_("Đã nghe / cuộc gọi đến."),
    "service_level": N_("Nghe trong mức chờ / cuộc gọi đến."),
    "speed_of_answer": N_("Tổng thời gian chờ của các cuộc đã nghe / số cuộc đã nghe, kể cả lời chào."),
    "longest_wait": N_("Lần chờ lâu nhất trong các cuộc gọi đến hôm nay."),
    "handling_time": N_("(Nói chuyện, kể cả giữ máy + hoàn tất phiếu) / số cuộc đã nghe và đã xong."),
    "occupancy": N_(
        "(Nói chuyện + hoàn tất phiếu, cả cuộc gọi ra) / thời gian tư vấn viên đặt trạng thái sẵn sàng."
    ),
    "callbacks": N_("Số điện thoại mà tổng đài còn nợ một cuộc gọi lại, tính đến bây giờ."),
}
_WEEKDAYS = {
    "0": N_("Thứ Hai"),
    "1": N_("Thứ Ba"),
    "2": N_("Thứ Tư"),
    "3": N_("Thứ Năm"),
    "4": N_("Thứ Sáu"),
    "5": N_("Thứ Bảy"),
    "6": N_("Chủ Nhật"),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "role": _ROLES,
    "shift": _SHIFTS,
    "state": _STATES,
    "line": _LINES,
    "outcome": _OUTCOMES,
    "offer": _OFFERS,
    "disposition": _DISPOSITIONS,
    "record_state": _RECORD_STATES,
    "field": _FIELDS,
    "caller_type": _CALLERS,
    "sex": _SEXES,
    "risk": _RISKS,
    "offender_relation": _RELATIONS,
    "problem": _PROBLEMS,
    "problems": _PROBLEMS,
    "field_error": _FIELD_ERRORS,
    "way": _WAYS,
    "arrival_error": _ARRIVAL_ERRORS,
    "attachment": _ATTACHMENTS,
    "attachment_refused": _ATTACHMENTS_REFUSED,
    "transfer": _TRANSFERS,
    "case_state": _CASE_STATES,
    "step": _STEPS,
    "step_done": _STEPS_DONE,
    "question": _QUESTIONS,
    "answer": _ANSWERS,
    "case_clock": _CLOCKS,
    "step_error": _STEP_ERRORS,
    "recording": _RECORDINGS,
    "recording_reason": _RECORDING_REASONS,
    "disk": _DISKS,
    "callback_why": _CALLBACK_WHYS,
    "callback_deed": _CALLBACK_DEEDS,
    "callback_problem": _CALLBACK_PROBLEMS,
    "safe": _SAFE,
    "language": _LANGUAGES,
    "reason": _REASONS,
    "wish": _WISHES,
    "key_answer": _KEY_ANSWERS,
    "mode": _MODES,
    "part": _PARTS,
    "shift_reason": _SHIFT_REASONS,
    "weekday": _WEEKDAYS,
    "figure": _FIGURES,
    "formula": _FORMULAS,
    **roster_words.KINDS,
}
"""Kind of code → code → Vietnamese. For a choice of the record form the kind is the field's name."""

STATE_ICONS = {
    "available": "circle-fill",
    "break": "cup-hot-fill",
    "away": "circle",
    "phone_away": "plug",
    "missed": "telephone-x-fill",
    "ringing": "bell-fill",
    "calling": "telephone-outbound-fill",
    "talking": "telephone-fill",
    "wrap_up": "pencil-fill",
}
"""State → shape, so that no state is told by colour alone."""


def word(language: Language, code: str | StrEnum, kind: str) -> str:
    """The words for a code; the code itself when it is of a newer form than this program."""
    found = KINDS[kind].get(str(code))
    return language.say(found) if found else str(code)


def value(language: Language, field: str, text: str) -> str:
    """A form value as people read it: codes in words, a date as 21/11/2026, a flag as yes."""
    if field in KINDS and text:
        return ", ".join(word(language, code, field) for code in text.split())
    if field in {"anonymous", "online", "psychologist"}:
        return language.say(_YES) if text else ""
    if field == "birth_date" and text:
        return day(date.fromisoformat(text))
    if field in {"received_at", "happened_at"} and text:
        moment = datetime.fromisoformat(text)
        return f"{clock(moment)} {day(moment)}"
    return text


def field(language: Language, name: str) -> str:
    """The name of a form field; a child's says which child."""
    position, inner = child_position(name)
    shown = word(language, inner, "field")
    return shown if position is None else f"{language.say(_CHILD, n=position)} · {shown}"
