"""/api/v1/customers/{id}/notes: what staff and programs wrote about a customer."""

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.utils import timezone
from rest_framework.decorators import action
from rest_framework.request import Request

from crm.lib.keyset import WholeTier
from crm.rest.openapi import documented
from crm.rest.paging import requested_page
from crm.rest.problems import Problem, not_found
from crm.rest.resources import MAX_ID, Resource, json_response
from customers.actions import add_note, delete_note
from customers.api import parsing, schemas
from customers.api.identity import follows_merges
from customers.models import Customer, Note


class NoteWrites(Resource):
    """Mixed into the resource of customers."""

    @documented(
        "List the notes on a customer",
        description="The last first.",
        answers=schemas.NotePage,
        problems=("not_found",),
        paged=True,
    )
    @action(detail=True, methods=["get"], filterset_class=None)
    @follows_merges
    def notes(self, request: Request, pk: int) -> HttpResponse:
        rows = Note.objects.filter(customer=self.one(pk=pk)).select_related("author")
        tier = WholeTier(rows, column="created_at", ids_descending=True)
        page = requested_page(request._request, tier)
        results = [_out(tier.kept[pk]) for pk in page.ids]
        return json_response({"results": results, "next": page.next, "previous": page.previous})

    @documented(
        "Write a note on a customer",
        description="Staff see it on the customer's page, with the name of the key.",
        takes=schemas.NoteBody,
        example={"body": "Asked by phone for the new catalogue."},
        answers=schemas.NoteOut,
        created=True,
        problems=("not_found", "too_short", "too_long", "control_character"),
        idempotent=True,
    )
    @notes.mapping.post
    @follows_merges
    def write_note(self, request: Request, pk: int) -> HttpResponse:
        customer: Customer = self.one(pk=pk)
        body = parsing.long_text(self.body(schemas.NOTE_DECODER).body, "body")
        note = add_note(customer, body, by=self.api_key, now=timezone.now())
        return json_response(_out(note), status=201)

    @documented(
        "Delete a note that a program wrote",
        description="What staff wrote is theirs to take back.",
        answers=schemas.NoteGone,
        problems=("not_found", "note_of_staff"),
    )
    @action(detail=True, methods=["delete"], url_path="notes/<int:note>", filterset_class=None)
    def note(self, request: Request, pk: int, note: int) -> HttpResponse:
        customer: Customer = self.one(pk=pk)
        found = Note.objects.filter(customer=customer, pk=note).first() if note <= MAX_ID else None
        if found is None:
            raise Problem("not_found", not_found().detail)
        try:
            delete_note(found, by=self.api_key)
        except PermissionDenied:
            raise Problem("note_of_staff", "Only who wrote it can delete it, on the customer's page.") from None
        return json_response(schemas.NoteGone(note))


def _out(note: Note) -> schemas.NoteOut:
    return schemas.NoteOut(note.pk, note.body, note.written_by, note.author_id is not None, note.created_at)
