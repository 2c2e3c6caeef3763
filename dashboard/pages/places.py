"""Units for the form's places while somebody types. What is typed goes in a body, not in an address."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from dashboard.asking import Asking
from dashboard.rendering import page
from hotline.access import Action
from intake.forms.place_lines import find_in

router = APIRouter()


@router.post("/places")
def found(asked: Asking, q: Annotated[str, Form()] = "") -> Response:
    """The options of a combobox, best first; none is no error: words are a place, too. What was said
    before the unit goes to the field that says the rest."""
    with asked.work(Action.WRITE_RECORD, write=False) as work:
        line = find_in(q)
        return page(asked, work, "_units.html", units=line.units, before=line.before)
