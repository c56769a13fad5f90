"""Encryption of secrets at rest and of forms on their way. The first key encrypts, all decrypt."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from tracker.kernel.errors import ConfigError


class Sealer:
    """Seals and opens short secrets with the keys of TRACKER_SECRET_KEY."""

    def __init__(self, secret_keys: tuple[str, ...]) -> None:
        """Derive one Fernet key from each configured secret."""
        self._keys = secret_keys
        self._box = MultiFernet([Fernet(_derived(key)) for key in secret_keys])

    def seal(self, text: str) -> str:
        """Return the secret as an opaque text."""
        return self._box.encrypt(text.encode()).decode("ascii")

    def open(self, sealed: str, *, max_age_seconds: int | None = None) -> str:
        """Return the secret. Raises ConfigError when no configured key opens it, or it is older."""
        try:
            return self._box.decrypt(sealed.encode(), ttl=max_age_seconds).decode()
        except InvalidToken:
            raise ConfigError(
                "TRACKER_SECRET_KEY 与保存机器人地址时不同：请加回原密钥，或重新填写机器人地址。"
            ) from None

    def marks(self, text: str) -> list[str]:
        """Return what may name a secret without telling it: one digest per key, newest first."""
        return [_mark(key, text) for key in self._keys]


def _mark(key: str, text: str) -> str:
    keyed = hashlib.blake2b(key.encode(), digest_size=32, person=b"tracker-marker").digest()
    return hashlib.blake2b(text.encode(), digest_size=16, key=keyed).hexdigest()


def _derived(secret: str) -> bytes:
    digest = hashlib.blake2b(secret.encode(), digest_size=32, person=b"tracker-sealer").digest()
    return base64.urlsafe_b64encode(digest)
