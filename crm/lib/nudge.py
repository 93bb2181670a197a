"""Telling a worker to look for work at once, instead of at the next tick."""

import logging

import redis
from celery import current_app
from django.conf import settings

logger = logging.getLogger(__name__)

ANSWERS_WITHIN = 0.3  # seconds
EXPIRES = 60  # A nudge nobody took by then is repeated by a later tick; so a long queue does not grow.


def nudge(task: str, *args: str | int) -> None:
    """Send "look now", if Redis answers: the work is a row, which the next tick finds.

    Asked first, as the library that sends would wait for a server that hangs as long as it hangs.
    """
    limits = {"socket_timeout": ANSWERS_WITHIN, "socket_connect_timeout": ANSWERS_WITHIN}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, retry=None, **limits) as client:
            client.ping()
    except (redis.RedisError, OSError) as error:
        logger.warning("Redis did not answer (%s): %s waits for the next tick.", type(error).__name__, args)
        return
    current_app.send_task(task, args=list(args), expires=EXPIRES, retry=False)
