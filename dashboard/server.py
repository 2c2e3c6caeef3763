"""The command `tongdai web`: the web server, one process or several behind one port.

Any number may run; none keeps anything to itself. Several are uvicorn's: a first one holds the port and
replaces those that die, and they die with it.
"""

import multiprocessing

import uvicorn
from fastapi import FastAPI

from dashboard.app import create_app
from hotline import children, log, ports
from hotline.settings import settings

_IDLE_SECONDS = 150
"""For longer than browsers and proxies keep a connection that rests (nginx 60 s, Caddy 120 s): a pop
needs no new one, and a proxy never sends a request into one that we are just closing."""
_GOODBYE_SECONDS = 3
"""How long open requests may take when the process is told to stop; live streams end at once."""

_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2, the least that Python 3.10 and later speak; those of 1.3 are all good (RFC 9325, 4.2)."""


def command() -> None:
    """Serve the pages on the settings' host and port until told to stop."""
    chosen = settings() if settings().web_port else ports.filled()
    uvicorn.run(
        f"{__name__}:{application.__name__}",
        factory=True,
        workers=chosen.web_processes,
        host=chosen.host,
        port=chosen.web_port,
        log_config=None,
        ws="websockets-sansio",
        ws_max_size=64 * 1024,
        access_log=chosen.log_level == "debug",
        server_header=False,
        timeout_keep_alive=_IDLE_SECONDS,
        timeout_graceful_shutdown=_GOODBYE_SECONDS,
        ssl_certfile=chosen.tls_certificate,
        ssl_keyfile=chosen.tls_key,
        ssl_ciphers=_CIPHERS,
    )


def application() -> FastAPI:
    """What a process serves; uvicorn makes it there."""
    first = multiprocessing.parent_process()
    if settings().web_processes > 1 and first is not None:
        children.end_with(first.pid)
        log.configure()
    return create_app()
