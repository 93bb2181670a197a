"""The audit chain finds what was changed behind the application's back, by somebody who owns the tables."""

from datetime import UTC, datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connections, transaction

from crm.shops.audit.chain import record, verify_chain
from crm.tenancy.scope import shop_scope

AT = datetime(2026, 11, 20, tzinfo=UTC)


def verify(*arguments):
    out = StringIO()
    try:
        call_command("verify_audit", *arguments, stdout=out)
    except CommandError as error:
        return out.getvalue().splitlines(), str(error)
    return out.getvalue().splitlines(), None


def fill(shop, count=5):
    with shop_scope(shop):
        for n in range(count):
            record("thing.done", shop, by=None, details={"n": n, "词": "é\u2028"}, at=AT)


def tamper(shop, sql):
    """As the owner of the tables, with row security off: what an intruder with the database in hand would do."""
    with transaction.atomic(using="owner"), connections["owner"].cursor() as cursor:
        cursor.execute("ALTER TABLE shops_auditentry NO FORCE ROW LEVEL SECURITY")
        cursor.execute("ALTER TABLE shops_audithead NO FORCE ROW LEVEL SECURITY")
        cursor.execute(sql, {"shop": shop.pk})
        changed = cursor.rowcount
        cursor.execute("ALTER TABLE shops_auditentry FORCE ROW LEVEL SECURITY")
        cursor.execute("ALTER TABLE shops_audithead FORCE ROW LEVEL SECURITY")
    assert changed >= 1


def test_sound_chains(shop, other_shop):
    fill(shop)
    assert verify() == (["other: ok, 0 entries", "tea: ok, 5 entries"], None)
    assert verify("tea") == (["tea: ok, 5 entries"], None)


def test_details_that_json_writers_write_differently(shop):
    details = {"b": [1.5, 1e-7, 10**15, True, None], "a": '\x01\x7f\b\f\n\u2028"/é词😀', "": {"z": {}, "y": []}}
    with shop_scope(shop):
        record("thing.done", shop, by=None, details=details)
    assert verify("tea") == (["tea: ok, 1 entries"], None)


def test_an_unknown_shop(shop):
    assert verify("coffee") == ([], "There is no shop “coffee”.")


WHERE = "WHERE shop_id = %(shop)s AND seq"
TAMPERED = {
    "details": (f"""UPDATE shops_auditentry SET details = '{{"n": 9}}' {WHERE} = 3""", 3, "changed"),
    "time": (f"UPDATE shops_auditentry SET at = at + interval '1 microsecond' {WHERE} = 3", 3, "changed"),
    "actor": (f"UPDATE shops_auditentry SET actor_id = 1 {WHERE} = 5", 5, "changed"),
    "action": (f"UPDATE shops_auditentry SET action = 'thing.undone' {WHERE} = 1", 1, "changed"),
    "object": (f"UPDATE shops_auditentry SET object_id = NULL {WHERE} = 2", 2, "changed"),
    "deleted": (f"DELETE FROM shops_auditentry {WHERE} = 3", 3, "missing"),
    "deleted and closed": (
        f"WITH gone AS (DELETE FROM shops_auditentry {WHERE} = 3)"
        " UPDATE shops_auditentry SET seq = seq - 100 WHERE shop_id = %(shop)s AND seq > 3",
        None,
        "missing",
    ),
    "first deleted": (f"DELETE FROM shops_auditentry {WHERE} = 1", 1, "missing"),
    "exchanged": (
        f"UPDATE shops_auditentry SET seq = 1000 + seq {WHERE} IN (2, 3)",
        2,
        "missing",
    ),
    "cut off": (f"DELETE FROM shops_auditentry {WHERE} > 3", 4, "truncated"),
    "all gone": ("DELETE FROM shops_auditentry WHERE shop_id = %(shop)s", 1, "truncated"),
    "head gone": ("DELETE FROM shops_audithead WHERE shop_id = %(shop)s", 6, "truncated"),
}


@pytest.mark.slow
@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
@pytest.mark.parametrize("name", TAMPERED)
def test_tampering_is_found(shop, other_shop, name):
    sql, seq, kind = TAMPERED[name]
    fill(shop)
    fill(other_shop)
    tamper(shop, sql)
    with shop_scope(shop):
        _, fault = verify_chain()
    assert fault is not None
    assert fault.kind == kind
    assert seq in (None, fault.seq)
    lines, error = verify()
    assert lines[0] == "other: ok, 5 entries"
    assert lines[1].startswith(f"tea: FAULT at entry {fault.seq}: {kind}")
    assert error == "1 of 2 audit logs are not as they were written."


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_two_entries_that_changed_places_are_found(shop):
    fill(shop)
    tamper(shop, "UPDATE shops_auditentry SET seq = 1000 + seq WHERE shop_id = %(shop)s AND seq IN (2, 3)")
    tamper(shop, "UPDATE shops_auditentry SET seq = 1005 - seq WHERE shop_id = %(shop)s AND seq > 1000")
    with shop_scope(shop):
        assert vars(verify_chain()[1]) == {"seq": 2, "kind": "reordered"}


@pytest.mark.django_db(transaction=True, databases=["default", "owner"])
def test_the_application_itself_can_neither_change_nor_delete_entries(shop):
    fill(shop)
    for sql in ("UPDATE shops_auditentry SET action = 'x'", "DELETE FROM shops_auditentry"):
        with (
            pytest.raises(ProgrammingError, match="permission denied"),
            shop_scope(shop),
            connections["default"].cursor() as cursor,
        ):
            cursor.execute(sql)
