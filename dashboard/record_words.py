"""Words for records and what comes in besides calls: fields of the form, their codes, what is wrong."""

from collections.abc import Mapping

from dashboard.i18n import N_
from intake.forms.forms import RELATIONS

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
    "place_unit": N_("Nơi xảy ra: xã, phường (cũ hay mới)"),
    "place": N_("Nơi xảy ra: thôn, đường, gần đâu"),
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
    "address_unit": N_("Trẻ đang ở xã, phường nào (cũ hay mới)"),
    "address": N_("Trẻ đang ở đâu: thôn, đường, nhà ai"),
    "condition": N_("Tình trạng hiện tại"),
    "described": N_("Tên hoặc mô tả"),
    "relation": N_("Là gì của trẻ"),
    "nearness": N_("Có ở gần trẻ không"),
    "whereabouts": N_("Địa chỉ, đang ở đâu"),
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
    "victim": N_("Nạn nhân"),
    "parent": N_("Cha mẹ"),
    "relative": N_("Người thân"),
    "neighbor": N_("Hàng xóm"),
    "teacher": N_("Thầy cô"),
    "official": N_("Cán bộ"),
    "other": N_("Khác"),
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
_CHI = {
    "violence": N_("Bạo lực, xâm hại"),
    "mental_health": N_("Sức khỏe tâm thần"),
    "family": N_("Gia đình"),
    "peer": N_("Bạn bè, mọi người quanh trẻ"),
    "education_occupation": N_("Học hành, việc làm"),
    "physical_health": N_("Sức khỏe thể chất"),
    "sexuality": N_("Giới tính, tình dục"),
    "accessibility": N_("Tiếp cận dịch vụ, chính sách"),
    "missing": N_("Trẻ lạc, mất tích"),
    "non_counseling": N_("Không phải tư vấn"),
    "discrimination": N_("Phân biệt đối xử"),
}
_NEARNESS = {
    "here": N_("Ở bên trẻ"),
    "close": N_("Dễ đến gần"),
    "away": N_("Ở xa"),
}
_WHYS_BACK = {
    "untold": N_("không nói lý do"),
    "no_time": N_("bận nghe máy, hoặc hết ca"),
    "other": N_("cần người khác: tiếng, vùng, hoặc có quen biết"),
}
_FIELD_ERRORS = {
    "too_long": N_("Đoạn này dài quá mức ghi được. Chữ vẫn còn ở đây; hãy rút ngắn lại."),
    "not_a_choice": N_("Lựa chọn này không có trong phiếu."),
    "not_a_date": N_("Ngày viết như 21/11/2026."),
    "not_an_age": N_("Tuổi là số từ 0 đến 120."),
    "unknown_field": N_("Mục này không có trong phiếu."),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "disposition": _DISPOSITIONS,
    "record_state": _RECORD_STATES,
    "field": _FIELDS,
    "caller_type": _CALLERS,
    "sex": _SEXES,
    "risk": _RISKS,
    "offender_relation": _RELATIONS,
    "relation": _RELATIONS,
    **dict.fromkeys(RELATIONS, _RELATIONS),
    "nearness": _NEARNESS,
    "problem": _PROBLEMS,
    "problems": _PROBLEMS,
    "chi": _CHI,
    "field_error": _FIELD_ERRORS,
    "way": _WAYS,
    "why_back": _WHYS_BACK,
    "arrival_error": _ARRIVAL_ERRORS,
    "attachment": _ATTACHMENTS,
    "attachment_refused": _ATTACHMENTS_REFUSED,
}
