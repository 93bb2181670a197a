"""Shops, people, keys and the audit log in Django admin."""

from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _

from crm.shops.actions import delete_shop
from crm.shops.admin.base import Audited, BoundedPaginator, LooksOnly, ShopModelAdmin
from crm.shops.models import ApiKey, AuditEntry, Invitation, Membership, Shop, User

if TYPE_CHECKING:  # Generic in the stubs only.
    PeopleAdmin: TypeAlias = DjangoUserAdmin[User]
    PersonCreationForm: TypeAlias = AdminUserCreationForm[User]
else:
    PeopleAdmin, PersonCreationForm = DjangoUserAdmin, AdminUserCreationForm


@admin.register(Shop)
class ShopAdmin(Audited):
    list_display = ("name", "slug", "currency", "timezone", "language", "is_demo", "created_at")
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    search_fields = ("slug", "name")
    ordering = ("slug",)
    fields = (
        "name",
        "slug",
        "currency",
        "timezone",
        "language",
        "week_start",
        "exchange_rates",
        "requires_mfa",
        "is_demo",
        "created_at",
    )
    delete_confirmation_template = "admin/shops/shop/delete_confirmation.html"

    def get_readonly_fields(self, request: HttpRequest, obj: Shop | None = None) -> tuple[str, ...]:
        """Amounts and days are kept in the currency and time zone; the slug is in keys and addresses.

        (The shop's own settings change currency and time zone as long as there are no orders.)
        """
        return ("created_at",) if obj is None else ("slug", "currency", "timezone", "is_demo", "created_at")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {}  # Shops are deleted one by one.

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Names nothing: Django would read every row of the shop to list it."""
        return [], {}, set(), []

    def delete_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        shop = self.get_object(request, object_id)
        if request.method == "POST" and shop is not None and request.POST.get("slug") != shop.slug:
            self.message_user(request, _("Nothing was deleted: that is not the shop's short name."), messages.ERROR)
            return HttpResponseRedirect(request.path)
        return super().delete_view(request, object_id, extra_context)

    def delete_model(self, request: HttpRequest, obj: Shop) -> None:
        delete_shop(obj)


class UserCreationForm(PersonCreationForm):
    class Meta:
        model = User
        fields = ("email", "name", "is_staff", "is_superuser")


@admin.register(User)
class UserAdmin(PeopleAdmin):
    """People. Staff of the installation are made here; members of shops sign up or are invited."""

    add_form = UserCreationForm
    list_display = ("email", "name", "is_staff", "is_active", "date_joined", "last_login")
    list_filter = ()
    list_per_page = 50
    show_full_result_count = False
    paginator = BoundedPaginator
    sortable_by = ()
    ordering = ("-id",)
    search_fields = ("email",)
    filter_horizontal = ()
    fieldsets = (
        (None, {"fields": ("email", "password", "name", "language")}),
        (_("What they may do"), {"fields": ("is_active", "is_staff", "is_superuser")}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2", "is_staff", "is_superuser")}),)
    readonly_fields = ("last_login", "date_joined")
    actions = ("end_two_step",)

    @admin.action(description=_("Take off two-step sign-in"), permissions=["change"])
    def end_two_step(self, request: HttpRequest, people: QuerySet[User]) -> None:
        """For who has lost phone and recovery codes. Whoever holds the old ones is put out, too."""
        for person in people:
            Authenticator.objects.filter(user=person).delete()
            for session in UserSession.objects.filter(user=person):
                session.end()
            self.log_change(request, person, "Two-step sign-in was taken off.")
        self.message_user(
            request, _("Two-step sign-in is off. They sign in with their password, and can set it up again.")
        )

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The beginning of the address, by the index on e-mail; or the id."""
        word = search_term.strip().lower()
        if not word:
            return queryset, False
        by_id = Q(pk=int(word)) if word.isascii() and word.isdigit() and len(word) < 19 else Q(pk__in=[])
        return queryset.filter(Q(email__startswith=word) | by_id), False


@admin.register(Membership)
class MembershipAdmin(ShopModelAdmin):
    list_display = ("user", "role", "shop", "created_at")
    list_select_related: ClassVar[Any] = ("shop", "user")
    autocomplete_fields = ("shop", "user")
    readonly_fields = ("created_at",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *(["user"] if obj else [])]

    def matches(self, word: str) -> Q:
        people = list(User.objects.filter(email=word.lower()).values_list("pk", flat=True))
        return Q(user_id__in=people) | super().matches(word)


@admin.register(Invitation)
class InvitationAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("email", "role", "shop", "created_at", "expires_at", "accepted_at")
    fields = ("email", "role", "shop", "created_at", "expires_at", "accepted_at")


@admin.register(ApiKey)
class ApiKeyAdmin(LooksOnly, ShopModelAdmin):
    """Without the hash: whoever reads along in support must not learn even that."""

    list_display = ("name", "hint", "kind", "shop", "created_at", "last_used_at", "expires_at", "revoked_at")
    fields = ("name", "hint", "kind", "scopes", "shop", "created_at", "last_used_at", "expires_at", "revoked_at")


@admin.register(AuditEntry)
class AuditEntryAdmin(LooksOnly, ShopModelAdmin):
    list_display = ("at", "shop", "seq", "actor_kind", "actor_id", "action", "object_type", "object_id")
