"""What an app says of its doors, in tests/<app>/doors.py; tests/tenancy/doors.py gathers them for the sweep.

Every route is there by its name. A new page costs one line:

    PAGES = {"customers:detail": page(GET=Right.SEE_CUSTOMERS)}

`page(...)`: what each method in use asks of a member; ANY is every member of the shop. The rest follows from the rule:
nobody → the log-in page; a stranger, a member of another shop, another shop's id → the 404 of what does not exist;
a member without the right → 403. `api(...)` names the scope a key needs: no key → 401, no scope → 403.
Values for the path come from the app's PATH by the name of the route's argument, or from the row's `path`.
"""

from dataclasses import dataclass, field

ANY = "any member"


@dataclass(frozen=True)
class Door:
    """methods: method → right or scope. path: argument → where its value comes from. data: what is sent with writes.

    fine: the answers a person who may gets with their own ids, where not the usual ones (FINE in test_sweep.py).
    """

    methods: dict
    path: dict = field(default_factory=dict)
    data: dict = field(default_factory=dict)
    fine: tuple = ()


def page(*, path=None, data=None, fine=(), **methods):
    return Door(methods, path or {}, data or {}, fine)


api = page
