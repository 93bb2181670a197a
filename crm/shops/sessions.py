"""Sessions in the database, looked up by nothing but what can be one's key."""

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore


class SessionStore(DatabaseStore):
    """A cookie may hold anything, also a NUL, which PostgreSQL refuses: such a browser is simply not signed in."""

    def _validate_session_key(self, key: str | None) -> bool:
        return key is not None and 8 <= len(key) <= 40 and key.isascii() and key.isalnum()
