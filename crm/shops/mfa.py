"""Two-step sign-in: its secrets, encrypted where they are stored, and which one-time codes were used.

A copy of the database alone opens no account: it takes the installation's SECRET_KEY, too, which is not in it.
"""

import logging
import secrets
from base64 import b32encode, urlsafe_b64encode

from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet, InvalidToken
from django.utils.crypto import salted_hmac

from crm.shops.models import OneTimeStep, User

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


def take_step(user: User, step: int) -> bool:
    """Use the one-time code of this half minute; False where it, or the code of a later one, was used before.

    In the database: an emptied cache must not make old codes right again. Of two requests at once only one is first.
    """
    _row, is_first = OneTimeStep.objects.get_or_create(user=user, defaults={"step": step})
    return is_first or OneTimeStep.objects.filter(user=user, step__lt=step).update(step=step) == 1
