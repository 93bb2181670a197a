import django_filters
import msgspec

from crm.rest.openapi import documented
from crm.rest.resources import Resource
from tests.toy.models import Wish


class WishOut(msgspec.Struct):
    """What a customer would like to have."""

    id: int
    customer_id: int
    what: str


class WishPage(msgspec.Struct):
    results: list[WishOut]
    next: str | None
    previous: str | None


class WishFilters(django_filters.FilterSet):
    class Meta:
        model = Wish
        fields = ["customer_id"]


class WishResource(Resource):
    scopes = {"read": "customers:read"}
    filterset_class = WishFilters

    def get_queryset(self):
        return Wish.objects.all()

    @documented("List wishes", answers=WishPage, paged=True)
    def list(self, request):
        return self.list_page(lambda wish: WishOut(wish.pk, wish.customer_id, wish.what))
