"""The OpenAPI document and the page made from it tell the truth."""

import inspect
import re
import sys

import msgspec
import pytest
from django.test import Client
from jsonschema import Draft202012Validator
from rest_framework.viewsets import GenericViewSet

from crm.api import router
from crm.rest.problems import PROBLEM_KINDS
from tests.api.test_orders import BAD, order

OURS = {"crm", "customers", "segmentation", "campaigns", "support"}


@pytest.fixture(scope="module")
def document():
    from drf_spectacular.generators import SchemaGenerator

    return SchemaGenerator().get_schema(request=None, public=True)


def operations(document):
    return [
        (method, path, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]


def inlined(schema, document):
    return schema | {"components": document["components"]}


def test_the_document_is_served_to_everybody(db):
    response = Client().get("/api/v1/schema")
    assert response.status_code == 200
    document = response.json()
    assert document["openapi"].startswith("3.1.")
    assert document["components"]["securitySchemes"]["apiKey"]["scheme"] == "bearer"


@pytest.mark.slow
def test_the_document_is_valid(document):
    from drf_spectacular.validation import validate_schema

    validate_schema(document)
    for schema in document["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in re.findall(r"'\$ref': '([^']+)'", str(document)):
        assert reference.rpartition("/")[2] in document["components"]["schemas"]


def test_every_route_is_in_it(document):
    described = {(method.upper(), re.sub(r"\{\w+\}", "{}", path)) for method, path, _ in operations(document)}
    routed = set()
    for pattern in router.urls:
        path = "/api/v1/" + re.sub(r"<[^>]+>", "{}", str(pattern.pattern))
        actions = pattern.callback.actions
        assert issubclass(pattern.callback.cls, GenericViewSet)
        routed |= {(method.upper(), path) for method in actions if method != "head"}
    assert described == routed
    assert len(routed) == 41


def descriptions(part):
    """All of them, wherever they stand."""
    if isinstance(part, list):
        return {text for each in part for text in descriptions(each)}
    if not isinstance(part, dict):
        return set()
    own = {part["description"]} if isinstance(part.get("description"), str) else set()
    return own.union(*(descriptions(value) for value in part.values()))


def internal_docstrings():
    """Of every class, function and method of ours but the shapes, whose docstrings are written for callers."""
    for module in [module for name, module in sys.modules.items() if name.partition(".")[0] in OURS]:
        for thing in vars(module).values():
            if not inspect.isclass(thing) and not inspect.isfunction(thing):
                continue
            if inspect.isclass(thing) and issubclass(thing, msgspec.Struct):
                continue
            if thing.__module__.partition(".")[0] in OURS:
                members = vars(thing).values() if inspect.isclass(thing) else ()
                yield from (inspect.getdoc(each) for each in (thing, *filter(inspect.isfunction, members)))


def test_no_description_is_a_docstring_of_ours(document):
    internal = {" ".join(text.split()) for text in internal_docstrings() if text}
    assert len(internal) > 100
    said = {" ".join(text.split()) for text in descriptions(document)}
    assert len(said) > 40
    assert said & internal == set()


def test_operations_are_described_only_where_we_said_so(document):
    described = {op["operationId"]: op["description"] for _, _, op in operations(document) if op.get("description")}
    assert described == {
        "orders_bulk_create": "One bad order spoils no other. "
        "Of several with one `external_id` the last good one counts.",
        "customers_retrieve": "One that was merged: 301 to the survivor.",
        "customers_identifiers_retrieve": "Of one that was merged: 301 to the survivor's.",
        "customers_identifiers_update": "Those not sent are taken away. "
        "A customer known by devices alone becomes part of who is known.",
        "customers_merge_create": "Everything known of this one becomes the other's; the id leads there for ever. "
        "`POST /merges/{id}/undo` takes it back.",
        "merges_undo_create": "The merged customer is there again, with their old id, with what they had and with what "
        "came since by their identifiers.",
        "customers_notes_retrieve": "The last first.",
        "customers_notes_create": "Staff see it on the customer's page, with the name of the key.",
        "customers_notes_destroy": "What staff wrote is theirs to take back.",
        "customers_timeline_retrieve": "The latest first: orders, refunds, notes, and whatever else the key may read. "
        "`title` says it in words; `facts` are for programs, such as `number`, `total`, `currency` and `status` of an "
        "order.",
        "customers_consents_retrieve": "The last first. Of one that was merged: 301 to the survivor's.",
        "customers_provenance_retrieve": "Each value there is, its field named as here (`identifier.<kind>`, "
        "`attribute.<key>`), and when and by whom it was last changed. `held`: staff have set it, and no storefront "
        "changes it.",
        "suppressions_list": "The addresses themselves are not kept.",
        "suppressions_destroy": "For one reason; without a reason, for all.",
    }


