import json
import re
from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from crm.ui import formats
from crm.ui.icons import UnknownIcon, icon_svg
from crm.ui.parts import Cell, Chart, Column, Fact, Link, Stat

TODAY = date(2026, 11, 22)


def render(source, query="", **context):
    request = RequestFactory().get(f"/list?{query}")
    return Template("{% load ui %}" + source).render(Context({"request": request, **context}))


@pytest.mark.parametrize(
    ("source", "english", "chinese"),
    [
        ("{{ 1234567|number }}", "1,234,567", "1,234,567"),
        ("{{ 2.5|number:2 }}", "2.50", "2.50"),
        ("{{ 12345|compact }}", "12.3K", "1.2万"),
        ("{{ 0.8735|percent }}", "87%", "87%"),
        ("{{ 0.8735|percent:1 }}", "87.4%", "87.4%"),
        ("{{ 0.8735|share }} {{ 0.0|share }} {{ 1.0|share }}", "87% 0% 100%", "87% 0% 100%"),
        ("{{ 0.001|share }} {{ 0.9999|share }} {{ none|share }}", "&lt;1% &gt;99% –", "&lt;1% &gt;99% –"),
        ("{{ d|day }}", "22 Nov 2026", "2026年11月22日"),
        ("{{ at|moment }}", "22 Nov 2026, 14:05", "2026年11月22日 14:05"),
        ("{{ none|day }}{{ none|number }}{{ none|percent }}{{ none|compact }}{{ none|moment }}", "–––––", "–––––"),
    ],
)
def test_numbers_and_dates_follow_the_language(source, english, chinese):
    values = {"d": TODAY, "at": datetime(2026, 11, 22, 14, 5, tzinfo=UTC), "none": None}
    with override("en"):
        assert render(source, **values) == english
    with override("zh-hans"):
        assert render(source, **values) == chinese


def test_days_are_those_of_the_active_time_zone(settings):
    settings.TIME_ZONE = "Asia/Shanghai"
    with override("en"):
        assert formats.day(datetime(2026, 11, 22, 20, 0, tzinfo=UTC)) == "23 Nov 2026"


@pytest.mark.parametrize(
    ("day", "english", "chinese"),
    [
        (date(2026, 11, 10), "12 days ago", "12 天前"),
        (date(2026, 11, 25), "in 3 days", "3 天后"),
        (date(2026, 8, 22), "3 months ago", "3 个月前"),
        (date(2023, 11, 22), "3 years ago", "3 年前"),
    ],
)
def test_distance_in_days_is_said_in_words(day, english, chinese):
    with override("en"):
        assert formats.days_from(day, TODAY) == english
    with override("zh-hans"):
        assert formats.days_from(day, TODAY) == chinese


def test_near_days_have_names():
    with override("en"):
        assert [formats.days_from(date(2026, 11, n), TODAY) for n in (21, 22, 23)] == ["yesterday", "today", "tomorrow"]


def test_sentences_and_lists_are_joined_as_the_language_does():
    said = {"english": ["One.", "Two."], "chinese": ["一。", "二。"]}
    with override("en"):
        assert render("{{ english|paragraph }}", **said) == "One. Two."
        assert formats.listed(["one", 2]) == "one, 2"
    with override("zh-hans"):
        assert render("{{ chinese|paragraph }}", **said) == "一。二。"
        assert render("{{ words|listed }}", words=["一", 2]) == "一、2"


def test_money_is_minor_units():
    with override("en"):
        assert render('{% money 123456 "GBP" %}') == "£1,234.56"
        assert render('{% money none "GBP" %}', none=None) == "–"


@pytest.mark.parametrize(
    ("rate", "step"),
    [(None, "heat-none"), (0, "heat-0"), (0.5, "heat-4"), (1, "heat-8"), (1.7, "heat-8"), (-1, "heat-0")],
)
def test_heat_step_stays_on_the_scale(rate, step):
    assert render("{{ rate|heat_step }}", rate=rate) == step


def test_url_with_changes_one_parameter_and_keeps_the_rest():
    source = '{% url_with stage="lost" cursor=None %}'
    assert render(source, "q=%E7%8E%8B&stage=new&cursor=abc") == "?q=%E7%8E%8B&amp;stage=lost"


def test_url_minus_takes_off_one_of_several_values_and_the_cursor():
    assert render('{% url_minus "tag" "b" %}', "tag=a&tag=b&tag=c&cursor=x") == "?tag=a&amp;tag=c"


def test_sentences_of_a_notice_stand_as_the_language_wants():
    notice = '{% include "components/notice.html" with text="。" url="/x" url_label="去" only %}'
    assert '。 <a href="/x">' in render(notice)
    with override("zh-hans"):
        assert '。<a href="/x">' in render(notice)


def test_icon_is_inline_and_hidden_from_screen_readers():
    svg = icon_svg("users")
    assert svg.startswith('<svg class="icon" width="20" height="20"')
    assert 'aria-hidden="true"' in svg
    assert 'd="M0 0h24v24H0z"' not in svg


