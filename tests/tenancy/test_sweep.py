"""Walks every URL as everybody, with the ids of both shops, and compares the answers with the doors of each app.

The routes come from the resolver, so a new page is covered from its first day: without a line in the table it fails.
"""

import copy
import inspect
import json
import re
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import unquote

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart
from django.urls import URLPattern, get_resolver, reverse

from crm.celery import app
from crm.shops.keys import create_key
from crm.shops.models import ApiKey
from crm.shops.roles import ApiScope, Right, Role, has_right
from crm.tenancy.scope import shop_scope
from tests.factories import FACTORIES, canary, make_everything
from tests.tenancy import doors
from tests.tenancy.door import ANY, page

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
FINE = {
    "GET": {200},
    "POST": {200, 201, 202, 204, 302, 303, 400, 409, 422},
}  # what writes need is not the sweep's matter
NOT_IN_USE = {405}
UNKNOWN_ID = 987654321


def routes():
    """(name, path pattern, arguments) of every route outside Django admin, which tests/platform/ walks."""

    def walk(patterns, prefix, namespaces, arguments):
        for entry in patterns:
            where, known = prefix + str(entry.pattern), arguments | set(entry.pattern.regex.groupindex)
            if isinstance(entry, URLPattern):
                yield ":".join((*namespaces, entry.name or f"unnamed {where}")), where, known
            else:
                inner = (*namespaces, entry.namespace) if entry.namespace else namespaces
                yield from walk(entry.url_patterns, where, inner, known)

    return [row for row in walk(get_resolver().url_patterns, "/", (), set()) if not row[1].startswith("/platform/")]


ROUTES = routes()
PAGES = {name: arguments for name, where, arguments in ROUTES if where.startswith("/s/<slug:shop_slug>/")}
API = {name: args for name, where, args in ROUTES if where.startswith("/api/v1/") and name not in doors.OPEN}
OTHERS = {name for name, _, _ in ROUTES} - PAGES.keys() - API.keys()


def group_of(name):
    """Routes of one app are walked in one test: the two shops are made once for them."""
    return re.split(r"[:\-_]", name.removeprefix("api-"))[0]


def groups(names):
    return sorted({group_of(name) for name in names})


# The table itself


def test_every_page_is_in_the_table():
    missing = [f'    "{name}": page(GET=Right.…),' for name in sorted(PAGES.keys() - doors.PAGES.keys())]
    assert not missing, "Add to PAGES in tests/<app>/doors.py, with the right each method asks for:\n" + "\n".join(
        missing
    )


def test_every_api_route_is_in_the_table():
    missing = [f'    "{name}": api(GET=Scope.…),' for name in sorted(API.keys() - doors.API.keys())]
    assert not missing, "Add to API in tests/<app>/doors.py, with the scope of each method:\n" + "\n".join(missing)


def test_every_other_route_is_in_the_table():
    listed = doors.OPEN | doors.LOGGED_IN
    missing = sorted(name for name in OTHERS - listed if not name.startswith(doors.LIBRARIES))
    assert not missing, (
        f"Add to OPEN or LOGGED_IN in tests/<app>/doors.py, or put below /s/<slug:shop_slug>/: {missing}"
    )


def test_the_table_names_no_route_that_is_gone():
    gone = (doors.PAGES.keys() - PAGES.keys()) | (doors.API.keys() - API.keys())
    assert sorted(gone) == [], "Take these out of tests/<app>/doors.py, or mend their routes"


def test_no_door_is_named_by_two_files():
    first, second = (SimpleNamespace(PAGES={name: page(GET=ANY), "both": page()}) for name in ("one", "other"))
    assert sorted(doors.gather([first])["PAGES"]) == ["both", "one"]
    with pytest.raises(ValueError, match=re.escape("PAGES: two doors.py name ['both']")):
        doors.gather([first, second])


def test_every_argument_of_a_path_has_a_value():
    missing = [
        f"{name}: {argument}"
        for table, rows in ((doors.PAGES, PAGES), (doors.API, API))
        for name in table.keys() & rows.keys()
        for argument in sorted(rows[name] - {"shop_slug"} - table[name].path.keys() - doors.PATH.keys())
    ]
    assert not missing, f"Say in PATH of tests/<app>/doors.py, or in the row's path=, what stands there: {missing}"


# The walk


