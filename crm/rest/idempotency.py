"""A POST with an Idempotency-Key happens once, however often it is sent: a repetition gets the first answer again.

Two transactions. The first, short one writes down that the request has begun, so that others see it. The second locks
that row, does the work and writes the answer into the row: both or neither are committed. Whoever dies in between
leaves a row without an answer. While its lock is held nobody else can begin; when the lock is gone and the lease has
passed (it only bridges the moment between the two transactions), the next repetition takes the row over and does the
work. A first request that was merely slow finds the lease changed and does nothing.

Only answers below 300 are kept. A refused or failed request has changed nothing, so its key is free again.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from crm.rest.bodies import body_of
from crm.rest.problems import Problem
from crm.shops.models import ApiKey, IdempotencyRecord
from crm.tenancy.scope import current_shop_id

HEADER = "Idempotency-Key"
KEEP = timedelta(hours=72)
LEASE = timedelta(seconds=15)

_BEGIN = """
INSERT INTO shops_idempotencyrecord
    (shop_id, api_key_id, method, path, key, body_hash, created_at, lease_until, content_type)
VALUES (%(shop_id)s, %(api_key_id)s, %(method)s, %(path)s, %(key)s, %(body_hash)s, %(now)s,
    clock_timestamp() + %(lease)s, '')
ON CONFLICT (shop_id, api_key_id, method, path, key) DO NOTHING
RETURNING id, lease_until
"""
# A row whose lock is held belongs to a request that is at work: it is skipped, and so nothing is returned.
_TAKE_OVER = """
UPDATE shops_idempotencyrecord
SET lease_until = clock_timestamp() + %(lease)s, body_hash = %(body_hash)s, created_at = %(now)s,
    status = NULL, body = NULL, content_type = ''
WHERE shop_id = %(shop_id)s AND id = ANY(ARRAY(
    SELECT id FROM shops_idempotencyrecord
    WHERE shop_id = %(shop_id)s AND id = %(id)s
        AND (created_at < %(too_old)s OR (status IS NULL AND lease_until < clock_timestamp()))
    FOR UPDATE SKIP LOCKED
))
RETURNING id, lease_until
"""


class Claim(NamedTuple):
    """The right to do the work of one row, until somebody else's lease stands in it."""

    record_id: int
    lease_until: datetime


def wanted(request: HttpRequest) -> bool:
    return request.method == "POST" and HEADER in request.headers


def begin(request: HttpRequest, api_key: ApiKey) -> Claim | HttpResponse:
    """Note that the request has begun, in the caller's own short transaction; or answer as the first time.

    Problem: invalid_idempotency_key, idempotency_mismatch (another body), idempotency_in_progress.
    """
    place = _place(request, api_key)
    if (claim := _claim(_BEGIN, place)) is not None:
        return claim
    record = IdempotencyRecord.objects.filter(
        api_key=api_key, method=place["method"], path=place["path"], key=place["key"]
    ).first()
    if record is None:  # Given free by a failed first request at this very moment.
        raise _in_progress(1)
    is_live = record.created_at >= place["too_old"]
    if is_live and record.body_hash != place["body_hash"]:
        raise Problem("idempotency_mismatch", "Use a new Idempotency-Key for each new request.")
    if is_live and record.status is not None:
        return _replay(record)
    if (claim := _claim(_TAKE_OVER, place | {"id": record.pk})) is not None:
        return claim
    raise _in_progress(_seconds_left(record))


def _place(request: HttpRequest, api_key: ApiKey) -> dict[str, Any]:
    key, now = request.headers[HEADER], timezone.now()
    if not 0 < len(key) <= 255 or not key.isascii() or not key.isprintable():
        raise Problem(
            "invalid_idempotency_key", "Send 1 to 255 printable ASCII characters, such as a UUID.", field=HEADER
        )
    return {
        "shop_id": current_shop_id(),
        "api_key_id": api_key.pk,
        "method": request.method,
        "path": request.path[:200],
        "key": key,
        "body_hash": hashlib.sha256(body_of(request)).hexdigest(),
        "now": now,
        "too_old": now - KEEP,
        "lease": LEASE,
    }


def _claim(sql: str, params: dict[str, Any]) -> Claim | None:
    with connections["default"].cursor() as cursor:
        cursor.execute(sql, params)
        row = cursor.fetchone()
    return Claim(*row) if row else None


def _replay(record: IdempotencyRecord) -> HttpResponse:
    return HttpResponse(
        bytes(record.body or b""),
        status=record.status,
        content_type=record.content_type,
        headers={"Idempotency-Replayed": "true"},
    )


def _seconds_left(record: IdempotencyRecord) -> int:
    left = (record.lease_until - timezone.now()).total_seconds() if record.lease_until else 0
    return max(1, int(left) + 1)


def _in_progress(seconds: int) -> Problem:
    return Problem(
        "idempotency_in_progress",
        "Wait for the first request's answer, or send this one again after the time of Retry-After.",
        headers={"Retry-After": str(seconds)},
    )


def hold(claim: Claim) -> None:
    """Lock the row for the transaction that does the work. Problem: idempotency_in_progress, if the lease was lost."""
    mine = IdempotencyRecord.objects.filter(pk=claim.record_id, lease_until=claim.lease_until, status=None)
    if mine.select_for_update(skip_locked=True).first() is None:
        raise _in_progress(1)


def keep(claim: Claim, response: HttpResponse) -> None:
    """Write the answer into the row, in the transaction of the work."""
    IdempotencyRecord.objects.filter(pk=claim.record_id).update(
        status=response.status_code,
        content_type=response.headers["Content-Type"],
        body=response.content,
        lease_until=None,
    )


def give_free(claim: Claim) -> None:
    """After a refused or failed request: its key may be used again, also with a corrected body."""
    IdempotencyRecord.objects.filter(pk=claim.record_id, lease_until=claim.lease_until, status=None).delete()


def forget_old_answers(*, now: datetime, most: int = 10_000) -> int:
    """Delete the shop's answers older than 72 hours, oldest first, at most `most`; return how many there were."""
    old = IdempotencyRecord.objects.filter(created_at__lt=now - KEEP).order_by("created_at").values("pk")[:most]
    deleted, _ = IdempotencyRecord.objects.filter(pk__in=old).delete()
    return deleted
