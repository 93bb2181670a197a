"""What the log leaves out: links that let people in, and the stack of what was only refused."""

import logging
import re

# A path as it stands in an address, or inside the query of another one.
_SLASH = "(?:/|%2[Ff])"
_SECRET = re.compile(
    "("
    f"(?<!settings){_SLASH}invitations{_SLASH}[a-z0-9-]+{_SLASH}(?:link{_SLASH})?"
    f"|{_SLASH}accounts{_SLASH}password{_SLASH}reset{_SLASH}key{_SLASH}"
    f"|{_SLASH}accounts{_SLASH}confirm-email{_SLASH}"
    ")"
    r"(?:(?!%2[Ff])[^/\s?&#\"'<>])+"
)


def without_tokens(text: str) -> str:
    """The text with “…” for the secret part of each link to an invitation, a new password or a confirmation."""
    return _SECRET.sub(r"\1…", text)


class HideTokens(logging.Filter):
    """Django, uvicorn and others write the path of a request, which in some links is the key to an account.

    Who may read the log may not sign in as others.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        text = record.getMessage()
        if (hidden := without_tokens(text)) != text:
            record.msg, record.args = hidden, ()
        return True


class PlainRefusals(logging.Filter):
    """Django logs each answer from 400 on with its exception. Below 500 a line says all; 37 would hide the others.

    Who may not, and what does not exist, is no fault of the program's.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "status_code", 500) < 500:
            record.exc_info = record.exc_text = None
        return True