class Walk:
    """Two shops with a row in every table, and everybody who may knock."""

    def __init__(self, shop, other_shop, stranger, make_member):
        self.shop, self.other_shop = shop, other_shop
        self.mine, self.theirs = make_everything(shop), make_everything(other_shop)
        self.complaints = []
        both = make_member(shop, Role.OWNER, "both@example.com")
        with shop_scope(other_shop):
            both.memberships.model.objects.create(shop=other_shop, user=both, role=Role.OWNER)
        self.members = {role: self._browser(make_member(shop, role)) for role in Role.values}
        self.both = self._browser(both)
        self.outside = {
            "a stranger": self._browser(stranger),
            "a member of another shop": self._browser(make_member(other_shop, Role.OWNER, "foreign@example.com")),
        }

    def _browser(self, user):
        browser = Client(raise_request_exception=False)
        browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        return browser

    def secrets(self):
        return (canary(self.other_shop), self.other_shop.name)

    def url(self, name, door, arguments, rows, *, slug=None):
        """The route's address with values of `rows`: a shop's made rows, or None for ids that do not exist."""
        values = {}
        for argument in arguments - {"shop_slug"}:
            source = door.path.get(argument, doors.PATH.get(argument))
            values[argument] = source if not isinstance(source, tuple) else _value(source, rows)
        if slug:
            values["shop_slug"] = slug
        return reverse(name, kwargs=values)

    def has_ids(self, door, arguments):
        return any(isinstance(door.path.get(a, doors.PATH.get(a)), tuple) for a in arguments)

    def ask(self, who, browser, method, url, data, **headers):
        """One request whose writes are taken back; complains of a crash and of anything of the other shop."""
        with undone(), own_cookies(browser):
            response = browser.generic(method, url, **_body(method, url, data), **headers)
            body = b"".join(response) if response.streaming else response.content
        text = unquote(body.decode(errors="replace") + str(response.headers) + response.cookies.output())
        text = text.replace(unquote(url), "")  # What the client sent is no secret of somebody else.
        if response.status_code >= 500:
            self.complaints.append(f"{method} {url} as {who}: {response.status_code}")
        if who != "a member of both" and any(secret in text for secret in self.secrets()):
            self.complaints.append(f"{method} {url} as {who}: shows something of the other shop")
        elif canary(self.other_shop) in text and self.other_shop.slug not in url:
            self.complaints.append(f"{method} {url} as {who}: shows a row of the other shop")
        return response.status_code, _without_chance(text, url)

    def expect(self, wanted, answer, say):
        if answer[0] not in wanted:
            self.complaints.append(f"{say}: {answer[0]}, should be {' or '.join(map(str, sorted(wanted)))}")

    def same(self, first, second, say):
        if first != second:
            at = next((n for n, (a, b) in enumerate(zip(first[1], second[1], strict=False)) if a != b), 0)
            parts = [text[max(at - 40, 0) : at + 60] for _, text in (first, second)]
            self.complaints.append(f"{say}: not the answer to what does not exist: {parts[0]!r}, {parts[1]!r}")


def _value(source, rows):
    model, attribute = source
    if rows is not None:
        return getattr(rows[model], attribute)
    return UNKNOWN_ID if attribute == "pk" else "no-such-thing"


def _body(method, url, data):
    if method == "GET":
        return {}
    if url.startswith("/api/"):
        return {"data": json.dumps(data), "content_type": "application/json"}
    return {"data": encode_multipart(BOUNDARY, data), "content_type": MULTIPART_CONTENT}


# What differs from one answer to the next whatever was asked for.
CHANCE = re.compile(
    r"csrfmiddlewaretoken[^>]*|csrftoken=[^;]*|X-CSRFToken[^}]*|expires=[^;]*"
    r"|'content-length': '\d+'|'x?-?ratelimit[^,]*",
    re.IGNORECASE,
)


def _without_chance(text, url):
    """The answer, with what the path said replaced: ids that are echoed do not make two refusals different."""
    text = CHANCE.sub("", text).replace(unquote(url), "…")
    for part in unquote(url).split("/"):
        # A short number is also part of icons and dates: it is compared as it stands.
        if part and not part.isdigit():
            text = re.sub(rf"(?<!\w){re.escape(part)}(?!\w)", "…", text)
    return text


@contextmanager
def own_cookies(browser):
    """Cookies are taken back too: a message set by one answer would be shown in the next."""
    kept = copy.deepcopy(browser.cookies)
    yield
    browser.cookies = kept


@contextmanager
def undone():
    """A transaction that is taken back, which a scope accepts around itself like that of a TestCase."""
    block = transaction.atomic()
    block._from_testcase = True
    with block:
        yield
        transaction.set_rollback(True)


