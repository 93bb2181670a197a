"""Tags and filters of the pages: icons, numbers, addresses, and the components that wrap other markup."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from django import template
from django.forms import BoundField, CheckboxInput, CheckboxSelectMultiple, FileInput, RadioSelect, Select
from django.http import QueryDict
from django.template.context import Context, RequestContext
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import json_script
from django.utils.safestring import SafeString
from django.utils.translation import gettext, pgettext

from crm.lib import mail_files
from crm.ui import formats, parts
from crm.ui.icons import icon_svg

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

register = template.Library()

HEAT_STEPS = 9
NOTHING = "–"

register.simple_tag(icon_svg, name="icon")


@register.simple_tag
def money(minor: int | None, currency: str, *, whole: bool = False) -> str:
    # Imported here so that the frame stands without the money rules, as in the style guide's own tests.
    from crm.lib.money import format_money

    return NOTHING if minor is None else format_money(minor, currency, formats.language(), whole=whole)


@register.filter
def number(value: object, digits: int = 0) -> str:
    return formats.number(value, digits) if isinstance(value, formats.Number) else NOTHING


@register.filter
def compact(value: object) -> str:
    return formats.compact(value) if isinstance(value, formats.Number) else NOTHING


@register.filter
def percent(value: object, digits: int = 0) -> str:
    return formats.percent(value, digits) if isinstance(value, formats.Number) else NOTHING


@register.filter
def share(value: object) -> str:
    return formats.share(value) if isinstance(value, formats.Number) else NOTHING


@register.filter
def day(value: date | None) -> str:
    return formats.day(value) if value else NOTHING


@register.filter
def moment(value: datetime | None) -> str:
    return formats.moment(value) if value else NOTHING


@register.filter
def days_ago(value: date | None) -> str:
    """Distance from today in the active time zone: "12 days ago", "in 3 days"."""
    return formats.days_from(value, timezone.localdate()) if value else NOTHING


@register.filter
def paragraph(sentences: Iterable[object]) -> str:
    return formats.between_sentences().join(map(str, sentences))


register.filter("listed", formats.listed)
register.simple_tag(formats.between_sentences, name="between_sentences")
register.simple_tag(mail_files.shown_folder, name="mail_folder")


@register.filter
def heat_step(rate: float | str | None) -> str:
    """The CSS class of a heat cell for a fraction 0–1: heat-0 to heat-8; heat-none without a value."""
    if rate is None or rate == "":
        return "heat-none"
    return f"heat-{min(int(max(float(rate), 0.0) * HEAT_STEPS), HEAT_STEPS - 1)}"


@register.simple_tag(takes_context=True)
def url_with(context: RequestContext, **changes: object) -> str:
    """This page's query with some parameters changed; None removes one. `{% url_with sort="name" cursor=None %}`."""
    query = _query(context)
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None and value != "":
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def url_minus(context: RequestContext, name: str, value: object) -> str:
    """This page's query without one value of a parameter that may stand several times, and without the cursor."""
    query = _query(context)
    kept = [each for each in query.pop(name, []) if each != str(value)]
    query.setlist(name, kept)
    query.pop("cursor", None)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def chart_view(context: Context, chart: str) -> str:
    """What is shown of a chart: its table where the address asks for it (charts.js writes it there), else the chart."""
    # A component is included with `only`: it has no variables of the page, but it still knows its request.
    request = getattr(context, "request", None)
    return "table" if request is not None and chart in request.GET.getlist("table") else "chart"


def _query(context: RequestContext) -> QueryDict:
    request = context.get("request")
    return request.GET.copy() if request else QueryDict(mutable=True)


@register.filter
def is_choice_list(field: BoundField) -> bool:
    """Whether the field is several ticks or circles, which need a fieldset instead of a label."""
    return isinstance(field.field.widget, RadioSelect | CheckboxSelectMultiple)


