"""The tabs below an item of the main navigation, for the frames of its pages."""

from django import template
from django.template.context import Context

from crm.ui import navigation
from crm.ui.parts import Link

register = template.Library()


@register.simple_tag(takes_context=True)
def sub_pages(context: Context, parent: str) -> list[Link]:
    """For components/tabs.html, on a page of a shop: what this person may see of the sub-pages of `parent`."""
    request = context["request"]
    return navigation.tabs(
        parent,
        shop_slug=request.shop.slug,
        here=request.resolver_match.view_name,
        has_right=request.membership.may,
        counts=True,
    )