@pytest.fixture
def walk(shop, other_shop, stranger, make_member):
    return Walk(shop, other_shop, stranger, make_member)


def fine(door, method):
    return set(door.fine) or FINE.get(method, FINE["POST"])


@pytest.mark.slow
@pytest.mark.parametrize("group", groups(PAGES))
def test_pages_open_to_whom_the_table_says(group, walk):
    for name in sorted(PAGES.keys() & doors.PAGES.keys()):
        if group_of(name) == group:
            _walk_page(walk, name, doors.PAGES[name], PAGES[name])
    assert not walk.complaints, "\n".join(walk.complaints)


def _walk_page(walk, name, door, arguments):
    own = walk.url(name, door, arguments, walk.mine, slug=walk.shop.slug)
    nowhere = walk.url(name, door, arguments, walk.mine, slug="no-such-shop")
    for method in METHODS:
        if method not in door.methods:
            say = f"{method} {name} is not in doors.py; add it, or @require_http_methods to the view"
            walk.expect(NOT_IN_USE, walk.ask("owner", walk.members[Role.OWNER], method, own, door.data), say)
            continue
        anonymous = walk.ask("nobody", Client(raise_request_exception=False), method, own, door.data)
        walk.expect({302}, anonymous, f"{method} {name} without log-in")
        if anonymous[0] == 302 and "/login/" not in anonymous[1] and "login" not in anonymous[1]:
            walk.complaints.append(f"{method} {name} without log-in: not sent to the log-in page")
        for who, browser in walk.outside.items():
            answer = walk.ask(who, browser, method, own, door.data)
            walk.expect({404}, answer, f"{method} {name} as {who}")
            walk.same(answer, walk.ask(who, browser, method, nowhere, door.data), f"{method} {name} as {who}")
        _walk_members(walk, name, door, arguments, method, own)


def _walk_members(walk, name, door, arguments, method, own):
    right = door.methods[method]
    for role, browser in walk.members.items():
        may = right == ANY or has_right(role, right)
        answer = walk.ask(role, browser, method, own, door.data)
        walk.expect(fine(door, method) if may else {403}, answer, f"{method} {name} as {role}")
    if not walk.has_ids(door, arguments):
        return
    foreign = walk.url(name, door, arguments, walk.theirs, slug=walk.shop.slug)
    unknown = walk.url(name, door, arguments, None, slug=walk.shop.slug)
    for role, browser in (*walk.members.items(), ("a member of both", walk.both)):
        may = right == ANY or role == "a member of both" or has_right(role, right)
        answer = walk.ask(role, browser, method, foreign, door.data)
        say = f"{method} {name} as {role} with the other shop's id"
        walk.expect({404} if may else {403, 404}, answer, say)
        if browser in (walk.members[Role.OWNER], walk.both):  # Twice for every role would double the time.
            walk.same(answer, walk.ask(role, browser, method, unknown, door.data), say)


@pytest.mark.slow
@pytest.mark.parametrize("group", groups(API))
def test_api_opens_to_whom_the_table_says(group, walk):
    keys = _keys(walk)
    for name in sorted(API.keys() & doors.API.keys()):
        if group_of(name) == group:
            _walk_api(walk, keys, name, doors.API[name], API[name])
    assert not walk.complaints, "\n".join(walk.complaints)


def _keys(walk):
    def key(shop, **fields):
        with shop_scope(shop):
            return create_key(shop, name="sweep", by=None, **fields)[1]

    return {
        "every scope": key(walk.shop),
        "publishable": key(walk.shop, kind=ApiKey.Kind.PUBLISHABLE),
        "the other shop's": key(walk.other_shop),
        "all but one": lambda scope: key(walk.shop, scopes=[s for s in ApiScope.values if s != scope]),
    }