def test_every_operation_names_its_problems(document):
    for method, path, operation in operations(document):
        codes = [
            code
            for response in operation["responses"].values()
            for code in re.findall(r"`(\w+)`", response["description"])
        ]
        assert {"key_missing", "scope_missing", "rate_limited"} <= set(codes), path
        assert all(code in PROBLEM_KINDS for code in codes)
        assert ("idempotency_mismatch" in codes) == (method == "post"), path


def test_documented_examples_fit_their_schema_and_are_accepted(api, document):
    ids = {"customers": api.post("customers", {"external_id": "c0"}).json()["id"], "customer-kinds": "press"}
    tried = 0
    for method, path, operation in operations(document):
        if "requestBody" not in operation:
            continue
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        for example in schema["examples"]:
            Draft202012Validator(inlined(schema, document)).validate(example)
            thing = path.split("/")[3]
            pk = ids.get(thing)
            if path.endswith("/merge"):  # who is merged is gone after it, and 17 need not be anybody
                pk, example = api.post("customers", {"external_id": "c9"}).json()["id"], {"into": pk}
            response = api.send(method.upper(), path.replace("{id}", str(pk)), example)
            ids.setdefault(thing, response.json().get("id"))
            assert response.status_code in (200, 201), response.content
            assert '"error"' not in response.content.decode()
            answer = operation["responses"][str(response.status_code)]["content"]["application/json"]["schema"]
            Draft202012Validator(inlined(answer, document)).validate(response.json())
            tried += 1
    assert tried == 15
    for path in ("customers?expand=score", "orders?expand=lines,refunds", "products", "scores"):
        schema = document["paths"][f"/api/v1/{path.partition('?')[0]}"]["get"]["responses"]["200"]
        answer = schema["content"]["application/json"]["schema"]
        Draft202012Validator(inlined(answer, document)).validate(api.get(path).json())


def test_problems_fit_their_schema(api, document):
    problem = api.post("orders", {}).json()
    schema = Draft202012Validator(inlined({"$ref": "#/components/schemas/ProblemOut"}, document))
    assert list(schema.iter_errors(problem)) == []


def test_answers_that_refuse_are_documented(api, document):
    customer = api.post("customers", {"external_id": "c0"}).json()["id"]
    refused = [
        ("get", "orders?limit=0", "orders"),
        ("get", "scores?cursor=x", "scores"),
        ("get", "products?x=1", "products"),
    ]
    refused += [("get", f"customers/{customer}?expand=x", "customers/{id}")]
    answers = [(method, path, api.send(method.upper(), asked)) for method, asked, path in refused]
    answers += [("get", "orders", api.get("orders", HTTP_ACCEPT="text/html"))]
    answers += [("post", "orders", api.post("orders", order() | change)) for change, _, _ in BAD]
    answers += [("post", "orders/bulk", api.post("orders/bulk", body)) for body in ({}, {"x": 1}, {"orders": 1})]
    answers += [("post", "customers", api.post("customers", {"external_id": "x" * 201}))]
    answers += [("post", "products", api.post("products", {"external_id": "1E+10"}))]
    answers += [("patch", "customers/{id}", api.patch(f"customers/{customer}", {"email": "ana@"}))]
    for method, path, answer in answers:
        described = document["paths"][f"/api/v1/{path}"][method]["responses"][str(answer.status_code)]
        assert f"`{answer.json()['code']}`" in described["description"], (path, answer.content)


def test_the_page_shows_every_operation_and_every_code(db, document):
    response = Client().get("/api/docs")
    assert response.status_code == 200
    page = response.content.decode()
    for method, path, operation in operations(document):
        assert f"<strong>{method.upper()}</strong> {path}" in page
        assert f'id="{operation["operationId"]}"' in page
    for kind in PROBLEM_KINDS:
        assert f'id="{kind.name}"' in page
    assert "<style" not in page
    assert not re.search(r'<script(?![^>]*(?: src=| type="application/json"))', page)
    assert "script-src 'self'" in response["Content-Security-Policy"]
    assert not re.search(r'(?:src|href)="(?:https?:)?//', page)
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert anchor in ids
