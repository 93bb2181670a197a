"""How many requests a key may still make this minute: a counter in Redis for each key and minute.

Where Redis does not answer, requests pass: a limit protects us from a runaway client, and refusing everybody would do
what that client could only threaten.
"""

import logging
from functools import cache
from typing import NamedTuple

import redis
from django.conf import settings

from crm.shops.models import ApiKey

logger = logging.getLogger("crm.api")
WINDOW = 60  # seconds


class Rate(NamedTuple):
    limit: int
    used: int
    reset: int  # seconds to the next window

    @property
    def is_allowed(self) -> bool:
        return self.used <= self.limit

    def headers(self) -> dict[str, str]:
        return {
            "RateLimit-Limit": str(self.limit),
            "RateLimit-Remaining": str(max(self.limit - self.used, 0)),
            "RateLimit-Reset": str(self.reset),
        }


@cache
def _client(url: str) -> redis.Redis:
    return redis.Redis.from_url(url, socket_timeout=0.2, socket_connect_timeout=0.2)


def take(api_key: ApiKey, *, at: float, limit: int) -> Rate | None:
    """Count one request of the key at this moment (seconds since 1970); None where Redis does not answer."""
    window, passed = divmod(int(at), WINDOW)
    name = f"rate:{api_key.shop_id}:{api_key.pk}:{api_key.key_hash[:12]}:{window}"
    try:
        with _client(settings.REDIS_URL).pipeline(transaction=False) as pipe:
            pipe.incr(name)
            pipe.expire(name, WINDOW * 2)
            used, _ = pipe.execute()
    except (redis.RedisError, OSError) as error:
        logger.warning("Rate limits are off: Redis did not answer (%s)", type(error).__name__)
        return None
    return Rate(limit, int(used), WINDOW - passed)
