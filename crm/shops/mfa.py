"""The secrets of two-step sign-in, encrypted where they are stored.

A copy of the database alone then opens no account: it takes the installation's SECRET_KEY, too, which is not in it.
"""

import logging
import secrets
from base64 import b32encode, urlsafe_b64encode

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac

logger = logging.getLogger(__name__)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Keys of authenticator apps, and the seed that recovery codes are made of."""

    def encrypt(self, text: str) -> str:
        return _box().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        try:
            return _box().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            # Another SECRET_KEY wrote it. Nobody knows this one: every code is wrong, and the page says so.
            logger.error("A secret of two-step sign-in cannot be read: was SECRET_KEY changed?")
            return b32encode(secrets.token_bytes(20)).decode()


def _box() -> Fernet:
    return Fernet(urlsafe_b64encode(salted_hmac("crm.shops.mfa", "", algorithm="sha256").digest()))
