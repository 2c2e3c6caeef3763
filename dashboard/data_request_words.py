"""Words for what people ask of what is kept about them, and for what they are answered."""

from collections.abc import Mapping

from dashboard.i18n import N_

_MISSING = N_("Cần điền mục này.")
KINDS: Mapping[str, Mapping[str, str]] = {
    "data_want": {
        "know": N_("Biết 111 giữ những gì"),
        "copy": N_("Nhận bản sao"),
        "correct": N_("Sửa cho đúng"),
        "erase": N_("Xóa"),
        "restrict": N_("Hạn chế sử dụng"),
        "object": N_("Phản đối việc sử dụng"),
    },
    "data_relation": {
        "child": N_("Chính trẻ"),
        "adult": N_("Người lớn, về dữ liệu của chính mình"),
        "parent": N_("Cha, mẹ"),
        "guardian": N_("Người giám hộ"),
        "representative": N_("Người đại diện có giấy tờ"),
    },
    "child_says": {
        "agrees": N_("Trẻ từ 7 tuổi đồng ý"),
        "young": N_("Trẻ dưới 7 tuổi"),
        "refuses": N_("Trẻ không đồng ý"),
        "not_asked": N_("Chưa hỏi được, hoặc hỏi thì không an toàn"),
    },
    "data_identity": {
        "paper": N_("Giấy tờ tùy thân"),
        "electronic": N_("VNeID"),
        "called_back": N_("Gọi lại số đã ghi trong phiếu"),
        "known": N_("Cán bộ xã xác nhận"),
        "not_shown": N_("Chưa chứng minh được"),
    },
    "data_way": {
        "in_person": N_("Gặp trực tiếp"),
        "phone": N_("Điện thoại"),
        "post": N_("Bưu điện"),
        "email": N_("Thư điện tử"),
    },
    "data_state": {
        "open": N_("Đang xem xét"),
        "submitted": N_("Chờ người thứ hai duyệt"),
        "approved": N_("Đã duyệt, chưa trao"),
        "closed": N_("Đã trả lời"),
    },
    "data_late": {
        "soon": N_("Hôm nay là hạn trả lời."),
        "late": N_("Đã quá hạn hai ngày làm việc."),
        "long": N_("Quá hạn hơn một ngày; lãnh đạo cần xem ngay."),
    },
    "data_decision": {
        "give": N_("Cung cấp"),
        "part": N_("Cung cấp một phần: chỉ thông tin cơ bản"),
        "corrected": N_("Đã sửa"),
        "erase": N_("Xóa"),
        "limit": N_("Chỉ còn dùng để bảo vệ trẻ"),
        "refuse": N_("Từ chối"),
    },
    "data_ground": {
        "endangers": N_("Gây nguy hiểm cho trẻ"),
        "informant": N_("Làm lộ người cung cấp thông tin"),
        "others": N_("Là dữ liệu của người khác"),
        "proceeding": N_("Cơ quan có thẩm quyền đang giải quyết"),
        "duty": N_("Còn phải lưu giữ để bảo vệ trẻ"),
        "child_refuses": N_("Trẻ không đồng ý"),
        "not_wrong": N_("Ghi đúng điều đã được kể lúc đó"),
    },
    "data_refused": {
        "identity": N_("Chưa chứng minh được là ai"),
        "no_right": N_("Không có quyền yêu cầu thay cho trẻ này"),
    },
    "data_object": {"record": N_("Phiếu tiếp nhận"), "case": N_("Hồ sơ ca")},
    "data_kept": {
        "record": N_("phiếu tiếp nhận"),
        "call": N_("số máy, giờ gọi"),
        "recording": N_("ghi âm cuộc gọi"),
        "report": N_("tin báo qua ứng dụng, trang web"),
        "case": N_("hồ sơ ca"),
        "timeline": N_("diễn biến của ca"),
        "plans": N_("kế hoạch hỗ trợ"),
        "forms": N_("mẫu biểu"),
        "documents": N_("văn bản"),
        "files": N_("tệp kèm theo"),
        "therapy": N_("trị liệu tâm lý"),
    },
    "data_period": {
        "silent": N_("cuộc gọi không có nội dung"),
        "record": N_("phiếu không thuộc ca nào"),
        "case": N_("hồ sơ ca và phiếu của ca"),
    },
    "data_handed": {
        "referral": N_("chuyển gửi nạn nhân"),
        "account": N_("qua tài khoản của cơ quan"),
        "link": N_("qua đường dẫn một lần"),
        "system": N_("qua phần mềm của cơ quan"),
    },
    "held_kind": {"case": N_("Ca"), "record": N_("Phiếu"), "call": N_("Cuộc gọi")},
    "kept": {
        "silent": N_("Phiếu im lặng, trêu, nhầm máy, kèm cuộc gọi và ghi âm"),
        "record": N_("Phiếu khác không thuộc ca, kèm cuộc gọi và ghi âm"),
        "recording": N_("Ghi âm không thuộc ca"),
        "case_recording": N_("Ghi âm của ca đã đóng"),
        "therapy": N_("Hồ sơ trị liệu đã kết thúc"),
        "case": N_("Ca đã đóng, với mọi thứ trong ca"),
        "victim_case": N_("Ca mua bán người đã đóng, với mọi thứ trong ca"),
        "call": N_("Số gọi đến của cuộc gọi không có phiếu"),
        "data_request": N_("Yêu cầu về dữ liệu cá nhân đã trả lời"),
    },
    "hold_problem": {
        "reason": N_("Cần lý do, nhiều nhất 300 chữ."),
        "until": N_("Cần một ngày sau hôm nay."),
        "named": N_("Không thấy hồ sơ nào như vậy."),
    },
    "data_problem": {
        "missing": _MISSING,
        "too_long": N_("Đoạn này dài quá mức ghi được; hãy rút ngắn lại."),
        "not_a_choice": N_("Hãy chọn một mục có trong danh sách."),
        "not_a_time": N_("Cần ngày giờ trong hai tháng qua."),
        "ground": N_("Cần chọn lý do."),
        "barred": N_(
            "Không được cung cấp cho người này: chưa rõ là ai, trẻ từ 7 tuổi chưa đồng ý, hoặc cha mẹ, "
            "người chăm sóc là người bị cho là gây hại."
        ),
        "held": N_("Hồ sơ đang được giữ lại theo yêu cầu pháp lý nên không xóa được."),
        "in_case": N_("Thuộc hồ sơ ca nên không xóa theo yêu cầu được; hãy chọn từ chối và lý do."),
        "of_others": N_("Phiếu này còn là của một trẻ khác nên không xóa theo yêu cầu của một người."),
        "unknown": N_("Đã từ chối cho biết thì không cung cấp bản sao được."),
        "not_closed": N_("Phiếu chưa đóng nên chưa xóa được."),
        "not_corrected": N_("Chưa ai sửa kể từ khi có yêu cầu: hãy để người giữ phiếu sửa trước."),
        "tells_others": N_("Còn tên hoặc số của người khác trong đoạn này; hãy xóa đi."),
        "objects": N_("Còn mục chưa quyết định."),
        "same_person": N_("Người đã quyết định không tự duyệt được: cần một người khác."),
        "not_made": N_("Văn bản trả lời chưa làm xong; hãy thử lại sau một phút."),
        "state": N_("Yêu cầu này vừa được người khác xử lý; hãy xem lại."),
        "whose": N_("Hãy chọn dữ liệu của ai, đúng với người yêu cầu."),
    },
}