@register.filter
def is_tick(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def is_file(field: BoundField) -> bool:
    return isinstance(field.field.widget, FileInput)


@register.simple_tag
def field_widget(field: BoundField) -> SafeString:
    """The field's input with the classes of our look, tied to its help and errors for screen readers."""
    attrs: dict[str, Any] = {"class": f"{field.field.widget.attrs.get('class', '')} {_widget_class(field)}".strip()}
    described = [f"{field.auto_id}_help"] if field.help_text else []
    if field.errors:
        described.append(f"{field.auto_id}_error")
        attrs["aria-invalid"] = "true"
        attrs["class"] += " is-invalid"
    if described:
        attrs["aria-describedby"] = " ".join(described)
    shown = field.as_hidden(only_initial=True) if field.field.show_hidden_initial else SafeString("")
    return field.as_widget(attrs=attrs) + shown


def _widget_class(field: BoundField) -> str:
    widget = field.field.widget
    if isinstance(widget, CheckboxInput | RadioSelect | CheckboxSelectMultiple):
        return "form-check-input"
    return "form-select" if isinstance(widget, Select) else "form-control"


@register.simple_tag(takes_context=True)
def component(
    context: Context,
    component_name: str,
    base: "Mapping[str, object] | DataclassInstance | None" = None,
    **variables: object,
) -> SafeString:
    """`{% component "notice" kind="danger" text=text %}`: a component that wraps nothing, with these variables only.

    A part of crm/ui/parts.py gives many at once: `{% component "chart" chart %}`; so does a mapping. Of the page the
    component knows only its request and CSRF token.
    """
    # By the name, not by `include … only`: that is half as long again, and a tag cannot go over two lines.
    engine = context.template.engine  # type: ignore[union-attr]  # bound while a template renders
    own = context.new({**parts.variables(base), **variables, "csrf_token": context.get("csrf_token")})
    return engine.get_template(f"components/{component_name}.html").render(own)


class _Part(Protocol):
    @property
    def template(self) -> str: ...

    @property
    def values(self) -> Mapping[str, Any]: ...


@register.simple_tag(takes_context=True)
def part(context: Context, shown: _Part) -> SafeString:
    """`{% part each %}`: what an app gives to this page (crm.shops.joined_pages), which knows the page's variables."""
    engine = context.template.engine  # type: ignore[union-attr]  # bound while a template renders
    with context.push(**shown.values):
        return engine.get_template(shown.template).render(context)


@register.simple_block_tag(takes_context=True)
def card(context: RequestContext, content: str, **variables: object) -> str:
    """`{% card title="…" %}…{% endcard %}`: variables in components/card.html."""
    return render_to_string("components/card.html", {**variables, "content": content})


@register.simple_block_tag(takes_context=True)
def page_header(context: RequestContext, content: str, **variables: object) -> str:
    """`{% page_header title="…" %}quiet actions{% endpage_header %}`: variables in components/page_header.html."""
    return render_to_string("components/page_header.html", {**variables, "content": content})


@register.simple_block_tag(takes_context=True)
def dialog(context: RequestContext, content: str, **variables: object) -> str:
    """`{% dialog id="…" title="…" %}…{% enddialog %}`: variables in components/dialog.html."""
    return render_to_string("components/dialog.html", {**variables, "content": content})


@register.simple_block_tag(takes_context=True)
def bulk_bar(context: RequestContext, content: str, **variables: object) -> str:
    """`{% bulk_bar table="…" %}buttons{% endbulk_bar %}`: variables in components/bulk_bar.html."""
    return render_to_string("components/bulk_bar.html", {**variables, "content": content})


@register.filter
def cells(columns: Sequence[object], row: parts.Row) -> list[tuple[object, object]]:
    """Each cell with its column; one that is only text becomes a Cell."""
    wrapped = [
        cell if isinstance(cell, parts.Cell | Mapping) else parts.Cell(NOTHING if cell is None else cell)
        for cell in row
    ]
    return list(zip(columns, wrapped, strict=True))


@register.simple_tag
def js_words() -> SafeString:
    """The words our scripts say, in the active language; read by `words()` in static/js/core.js."""
    return json_script(
        {
            "close": gettext("Close"),
            "copied": gettext("Copied"),
            "copyFailed": gettext("Could not copy. Select the text and press Ctrl-C."),
            "offline": gettext("No connection. What you typed is still here; try again when you are online."),
            "forbidden": gettext("You may not do this. Ask an owner of the shop for the right."),
            "gone": gettext("This is no longer here. Someone may have removed it; reload the page."),
            "signedOut": gettext("You were signed out. Open a new tab, sign in, and try again; what you typed stays."),
            "notSent": gettext("You were signed out, and nothing was saved. What you typed is back: send it again."),
            "tooMany": gettext("Too many requests. Wait a minute and try again."),
            "serverError": gettext("Something went wrong on our side. Nothing was changed; try again in a minute."),
            "unsaved": gettext("You have changes that are not saved."),
            "selected": gettext("{count} selected"),
            "ticked": gettext("{count} of {all} ticked"),
            "fileTooBig": gettext("This file is larger than {size}. Split it and import the parts."),
            "previous": gettext("Before"),
            "change": pgettext("against the period before", "Change"),
        },
        "words",
    )
