from datetime import UTC, date, datetime

import pytest
from django import forms
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.translation import override

from crm.ui import formats
from crm.ui.icons import UnknownIcon, icon_svg

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