@pytest.mark.parametrize("name", ["no-such-icon", "../../../package", "Users"])
def test_unknown_icon_is_refused(name):
    with pytest.raises(UnknownIcon):
        icon_svg(name)


class OneField(forms.Form):
    email = forms.EmailField(help_text="We never show it.")


def test_field_ties_help_and_error_to_its_input():
    form = OneField({"email": "nonsense"})
    html = render('{% include "components/field.html" with field=form.email only %}', form=form)
    assert 'aria-describedby="id_email_help id_email_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_email_error"' in html
    assert 'value="nonsense"' in html


def test_component_sees_what_it_is_given_and_nothing_of_the_page():
    page = {"kind": "danger", "label": "of the page", "figure": "1"}
    html = render('{% component "stat" given label="of its own" %}', given={"label": "given", "figure": "2"}, **page)
    assert '<div class="stat-label">of its own</div>' in html
    assert '<div class="stat-figure">2</div>' in html
    assert "of the page" in render("{{ label }}", **page)
    assert "of the page" not in render('{% component "stat" figure="3" %}', **page)


def test_component_takes_the_fields_of_a_part():
    found = Stat("Spent", "£12.00", note="before refunds", more=["90 days before: £9.00"], url="/x", key="spent")
    html = render('{% component "stat" found note="after refunds" %}', found=found)
    assert '<a class="stat" href="/x">' in html
    assert '<div class="stat-figure" data-figure="spent">£12.00</div>' in html
    assert "after refunds" in html
    assert "before refunds" not in html
    assert '<div class="stat-note">90 days before: £9.00</div>' in html


def test_part_and_mapping_say_the_same():
    """Each field stands for the key of its name, and one that is left out for a key that is not there."""
    facts = [Fact("Owner", "王小明", url="/p"), Fact("Birthday", "", "Of the person")]
    maps = [
        {"term": "Owner", "value": "王小明", "url": "/p"},
        {"term": "Birthday", "value": "", "hint": "Of the person"},
    ]
    links = [Link("All", "/a", active=True), Link("Orders", "/o", count="0")]
    said = [{"label": "All", "url": "/a", "active": True}, {"label": "Orders", "url": "/o", "count": "0"}]
    for name, variable, parts, mappings in (("facts", "facts", facts, maps), ("tabs", "tabs", links, said)):
        source = f'{{% component "{name}" {variable}=given %}}'
        assert render(source, given=parts) == render(source, given=mappings)


def test_cells_of_a_table_are_text_or_parts():
    columns = [Column("Week"), Column("Orders", numeric=True, less=True)]
    rows = [["31 Aug", Cell("24", "/orders", "heat-3")], [None, {"text": "5", "url": "/o"}]]
    html = " ".join(render('{% component "table" columns=columns rows=rows %}', columns=columns, rows=rows).split())
    assert '<th scope="col" class="num">Orders</th>' in html
    assert '<td class=" num less heat-3" data-label="Orders" > <a href="/orders">24</a>' in html
    assert '<td class="who " data-label="Week" > –' in html
    assert '<a href="/o">5</a>' in html
    with pytest.raises(ValueError, match="shorter"):
        render('{% component "table" columns=columns rows=rows %}', columns=columns, rows=[["one"]])


def test_chart_carries_its_data_as_json():
    chart = Chart(
        id="gaps",
        kind="bars",
        title="Gaps",
        summary="Ten days.",
        data={"categories": ["<a>"], "series": [{"name": "Days", "values": [10, None]}]},
        columns=[Column("Order")],
        rows=[["1 Nov"]],
    )
    html = render('{% component "chart" chart size="s" %}', chart=chart)
    carried = re.search(r'<script id="gaps-data" type="application/json">(.*)</script>', html)
    assert carried is not None
    assert json.loads(carried[1]) == {"categories": ["<a>"], "series": [{"name": "Days", "values": [10, None]}]}
    assert 'data-chart="bars"' in html
    assert "graph-s" in html


def test_component_that_posts_carries_the_token():
    html = render('{% component "confirm" id="sure" action="/x" %}', csrf_token="the-token")
    assert '<input type="hidden" name="csrfmiddlewaretoken" value="the-token">' in html


def test_component_text_is_escaped():
    evil = "<script>alert(1)</script>"
    html = render(
        '{% card title=evil %}{{ evil }}{% endcard %}{% include "components/chip.html" with text=evil only %}',
        evil=evil,
    )
    assert "<script>" not in html
    assert html.count("&lt;script&gt;") == 3


@pytest.mark.parametrize(
    ("rate", "said"),
    [(0.0, "0%"), (0.001, "<1%"), (-0.001, ">-1%"), (-0.02, "-2%"), (0.5, "50%"), (0.999, ">99%"), (1.0, "100%")],
)
def test_a_share_is_never_rounded_to_nothing_or_to_all(rate, said):
    assert formats.share(rate) == said
