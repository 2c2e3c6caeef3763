"""Words for what happens on the line: calls, offers, transfers, recordings, call-backs."""

from collections.abc import Mapping

from dashboard.i18n import N_

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
_RECORDINGS = {
    "pending": N_("Ghi âm đang được chuẩn bị, thường xong trong vài giây sau khi gác máy."),
    "missing": N_("Không tìm thấy tệp ghi âm của cuộc gọi này."),
    "broken": N_("Ghi âm bị thiếu hoặc hỏng."),
    "ready": N_("Ghi âm"),
    "erased": N_("Ghi âm đã được xóa khi hết thời hạn lưu giữ."),
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
    "lost": N_("đang nói chuyện thì máy bên ta mất tiếng"),
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
_SKILLS = {
    "trafficking": N_("Đường dây mua bán người"),
    "psychology": N_("Tâm lý"),
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
_KEY_ANSWERS = {
    "yes": N_("Đúng"),
    "no": N_("Không"),
    "unsure": N_("Chưa rõ"),
    "none": N_("Chưa bấm phím"),
}
_MODES = {
    "listen": N_("Nghe cùng"),
    "whisper": N_("Nhắc riêng"),
    "join": N_("Vào cuộc"),
    "take_over": N_("Nhận cuộc"),
    "take": N_("Nhận người đang chờ"),
    "give_back": N_("Trả lại"),
}
_PARTS = {
    "counselor": N_("Tư vấn viên"),
    "interpreter": N_("Phiên dịch"),
    "colleague": N_("Đồng nghiệp được mời"),
    "supervisor": N_("Trưởng ca"),
    "alarmed": N_("Người trực báo động"),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "line": _LINES,
    "outcome": _OUTCOMES,
    "offer": _OFFERS,
    "transfer": _TRANSFERS,
    "recording": _RECORDINGS,
    "recording_reason": _RECORDING_REASONS,
    "disk": _DISKS,
    "callback_why": _CALLBACK_WHYS,
    "callback_deed": _CALLBACK_DEEDS,
    "callback_problem": _CALLBACK_PROBLEMS,
    "safe": _SAFE,
    "skill": _SKILLS,
    "language": _LANGUAGES,
    "reason": _REASONS,
    "wish": _WISHES,
    "key_answer": _KEY_ANSWERS,
    "mode": _MODES,
    "part": _PARTS,
}
