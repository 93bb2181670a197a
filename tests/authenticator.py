"""An authenticator app."""

import time

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value


def app_code(secret, *, at=None):
    """What it shows now, or at the moment in seconds."""
    return format_hotp_value(hotp_value(secret, int(time.time() if at is None else at) // 30))
