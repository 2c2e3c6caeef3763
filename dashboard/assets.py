"""The built browser files: `app.js` in a template is `app-3F2A.js` on disk, cached for ever."""

import json
from functools import cache
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from hotline.errors import SetupError

BUILT = Path(__file__).parent / "static" / "built"


@cache
def _names() -> dict[str, str]:
    try:
        names: dict[str, str] = json.loads((BUILT / "manifest.json").read_text())
    except FileNotFoundError as error:
        raise SetupError("the browser files are not built: run `npm ci && npm run build`") from error
    return names


def asset(name: str) -> str:
    """The address of a built file. Raises SetupError when nothing has been built."""
    return f"/static/{_names()[name]}"


class BuiltFiles(StaticFiles):
    """The built files; their names change with their content, so a browser keeps them for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        if response.status_code == 200:
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        return response
