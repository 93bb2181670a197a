"""What customers writes into the audit log, in words."""

from django.utils.translation import gettext_lazy as _

from crm.shops.audit.sentences import ACTIONS, Action

for _action in (
    Action("customer.changed", _("changed customer no. %(object)s"), _("Customer changed")),
    Action(
        "customer.released",
        _("let storefronts change fields of customer no. %(object)s again: %(fields)s"),
        _("Values let go"),
    ),
    Action("customer.contacts_seen", _("looked at the contacts of customer no. %(object)s"), _("Contacts looked at")),
    Action(
        "customers.merged",
        _("merged customer no. %(source)s into customer no. %(object)s (merge no. %(merge)s)"),
        _("Customers merged"),
    ),
    Action(
        "customers.merge_undone",
        _("undid merge no. %(merge)s: customer no. %(object)s is apart from no. %(target)s again"),
        _("Merge undone"),
    ),
    Action(
        "customers.duplicates_requested",
        _("had duplicates looked for (search no. %(object)s)"),
        _("Duplicates looked for"),
    ),
    Action(
        "customers.duplicates_cancelled",
        _("stopped search no. %(object)s for duplicates"),
        _("Search for duplicates stopped"),
    ),
    Action("customers.duplicates_found", _("finished search no. %(object)s for duplicates; pairs: %(pairs)s")),
    Action(
        "customers.not_duplicates",
        _("judged customers no. %(first)s and no. %(second)s to be two people"),
        _("Not the same person"),
    ),
    Action(
        "customer.identifiers_set", _("changed the identifiers of customer no. %(object)s"), _("Identifiers changed")
    ),
    Action("customers.tagged", _("put tag no. %(object)s on customers, in all: %(customers)s"), _("Customers tagged")),
    Action("customers.untagged", _("took tag no. %(object)s off customers, in all: %(customers)s"), _("Tag taken off")),
    Action("customers.export_requested", _("asked for an export (no. %(object)s)"), _("Export asked for")),
    Action("customers.exported", _("got export no. %(object)s made")),
    Action("customers.export_failed", _("could not finish export no. %(object)s")),
    Action("customers.export_downloaded", _("downloaded export no. %(object)s"), _("Export downloaded")),
    Action(
        "customer.attributes_changed",
        _("changed attributes no. %(attributes)s of customer no. %(object)s"),
        _("Attributes of a customer changed"),
    ),
    Action(
        "customers.attributes_changed",
        _("changed attributes no. %(attributes)s of customers, in all: %(customers)s"),
        _("Attributes of customers changed"),
    ),
    Action(
        "customer.addresses_changed",
        _("changed addresses of customer no. %(object)s"),
        _("Addresses of a customer changed"),
    ),
    Action(
        "customers.addresses_changed",
        _("changed addresses of customers, in all: %(customers)s"),
        _("Addresses of customers changed"),
    ),
    Action(
        "customer_kind.created",
        _("made kind of relation no. %(object)s (%(key)s)"),
        _("Kind of relation made"),
    ),
    Action(
        "customer_kind.changed",
        _("changed kind of relation no. %(object)s (%(key)s)"),
        _("Kind of relation changed"),
    ),
    Action("attribute.created", _("made attribute no. %(object)s (%(key)s)"), _("Attribute made")),
    Action("attribute.changed", _("changed attribute no. %(object)s (%(key)s)"), _("Attribute changed")),
    Action("note.added", _("wrote a note on customer no. %(customer)s"), _("Note written")),
    Action("note.deleted", _("deleted a note on customer no. %(customer)s"), _("Note deleted")),
    Action(
        "customer.consent_recorded",
        _("recorded what customer no. %(object)s said about being contacted (record no. %(event)s)"),
        _("Consent recorded"),
    ),
    Action("consents.recorded", _("sent consents through the API"), _("Consents sent")),
    Action("demo.consents_invented", _("invented consents for the demo shop, in all: %(events)s")),
    Action("topic.added", _("added topic no. %(object)s"), _("Topic added")),
    Action("topic.changed", _("changed topic no. %(object)s"), _("Topic changed")),
    Action("consent_text.added", _("added consent text no. %(object)s"), _("Consent text added")),
    Action("signup_form.added", _("added sign-up form no. %(object)s"), _("Sign-up form added")),
    Action("signup_form.changed", _("changed sign-up form no. %(object)s"), _("Sign-up form changed")),
    Action("consent_settings.changed", _("changed the settings of consent"), _("Consent set")),
    Action("signup.confirmed", _("took customer no. %(customer)s in by a sign-up form"), _("Signed up")),
    Action("suppressions.added", _("blocked addresses, in all: %(addresses)s"), _("Addresses blocked")),
    Action("suppressions.lifted", _("unblocked addresses, in all: %(addresses)s"), _("Addresses unblocked")),
    Action("customers.upserted", _("sent customers through the API")),
    Action("import.uploaded", _("uploaded a file (import no. %(object)s)"), _("File uploaded")),
    Action("import.check_requested", _("had import no. %(object)s checked")),
    Action("import.run_requested", _("started import no. %(object)s"), _("Import started")),
    Action("import.cancelled", _("stopped import no. %(object)s"), _("Import stopped")),
    Action("import.failed", _("could not finish import no. %(object)s"), _("Import failed")),
    Action(
        "import.finished",
        _("finished import no. %(object)s; new orders: %(orders_created)s, rows left out: %(rejected)s"),
        _("Import finished"),
    ),
    Action(
        "import.customers_finished",
        _("finished import no. %(object)s; new customers: %(customers_created)s, changed: %(customers_changed)s"),
        _("Import of customers finished"),
    ),
    Action(
        "import.products_finished",
        _("finished import no. %(object)s; new products: %(products_created)s, changed: %(products_changed)s"),
        _("Import of products finished"),
    ),
    Action(
        "import.suppressions_finished",
        _("finished import no. %(object)s; addresses blocked: %(suppressions_created)s"),
        _("Import of addresses not to be written to finished"),
    ),
    Action("import.undo_requested", _("asked to undo import no. %(object)s"), _("Undo of an import asked for")),
    Action(
        "import.undone",
        _("undid import no. %(object)s; orders taken away: %(orders_removed)s, rows left as they were: %(kept)s"),
        _("Import undone"),
    ),
    Action("orders.ingested", _("sent orders through the API")),
    Action("products.upserted", _("sent products through the API")),
):
    ACTIONS.register(_action)
