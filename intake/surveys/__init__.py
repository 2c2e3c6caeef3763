"""Asking children by telephone what they think (tham vấn ý kiến trẻ em; Law on Children 2016, Art. 74).

A survey is a file that the hotline's own people write; opened, it is kept as it was, so that old answers
are shown with the questions they were given to. What a child says is kept apart from who they are.
"""
