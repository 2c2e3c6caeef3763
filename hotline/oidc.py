"""Log-in with an account of the ministry (OpenID Connect 1.0, authorization code with PKCE), when set.

The provider says who somebody is; whether they work here, our own accounts say: nobody is made or
changed by it. The provider must ask for the person anew (`prompt=login`, `max_age`): at a shared
computer the one before may still be logged in there.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import compare_digest, token_urlsafe
from typing import Any
from urllib.parse import urlsplit

from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

from hotline.errors import HotlineError, Unavailable
from hotline.oidc_accounts import LONGEST_SUBJECT, Told
from hotline.settings import Settings

FRESH = timedelta(minutes=5)
"""So long ago at most the provider has asked for the person."""
LEEWAY = timedelta(minutes=1)
"""For clocks that differ."""
ALGORITHMS = ("RS256", "PS256", "ES256", "EdDSA")
_TIMEOUT_SECONDS = 5
_CONFIGURATION = "/.well-known/openid-configuration"


class Refused(HotlineError):
    """What came back is not the answer to what was asked, or not to be believed."""


@dataclass(frozen=True, slots=True)
class Begun:
    """What the browser carries until it comes back; random."""

    state: str
    nonce: str
    verifier: str

    def __str__(self) -> str:
        return f"{self.state}.{self.nonce}.{self.verifier}"


def begin() -> Begun:
    return Begun(token_urlsafe(32), token_urlsafe(32), token_urlsafe(48))


def begun(text: str) -> Begun:
    """Of its text. Raises Refused."""
    parts = text.split(".")
    if len(parts) != 3 or not all(parts):
        raise Refused("nothing was begun in this browser")
    return Begun(*parts)


def address(of: Settings, begun: Begun) -> str:
    """Where the browser is sent. Raises Unavailable."""
    with _client(of) as client:
        asked, _ = client.create_authorization_url(
            _endpoint(of, _configuration(of, client), "authorization_endpoint"),
            state=begun.state,
            code_verifier=begun.verifier,
            nonce=begun.nonce,
            prompt="login",
            max_age=str(int(FRESH.total_seconds())),
        )
        return str(asked)


def finish(of: Settings, begun: Begun, answer: Mapping[str, str], now: datetime) -> Told:
    """Of what the browser brought back in its address. Raises Refused, Unavailable."""
    if not compare_digest(answer.get("state", "").encode(), begun.state.encode()):
        raise Refused("another state")
    if answer.get("iss", of.oidc_issuer) != of.oidc_issuer:
        raise Refused("another issuer")  # RFC 9207
    if not answer.get("code"):
        raise Refused("no code")
    with _client(of) as client:
        configuration = _configuration(of, client)
        tokens = _tokens(of, client, configuration, begun, answer["code"])
        keys = _json(client, _endpoint(of, configuration, "jwks_uri"))
    claims = _proven(of, tokens, keys, begun.nonce, now)
    return _told(of, claims)


def _client(of: Settings) -> OAuth2Session:
    return OAuth2Session(
        of.oidc_client_id,
        of.oidc_secret.get_secret_value(),
        scope="openid email profile",
        redirect_uri=f"{of.address}/login/oidc/back",
        code_challenge_method="S256",
        default_timeout=_TIMEOUT_SECONDS,
    )


def _configuration(of: Settings, client: OAuth2Session) -> Mapping[str, Any]:
    found = _json(client, of.oidc_issuer.rstrip("/") + _CONFIGURATION)
    if found.get("issuer") != of.oidc_issuer:
        raise Unavailable("the provider of log-ins says to be another one")
    return found


def _endpoint(of: Settings, configuration: Mapping[str, Any], name: str) -> str:
    """By TLS wherever the issuer is. Raises Unavailable."""
    found = str(configuration.get(name, ""))
    if urlsplit(found).scheme != urlsplit(of.oidc_issuer).scheme:
        raise Unavailable(f"the provider of log-ins has no {name}")
    return found


def _json(client: OAuth2Session, url: str) -> Mapping[str, Any]:
    try:
        answer = client.get(url, withhold_token=True, allow_redirects=False)
        found = answer.json() if answer.status_code == 200 else None
    except (OSError, ValueError) as error:  # what requests raises is an OSError
        raise Unavailable("the provider of log-ins does not answer") from error
    if not isinstance(found, dict):
        raise Unavailable("the provider of log-ins does not answer")
    return found


def _tokens(
    of: Settings, client: OAuth2Session, configuration: Mapping[str, Any], begun: Begun, code: str
) -> Mapping[str, Any]:
    endpoint = _endpoint(of, configuration, "token_endpoint")
    try:
        found: Mapping[str, Any] = client.fetch_token(
            endpoint,
            code=code,
            grant_type="authorization_code",
            code_verifier=begun.verifier,
            redirect_uri=client.redirect_uri,
            allow_redirects=False,
        )
    except OSError as error:
        raise Unavailable("the provider of log-ins does not answer") from error
    except Exception as error:  # an answer of any shape comes from another house
        raise Refused("no token for this code") from error
    return found


def _proven(
    of: Settings, tokens: Mapping[str, Any], keys: Mapping[str, Any], nonce: str, now: datetime
) -> CodeIDToken:
    """The claims of the ID token (OpenID Connect Core 3.1.3.7). Raises Refused."""
    try:
        token = jwt.decode(str(tokens["id_token"]), _keys(keys), algorithms=[*ALGORITHMS])
        claims = CodeIDToken(
            token.claims,
            token.header,
            {
                "iss": {"essential": True, "value": of.oidc_issuer},
                "aud": {"essential": True, "value": of.oidc_client_id},
            },
            {
                "nonce": nonce,
                "client_id": of.oidc_client_id,
                "access_token": tokens.get("access_token"),
                "max_age": int(FRESH.total_seconds()),
            },
        )
        claims.validate(int(now.timestamp()), int(LEEWAY.total_seconds()))
        asked_at = float(claims["auth_time"])
    except Exception as error:  # a token of any shape comes from another house
        raise Refused("the ID token is not to be believed") from error
    if asked_at < (now - FRESH - LEEWAY).timestamp():
        raise Refused("the provider has not asked for the person now")
    return claims


def _keys(found: Mapping[str, Any]) -> KeySet:
    keys: list[Any] = found["keys"]
    return KeySet.import_key_set({"keys": keys})


def _told(of: Settings, claims: Mapping[str, Any]) -> Told:
    """Raises Refused for who has no id there, and an e-mail address that the provider has not proven."""
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isascii():
        raise Refused("no id by which the provider knows them")
    name, by_email = claims.get(of.oidc_claim), of.oidc_claim == "email"
    if not isinstance(name, str) or (by_email and claims.get("email_verified") is not True):
        raise Refused("no name by which we know anybody")
    wanted = set(of.oidc_second_factor.replace(",", " ").split())
    how = {str(one) for one in (claims.get("acr"), *(claims.get("amr") or ())) if one}
    return Told(of.oidc_issuer, subject, name.strip(), by_email, bool(wanted & how))
