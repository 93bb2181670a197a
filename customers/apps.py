from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Customers")

    def ready(self) -> None:
        from crm.shops.books import BOOKS, Books
        from crm.ui.navigation import SUB_PAGES, SubPage
        from customers import audit, tasks  # noqa: F401  # register actions and kinds of work
        from customers.api import problems  # noqa: F401  # registers its codes
        from customers.attribute_filters import AttributeFilters
        from customers.exports import MORE_COLUMNS
        from customers.exports.addresses import ADDRESS_COLUMNS
        from customers.exports.attributes import ATTRIBUTE_COLUMNS
        from customers.exports.consents import CONSENT_COLUMNS
        from customers.exports.profile import PROFILE_COLUMNS
        from customers.filters import FILTERS, FilterProvider
        from customers.models import Order
        from customers.personal_data import signups  # noqa: F401  # with those before it registers what is known of a person
        from customers.queries import duplicates_to_review, has_prices

        FILTERS.register(FilterProvider("attributes", AttributeFilters))
        MORE_COLUMNS.register(PROFILE_COLUMNS)
        MORE_COLUMNS.register(ADDRESS_COLUMNS)
        MORE_COLUMNS.register(ATTRIBUTE_COLUMNS)
        MORE_COLUMNS.register(CONSENT_COLUMNS)
        BOOKS.register(Books("orders", Order.objects.exists))
        BOOKS.register(Books("prices", has_prices))
        SUB_PAGES.register(
            SubPage(
                "consents",
                "settings",
                pgettext_lazy("panel", "Consent"),
                "consents:settings",
                15,
                right="manage_shop",
                also=("consents:add_topic", "consents:topic", "consents:add_text"),
            )
        )
        SUB_PAGES.register(
            SubPage("attributes", "settings", _("Attributes"), "attributes:settings", 16, right="manage_shop")
        )
        SUB_PAGES.register(
            SubPage(
                "relations",
                "settings",
                _("Relations"),
                "attributes:kinds",
                16,
                right="manage_shop",
                also=("attributes:kind",),
            )
        )
        SUB_PAGES.register(
            SubPage(
                "signup-forms",
                "settings",
                _("Sign-up forms"),
                "signups:forms",
                17,
                right="manage_shop",
                also=("signups:new_form", "signups:form"),
            )
        )
        SUB_PAGES.register(SubPage("signups", "customers", _("Sign-ups"), "signups:list", 15, right="see_customers"))
        SUB_PAGES.register(SubPage("orders", "customers", _("Orders"), "orders", 5, right="see_customers"))
        SUB_PAGES.register(
            SubPage(
                "products",
                "customers",
                _("Products"),
                "customers:products",
                6,
                right="see_customers",
                also=("customers:product",),
            )
        )
        SUB_PAGES.register(SubPage("imports", "customers", _("Imports"), "imports:list", 10, right="import"))
        SUB_PAGES.register(
            SubPage(
                "duplicates",
                "customers",
                _("Duplicates"),
                "customers:duplicates",
                7,
                right="merge_customers",
                also=("customers:duplicate",),
                count=duplicates_to_review,
            )
        )
        SUB_PAGES.register(SubPage("exports", "customers", _("Exports"), "customers:exports", 20, right="export"))