def _walk_api(walk, keys, name, door, arguments):
    browser = Client(raise_request_exception=False)
    own = walk.url(name, door, arguments, walk.mine)

    def ask(who, key, method, url=own):
        return walk.ask(who, browser, method, url, door.data, HTTP_AUTHORIZATION=f"Bearer {key}" if key else "")

    for method in METHODS:
        if method not in door.methods:
            say = f"{method} {name} is not in doors.py"
            # DRF asks for the scope first, and a resource that is only read has none for writing.
            walk.expect({403, 405}, ask("a full key", keys["every scope"], method), say)
            continue
        invented = f"sk_{walk.shop.slug}_{'x' * 43}"
        slugged = keys["the other shop's"].replace(f"_{walk.other_shop.slug}_", f"_{walk.shop.slug}_")
        for who, key in (("nobody", ""), ("an invented key", invented), ("a key under another slug", slugged)):
            walk.expect({401}, ask(who, key, method), f"{method} {name} with {who}")
        walk.expect({403}, ask("a publishable key", keys["publishable"], method), f"{method} {name}, publishable key")
        less = keys["all but one"](door.methods[method])
        walk.expect({403}, ask("a key without the scope", less, method), f"{method} {name} without the scope")
        full = ask("a full key", keys["every scope"], method)
        walk.expect(fine(door, method), full, f"{method} {name} with every scope")
        if walk.has_ids(door, arguments):
            answer = ask("a full key", keys["every scope"], method, walk.url(name, door, arguments, walk.theirs))
            unknown = ask("a full key", keys["every scope"], method, walk.url(name, door, arguments, None))
            walk.expect({404}, answer, f"{method} {name} with the other shop's id")
            walk.same(answer, unknown, f"{method} {name} with the other shop's id")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(OTHERS))
def test_routes_outside_shops_show_no_shops_rows(name, walk):
    arguments = next(args for route, _, args in ROUTES if route == name)
    if arguments or name.startswith("unnamed"):
        return  # Tokens in the path: confirmations and invitations have tests of their own.
    for who, browser in walk.outside.items():
        walk.other_shop, hidden = walk.shop, walk.other_shop  # Nothing of `shop` may come out here.
        walk.ask(who, browser, "GET", reverse(name), {})
        walk.other_shop = hidden
    anonymous = walk.ask("nobody", Client(raise_request_exception=False), "GET", reverse(name), {})
    if name in doors.LOGGED_IN:
        walk.expect({302}, anonymous, f"GET {name} without log-in")
    assert not walk.complaints, "\n".join(walk.complaints)


# The other doors


def _sql_files():
    return sorted(path for path in Path(settings.BASE_DIR).glob("*/sql/*.sql")) + sorted(
        path for path in Path(settings.BASE_DIR).glob("*/*/sql/*.sql") if "node_modules" not in path.parts
    )


def test_every_sql_file_starts_from_the_shop():
    """Raw SQL slips past the guard; row-level security would hold it, but the planner needs the condition too.

    A statement on temporary tables alone needs none: it sees what the statements before it have filtered.
    """
    tables = re.compile(rf"\b({'|'.join(model._meta.db_table for model in FACTORIES)})\b")
    wrong = [
        path.relative_to(settings.BASE_DIR).as_posix()
        for path in _sql_files()
        if tables.search(text := path.read_text())
        and "%(shop_id)s" not in text
        and path.name not in doors.SQL_WITHOUT_SHOP
    ]
    assert len(_sql_files()) >= 40
    assert wrong == [], (
        "Filter by shop_id = %(shop_id)s, or give the reason in SQL_WITHOUT_SHOP of tests/<app>/doors.py"
    )


def test_every_task_takes_a_shop():
    app.loader.import_default_modules()
    wrong = []
    for name, task in app.tasks.items():
        if name.startswith("celery.") or name in doors.TASKS_OF_ALL_SHOPS:
            continue
        if "shop_id" not in inspect.signature(task.run).parameters:
            wrong.append(name)
    assert wrong == [], "They must take a shop_id, or list them in TASKS_OF_ALL_SHOPS of doors.py"


# The sweep itself: what it must say of a page that is right, and of each mistake

SEEN = {
    "right": None,
    "for_everybody": "GET for_everybody as agent: 200, should be 403",
    "takes_any_method": "POST takes_any_method is not in doors.py",
    "shows_another_shop": "as owner: shows something of the other shop",
    "shows_it_in_a_header": "as owner: shows something of the other shop",
    "does_not_look": "GET does_not_look as owner with the other shop's id: 200, should be 404",
    "tells_apart": "GET tells_apart as owner with the other shop's id: not the answer to what does not exist",
    "breaks": "as owner: 500",
    "without_login": "GET without_login without log-in: 200, should be 302",
}


@pytest.mark.slow
def test_sweep_sees_each_mistake_and_passes_what_is_right(walk, settings):
    settings.ROOT_URLCONF = "tests.tenancy.sample_urls"
    door = page(GET=Right.MANAGE_SHOP)
    for name, complaint in SEEN.items():
        walk.complaints = []
        _walk_page(walk, name, door, {"shop_slug", "customer_id"})
        if complaint is None:
            assert walk.complaints == []
        else:
            assert [text for text in walk.complaints if complaint in text], (name, walk.complaints)
