"""A search for duplicates, asked for on a page or by the command, and what staff say of what it found.

    QUEUED ──► RUNNING ──► DONE (the pairs stand in the list) | FAILED | CANCELLED by whoever looks on

What is found is worked out first, while nothing is locked and each report can say that the search was stopped or taken
over. One transaction then writes the list, so that it is either whole or as it was.
"""

from collections.abc import Callable, Iterable
from datetime import datetime

from django.db import transaction
from django.db.models.functions import Now

from crm.shops.audit.chain import Actor, record
from crm.shops.models import Shop, User
from crm.tenancy.leases import Lease
from crm.tenancy.scope import shop_scope
from customers.merging.finder import FoundPair, find_pairs, found_pairs, list_found
from customers.models import DuplicatePair, DuplicateSearch

State = DuplicateSearch.State


class AlreadyJudged(LookupError):
    """The pair is not open any more: skipped, or one of the two is gone."""


def last_search() -> DuplicateSearch | None:
    """The latest of the shop in scope."""
    return DuplicateSearch.objects.order_by("-created_at", "-pk").first()


@transaction.atomic
def request_search(shop: Shop, *, by: Actor, now: datetime) -> DuplicateSearch:
    """Queue a search in the shop in scope; the one that waits already, if one does."""
    Shop.objects.select_for_update(no_key=True).get(pk=shop.pk)  # Two at once would both find none waiting.
    waiting = DuplicateSearch.objects.filter(state=State.QUEUED).first()
    if waiting is not None:
        return waiting
    search = DuplicateSearch.objects.create(
        shop=shop,
        state=State.QUEUED,
        due_at=now,
        created_at=now,
        requested_by=by if isinstance(by, User) else None,
    )
    record("customers.duplicates_requested", search, by=by)
    return search


def start_search(shop: Shop, *, now: datetime, lease: Lease | None = None) -> DuplicateSearch:
    """A search that the caller does itself: for the command line. If the caller dies, a worker takes it over."""
    search = DuplicateSearch.objects.create(shop=shop, state=State.QUEUED, due_at=now, created_at=now)
    record("customers.duplicates_requested", search, by=None)
    search.take(lease)
    return search


def run_search(
    search: DuplicateSearch, *, now: datetime, listen: Callable[[Iterable[FoundPair]], None] | None = None
) -> None:
    """Do a claimed search, outside any scope. `listen` is given all that was found, the likeliest first.

    Raises LeaseLost where another worker has taken it over; then nothing is changed.
    """

    def report(share: float) -> None:
        with shop_scope(search.shop_id):
            search.report(0.9 * share, "comparing")

    report(0)
    found = find_pairs(search.shop_id, report)
    if listen is not None:
        with shop_scope(search.shop_id):
            listen(found_pairs(found))
    with shop_scope(search.shop_id):
        list_found(found, now=now)
        search.finish(State.DONE, pairs=found.worth_asking, progress=1)
        record("customers.duplicates_found", search, by=search.requested_by, details={"pairs": search.pairs})


@transaction.atomic
def cancel_search(*, by: Actor) -> bool:
    """Stop the search of the shop in scope that waits or runs; the list stays what it was. Whether there was one."""
    searches = DuplicateSearch.objects.select_for_update(no_key=True)
    open_ = list(searches.filter(state__in=(State.QUEUED, State.RUNNING)))
    ids = [search.pk for search in open_]
    DuplicateSearch.objects.filter(pk__in=ids).update(
        state=State.CANCELLED, finished_at=Now(), token=None, lease_until=None
    )
    for search in open_:
        record("customers.duplicates_cancelled", search, by=by)
    return bool(open_)


def give_up(search: DuplicateSearch) -> None:
    """Fail a claimed search for good; the list stays what it was. Raises LeaseLost."""
    search.finish(State.FAILED, error={"code": "crashed"})


@transaction.atomic
def skip_pair(pair: DuplicatePair, *, by: Actor, now: datetime) -> None:
    """Have the pair of the shop in scope judged to be two people, for ever. Raises AlreadyJudged."""
    changed = DuplicatePair.objects.filter(pk=pair.pk, state=DuplicatePair.State.OPEN).update(
        state=DuplicatePair.State.SKIPPED, decided_at=now, decided_by=by if isinstance(by, User) else None
    )
    if not changed:
        raise AlreadyJudged
    record("customers.not_duplicates", pair, by=by, details={"first": pair.first_id, "second": pair.second_id})
