"""Notes by the API: written with the name of the key, read beside those of staff, and taken back."""

import pytest
from django.urls import reverse
from django.utils import timezone

from crm.shops.models import AuditEntry
from crm.tenancy.scope import shop_scope
from customers.actions import add_note
from customers.models import Note
from tests.factories import customers


@pytest.fixture
def ana(shop):
    return customers.customer(shop, "Ana")


def test_a_note_is_written_read_and_shown_with_the_name_of_the_key(api, shop, ana, owner, as_person):
    answer = api.post(f"customers/{ana.pk}/notes", {"body": "Asked by phone.  \r\nWants the catalogue\n\n"})
    assert answer.status_code == 201
    note, lines = answer.json(), "Asked by phone.\nWants the catalogue"
    assert (note["body"], note["author"], note["by_staff"]) == (lines, "Storefront", False)
    assert api.get(f"customers/{ana.pk}/notes").json() == {"results": [note], "next": None, "previous": None}
    page = as_person(owner).get(reverse("customers:detail", args=[shop.slug, ana.pk])).text
    assert "Wants the catalogue" in page
    assert "Storefront ·" in page
    with shop_scope(shop):
        assert AuditEntry.objects.get(action="note.added").actor_kind == "key"


def test_notes_come_the_last_first_and_page_by_page(api, shop, ana, owner):
    with shop_scope(shop):
        for body in ("one", "two", "three"):
            add_note(ana, body, by=owner, now=timezone.now())
    first = api.get(f"customers/{ana.pk}/notes?limit=2").json()
    rest = api.get(first["next"]).json()
    assert [note["body"] for note in (*first["results"], *rest["results"])] == ["three", "two", "one"]
    assert {note["author"] for note in first["results"]} == {str(owner)}
    assert rest["next"] is None


def test_what_a_program_wrote_any_key_takes_back_and_what_staff_wrote_none(
    api, shop, ana, owner, make_client, problem_of
):
    pk = api.post(f"customers/{ana.pk}/notes", {"body": "x"}).json()["id"]
    with shop_scope(shop):
        theirs = add_note(ana, "mine", by=owner, now=timezone.now())
    assert problem_of(api.delete(f"customers/{ana.pk}/notes/{theirs.pk}")) == (403, "note_of_staff", "")
    assert make_client(shop).delete(f"customers/{ana.pk}/notes/{pk}").json() == {"deleted": pk}
    assert problem_of(api.delete(f"customers/{ana.pk}/notes/{pk}")) == (404, "not_found", "")
    with shop_scope(shop):
        assert list(Note.objects.values_list("body", flat=True)) == ["mine"]


def test_a_note_is_deleted_at_its_own_customer_alone(api, other_api, shop, ana, problem_of):
    bo = customers.customer(shop, "Bo")
    pk = api.post(f"customers/{ana.pk}/notes", {"body": "x"}).json()["id"]
    assert problem_of(api.delete(f"customers/{bo.pk}/notes/{pk}")) == (404, "not_found", "")
    assert problem_of(other_api.delete(f"customers/{ana.pk}/notes/{pk}")) == (404, "not_found", "")
    assert problem_of(api.delete(f"customers/{ana.pk}/notes/{2**64}")) == (404, "not_found", "")
    assert problem_of(other_api.post(f"customers/{ana.pk}/notes", {"body": "x"})) == (404, "not_found", "")
    with shop_scope(shop):
        assert Note.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (" \n ", "too_short"),
        ("a\0b", "control_character"),
        ("", "too_short"),
        ("x" * 5001, "too_long"),
        (7, "wrong_type"),
    ],
)
def test_what_is_no_note_is_refused(api, ana, body, code, problem_of):
    answer = api.post(f"customers/{ana.pk}/notes", {"body": body})
    assert problem_of(answer) == (400, code, "body")


def test_a_note_sent_twice_with_one_key_is_one(api, shop, ana):
    answers = [api.post(f"customers/{ana.pk}/notes", {"body": "x"}, HTTP_IDEMPOTENCY_KEY="n1") for _ in range(2)]
    assert answers[0].json() == answers[1].json()
    with shop_scope(shop):
        assert Note.objects.count() == 1
