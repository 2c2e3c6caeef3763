"""What `tongdai doctor` can say about documents: can the worker make them, and in which typeface."""

from collections.abc import Iterator

from hotline.errors import HotlineError
from hotline.findings import Finding, Grade, Patient
from intake.documents import typefaces
from intake.documents.paper import Foot, Head, Note, Paper


def examine(patient: Patient) -> Iterator[Finding]:
    """Make an empty document; look for its typeface."""
    of = patient.settings
    if of.containers and not of.redis_url:
        return  # no worker
    problem = _made()
    if problem:
        yield Finding(
            Grade.WRONG,
            "documents",
            f"cannot be made ({problem}): statutory forms stay on the screen",
            "install the locked packages again (`make run`, or build the image anew)",
        )
    elif typefaces.folder() is None:
        yield Finding(
            Grade.ODD,
            "documents",
            "are made, but Liberation Serif is missing: they do not look like Times New Roman",
            "run `tongdai typefaces`, or install the package fonts-liberation2",
        )
    else:
        yield Finding(Grade.GOOD, "documents", "PDF and DOCX can be made, in Liberation Serif")


def _made() -> str:
    """Why not; empty when they can be. The typesetters are loaded only here: nobody else of `doctor`
    needs them, and one that is broken must not break the others."""
    blank = Paper(Head("", "", "", "", "", "", "", "", ()), (Note(""),), Foot("", (), "", ""))
    try:
        from intake.documents import paper_docx, paper_pdf

        made = paper_pdf.pdf(blank), paper_docx.docx(blank)
    except (ImportError, HotlineError, OSError) as error:
        return type(error).__name__
    return "" if all(made) else "empty"
