"""Search. What is typed goes in a form's body: no name ever stands in an address or a log."""

from typing import Annotated

from fastapi import APIRouter, Form
from fastapi.responses import Response

from dashboard.asking import Asking
from dashboard.rendering import page
from hotline.access import Action
from intake import search
from intake.search_words import LONGEST_QUERY

router = APIRouter()


@router.get("/search")
def empty(asked: Asking) -> Response:
    with asked.work(Action.READ_RECORD, write=False) as work:
        return page(asked, work, "search.html", query="", hits=None)


@router.post("/search")
def hits(asked: Asking, q: Annotated[str, Form()] = "") -> Response:
    """The hits alone for our own page, the whole page for a browser without scripts."""
    with asked.work(Action.READ_RECORD) as work:
        found = search.search(work.session, work.viewer, q, work.now)
        template = "_hits.html" if asked.is_fragment else "search.html"
        return page(asked, work, template, query=q[:LONGEST_QUERY], hits=found)
