"""Django's Redis cache, that goes on in the memory of this process where Redis does not answer.

What stands in it helps (limits on log-in tries and mails); its absence must not shut people out, nor open unlimited
guessing. Each process then counts for itself, so a limit is at most as many times as high as there are processes.
"""

import logging
import time
from typing import Any

import redis
from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.backoff import NoBackoff
from redis.retry import Retry

logger = logging.getLogger(__name__)

ANSWERS_WITHIN = 1.0  # seconds; the first request that waits so long leaves it alone for the others
LEFT_ALONE_FOR = 5.0  # seconds after which a silent server is asked again: only then one request waits
MOST_ENTRIES = 20_000  # Django's 300 could be pushed out of memory by a guesser, with the count of his tries.

_asked_again_at: dict[str, float] = {}  # address → time.monotonic(); of the process, as caches are of threads


class RedisOrMemoryCache(RedisCache):
    def __init__(self, server: str | list[str], params: dict[str, Any]) -> None:
        limits = {
            "socket_timeout": ANSWERS_WITHIN,
            "socket_connect_timeout": ANSWERS_WITHIN,
            "retry": Retry(NoBackoff(), 0),
        }
        super().__init__(server, params | {"OPTIONS": limits | params.get("OPTIONS", {})})
        self._name = server if isinstance(server, str) else ";".join(server)
        self._memory = LocMemCache(self._name, params | {"OPTIONS": {"MAX_ENTRIES": MOST_ENTRIES}})

    def add(self, *given: Any, **named: Any) -> bool:
        return bool(self._either("add", given, named))

    def get(self, *given: Any, **named: Any) -> Any:
        return self._either("get", given, named)

    def set(self, *given: Any, **named: Any) -> None:
        self._either("set", given, named)

    def touch(self, *given: Any, **named: Any) -> bool:
        return bool(self._either("touch", given, named))

    def delete(self, *given: Any, **named: Any) -> bool:
        return bool(self._either("delete", given, named))

    def get_many(self, *given: Any, **named: Any) -> dict[Any, Any]:
        return dict(self._either("get_many", given, named))

    def has_key(self, *given: Any, **named: Any) -> bool:
        return bool(self._either("has_key", given, named))

    def incr(self, *given: Any, **named: Any) -> int:
        return int(self._either("incr", given, named))

    def set_many(self, *given: Any, **named: Any) -> list[Any]:
        return list(self._either("set_many", given, named))

    def delete_many(self, *given: Any, **named: Any) -> None:
        self._either("delete_many", given, named)

    def clear(self) -> None:
        self._memory.clear()
        self._either("clear", (), {})

    def _either(self, operation: str, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        if time.monotonic() >= _asked_again_at.get(self._name, 0):
            try:
                return self._asked(operation, given, named)
            except (redis.RedisError, OSError) as error:
                _asked_again_at[self._name] = time.monotonic() + LEFT_ALONE_FOR
                logger.warning("Redis did not answer (%s): limits are counted in memory.", type(error).__name__)
        return getattr(self._memory, operation)(*given, **named)

    def _asked(self, operation: str, given: tuple[Any, ...], named: dict[str, Any]) -> Any:
        ask = getattr(super(), operation)
        try:
            return ask(*given, **named)
        except redis.ConnectionError:  # Of the last server process, if it was started again meanwhile.
            return ask(*given, **named)
