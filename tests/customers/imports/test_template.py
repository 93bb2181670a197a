"""The template to download: recognised without a question when it comes back, in both languages."""

import pytest
from django.urls import reverse

from customers.imports.template import COLUMNS
from customers.sources import Mapping, sniff

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_template_comes_back_without_a_question(bring, shop, owner, as_person, language, tmp_path):
    browser = as_person(owner)
    browser.cookies["django_language"] = language
    answer = browser.get(reverse("imports:template", args=[shop.slug]), headers={"accept-language": language})
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    path = tmp_path / "template.csv"
    path.write_bytes(answer.content)
    facts = sniff(path)
    headings = {field: (chinese if language == "zh-hans" else english) for field, english, chinese, _ in COLUMNS}
    assert (facts.preset, facts.mapping) == ("generic", Mapping(columns=headings))
    made = bring(answer.content, slug="filled", currency="GBP")
    assert (made.totals, made.rejected, made.told) == ({"1001": "120.80", "1002": "19.90"}, [], set())
    assert made.names == {"Ana Lee", "王小明"}
