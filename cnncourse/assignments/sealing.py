"""Answers that can be recognised and not read: a slow hash of each, with a salt.

Whoever tries every answer finds the right one in the end: a shape is a few small numbers. It is hidden from a glance
into the file, and no more.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

ROUNDS = 100_000  # some hundredths of a second for one answer


def sealed(answer: Any, salt: bytes) -> str:
    """Return the hash of a whole number, or of a tuple of them, as hexadecimal digits."""
    return pbkdf2(json.dumps(answer).encode(), salt, ROUNDS).hex()


def pbkdf2(secret: bytes, salt: bytes, rounds: int) -> bytes:
    """Return the 32 bytes of PBKDF2 with HMAC and SHA-256 (RFC 8018)."""
    try:
        return hashlib.pbkdf2_hmac("sha256", secret, salt, rounds)
    except AttributeError:  # a Python without OpenSSL, such as that of a browser
        return _pbkdf2_in_python(secret, salt, rounds)


def _pbkdf2_in_python(secret: bytes, salt: bytes, rounds: int) -> bytes:
    key = (hashlib.sha256(secret).digest() if len(secret) > 64 else secret).ljust(64, b"\0")
    inner, outer = (hashlib.sha256(bytes(byte ^ mask for byte in key)) for mask in (0x36, 0x5C))

    def hmac(message: bytes) -> bytes:
        first, second = inner.copy(), outer.copy()
        first.update(message)
        second.update(first.digest())
        return second.digest()

    block = hmac(salt + (1).to_bytes(4, "big"))
    total = int.from_bytes(block, "big")
    for _ in range(rounds - 1):
        block = hmac(block)
        total ^= int.from_bytes(block, "big")
    return total.to_bytes(32, "big")
