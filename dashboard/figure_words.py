"""Words for the figures of the wallboard and how each is reckoned."""

from collections.abc import Mapping

from dashboard.i18n import N_

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
    "lost": N_("Máy mất tiếng"),
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
    "lost": N_(
        "Số lần máy của tư vấn viên mất điện, mất mạng hoặc trình duyệt bị tắt khi đang nói với người "
        "gọi. Người gọi được giữ lại, đứng đầu hàng chờ; cuộc gọi vẫn chỉ tính một lần."
    ),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "figure": _FIGURES,
    "formula": _FORMULAS,
}
