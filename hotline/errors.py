"""The one error tree of the house.

    HotlineError
    ├── BadInput            what a person or a program gave us cannot be used (HTTP 422)
    │   └── FieldErrors     the same, field by field
    ├── NotVisible          does not exist, or this viewer may not see it: never told apart (HTTP 404)
    ├── NotAllowed          visible, but this viewer may not do that (HTTP 403)
    ├── Conflict            somebody else changed it first (HTTP 409)
    ├── Unavailable         something outside does not answer: database, Redis, Asterisk (HTTP 503)
    └── SetupError          the installation is wrong; the message says what to do about it

Foreign errors (SQLAlchemy, redis, sockets) are translated at one edge each.
"""

from collections.abc import Mapping


class HotlineError(Exception):
    """Root of every error that is ours."""


class BadInput(HotlineError):
    """The given value cannot be used; the message is for whoever gave it."""


class FieldErrors(BadInput):
    """Several fields of one form cannot be used. `fields`: field name → stable message code."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(", ".join(f"{name}: {code}" for name, code in fields.items()))
        self.fields = dict(fields)


class NotVisible(HotlineError):
    """Not there, or not for this viewer."""


class NotAllowed(HotlineError):
    """This viewer may see it but not do that."""


class Conflict(HotlineError):
    """Changed by somebody else since it was read."""


class Unavailable(HotlineError):
    """A neighbour (database, Redis, Asterisk) does not answer now."""


class SetupError(HotlineError):
    """The installation is wrong. The message says in plain words what to do."""
