"""What the service has to read again but nobody else may: encrypted with a key from its secret."""

from base64 import urlsafe_b64encode

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


def seal(secret: str, purpose: str, text: str) -> str:
    """Return `text` encrypted (AES-CBC with HMAC) under a key of this purpose alone."""
    return _box(secret, purpose).encrypt(text.encode()).decode()


def unseal(secret: str, purpose: str, sealed: str, *, within_seconds: int | None = None) -> str:
    """Return what was sealed; raises ValueError when it is not ours, altered, or too old."""
    try:
        return _box(secret, purpose).decrypt(sealed.encode(), ttl=within_seconds).decode()
    except InvalidToken:
        raise ValueError("sealed by somebody else, altered, or too old") from None


def _box(secret: str, purpose: str) -> Fernet:
    key = HKDF(SHA256(), length=32, salt=None, info=purpose.encode()).derive(secret.encode())
    return Fernet(urlsafe_b64encode(key))
