"""Words for the directory of communes and provinces."""

from collections.abc import Mapping

from dashboard.i18n import N_

_KINDS = {
    "officer": N_("Người làm công tác bảo vệ trẻ em"),
    "duty": N_("Số trực"),
    "police": N_("Công an"),
    "health": N_("Y tế"),
    "shelter": N_("Nơi tạm lánh"),
    "social_work": N_("Trung tâm công tác xã hội"),
    "rapid_team": N_("Nhóm phản ứng nhanh"),
    "border_guard": N_("Bộ đội biên phòng"),
    "diplomatic": N_("Cơ quan đại diện ngoại giao"),
    "ngo": N_("Tổ chức phi chính phủ"),
}
_COLUMNS = {
    "unit": N_("Đơn vị"),
    "kind": N_("Loại"),
    "name": N_("Tên cơ quan hoặc người"),
    "numbers": N_("Số điện thoại"),
    "hours": N_("Giờ trực"),
    "note": N_("Ghi chú"),
    "source": N_("Nguồn"),
    "checked": N_("Ngày kiểm tra"),
}
_ERRORS = {
    "missing": N_("Cần điền mục này."),
    "too_long": N_("Dài quá mức ghi được."),
    "unknown_unit": N_("Không có đơn vị này trong danh mục."),
    "divided_unit": N_("Đơn vị cũ này nay chia về nhiều xã: ghi rõ xã hiện nay."),
    "unknown_kind": N_("Không có loại này."),
    "not_a_number": N_("Không phải số gọi được, như 0912345678 hay 02431234567."),
    "too_many": N_("Nhiều nhất bốn số."),
    "not_hours": N_("Ghi giờ như 17:00-07:00 hay T2-T6 07:30-17:00."),
    "not_a_date": N_("Ghi ngày như 21/11/2026."),
    "twice": N_("Đơn vị đã có mục cùng loại, cùng tên."),
    "changed": N_("Có người vừa sửa mục này. Bản của bạn vẫn ở dưới; hãy xem lại rồi ghi lại."),
    "reason": N_("Cần ghi lý do, nhiều nhất 200 chữ."),
    "too_large": N_("Tệp lớn quá 8 MB."),
    "too_many_lines": N_("Tệp có quá nhiều dòng."),
    "not_a_list": N_("Không đọc được tệp: cần CSV (UTF-8) hoặc XLSX."),
    "no_column": N_("Dòng đầu cần có tên cột: unit, kind, name."),
    "wrong_lines": N_("Còn dòng sai: sửa tệp rồi đưa lên lại. Chưa thay đổi gì."),
}
_ACTS = {
    "added": N_("Thêm mới"),
    "changed": N_("Sửa"),
    "removed": N_("Bỏ khỏi danh bạ"),
}
KINDS: Mapping[str, Mapping[str, str]] = {
    "directory_kind": _KINDS,
    "directory_column": _COLUMNS,
    "directory_error": _ERRORS,
    "directory_act": _ACTS,
}
