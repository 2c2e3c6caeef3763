"""A security key in software: makes passkeys and signs as a device does, and as one that lies would."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

PRESENT, VERIFIED, NEW = 0x01, 0x04, 0x40


def text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def data(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SecurityKey:
    """One passkey of one person. `count` is what it says of its uses; `verifies`: whether it asks for a
    finger; `site` and `origin`: for whom it signs."""

    origin: str
    site: str = "localhost"
    verifies: bool = True
    count: int = 0
    id: bytes = field(default_factory=lambda: token_bytes(32))
    owner: str | None = None
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )

    def make(self, options: dict[str, Any]) -> str:
        """What a browser says of a new one."""
        self.owner = options["user"]["id"]
        made = {"fmt": "none", "attStmt": {}, "authData": self._signed_data(NEW, self._public())}
        return self._said(
            {
                "clientDataJSON": text(self._told("webauthn.create", options)),
                "attestationObject": text(cbor2.dumps(made)),
            }
        )

    def sign(self, options: dict[str, Any]) -> str:
        """What a browser says of one that is given."""
        self.count += 1
        signed, told = self._signed_data(), self._told("webauthn.get", options)
        signature = self.key.sign(signed + sha256(told).digest(), ec.ECDSA(SHA256()))
        return self._said(
            {
                "clientDataJSON": text(told),
                "authenticatorData": text(signed),
                "signature": text(signature),
                "userHandle": self.owner,
            }
        )

    def _said(self, response: dict[str, Any]) -> str:
        name = text(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})

    def _told(self, kind: str, options: dict[str, Any]) -> bytes:
        told = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps(told | {"crossOrigin": False}).encode()

    def _signed_data(self, flags: int = 0, public: bytes = b"") -> bytes:
        flags |= PRESENT | (VERIFIED if self.verifies else 0)
        return sha256(self.site.encode()).digest() + bytes([flags]) + self.count.to_bytes(4) + public

    def _public(self) -> bytes:
        """Attested credential data: model (none), length of the id, id, key as COSE."""
        numbers = self.key.public_key().public_numbers()
        x, y = numbers.x.to_bytes(32), numbers.y.to_bytes(32)
        cose = cbor2.dumps({1: 2, 3: -7, -1: 1, -2: x, -3: y})
        return bytes(16) + len(self.id).to_bytes(2) + self.id + cose
