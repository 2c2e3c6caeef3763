"""A small OpenID provider on loopback: signs with a real RSA key, gives each code out once."""

import base64
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

from hotline.clock import utc_now

CLIENT, SECRET = "tong-dai-111", "a-secret-of-the-provider-8f2c"


@dataclass
class Provider:
    """`claims` are put over those that are right; `lies`: over the configuration; `key`: what it signs
    with, while `shown` stands in its JWKS."""

    issuer: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "one"}))
    claims: dict[str, Any] = field(default_factory=dict)
    lies: dict[str, Any] = field(default_factory=dict)
    algorithm: str = "RS256"
    waiting: dict[str, dict[str, str]] = field(default_factory=dict)
    shown: RSAKey | None = None

    def log_in(self, address: str) -> str:
        """Somebody logs in there; the address by which the browser comes back, from its path on."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert asked["response_type"] == "code"
        assert asked["client_id"] == CLIENT
        assert asked["code_challenge_method"] == "S256"
        assert asked["prompt"] == "login"
        code = token_urlsafe(16)
        self.waiting[code] = asked
        back = urlsplit(asked["redirect_uri"])
        return f"{back.path}?code={code}&state={asked['state']}"

    def configuration(self) -> dict[str, Any]:
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            **self.lies,
        }

    def keys(self) -> dict[str, Any]:
        return {"keys": [(self.shown or self.key).as_dict(private=False)]}

    def tokens(self, form: dict[str, str], authorization: str) -> dict[str, Any] | None:
        """None for a code that is not there, or for who cannot prove to be its client."""
        asked = self.waiting.pop(form.get("code", ""), None)
        right = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        digest = sha256(form.get("code_verifier", "").encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if asked is None or authorization != f"Basic {right}" or asked["code_challenge"] != challenge:
            return None
        if form.get("redirect_uri") != asked["redirect_uri"]:
            return None
        now = int(utc_now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": "8c1f",
            "aud": CLIENT,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "nonce": asked["nonce"],
            **self.claims,
        }
        told = {name: value for name, value in claims.items() if value is not None}
        header = {"alg": self.algorithm, "kid": "one"}
        token = jwt.encode(header, told, self.key, algorithms=[self.algorithm])
        return {"access_token": token_urlsafe(16), "token_type": "Bearer", "id_token": token}


@contextmanager
def serving(provider: Provider) -> Iterator[Provider]:
    """On a free port of loopback, until the end of the block."""

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = {
                "/.well-known/openid-configuration": provider.configuration,
                "/keys": provider.keys,
            }.get(self.path)
            self._answer(found() if found else None)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._answer(provider.tokens(form, self.headers.get("Authorization", "")))

        def _answer(self, found: dict[str, Any] | None) -> None:
            self.send_response(200 if found else 400)
            self.send_header("Content-Type", "application/json")
            self.end_headers()
            self.wfile.write(json.dumps(found or {"error": "invalid_grant"}).encode())

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    provider.issuer = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
