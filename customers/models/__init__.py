"""Who buys: customers and how to recognise them, products, orders, refunds, and the files they came from."""

from customers.models.address import Address, first_of_types
from customers.models.attribute import AttributeChoice, AttributeDefinition, AttributeValue
from customers.models.consent import (
    CHANNEL_LENGTH,
    EVIDENCE_LENGTH,
    PURPOSE_LENGTH,
    SOURCE_LENGTH,
    Consent,
    ConsentEvent,
    ConsentState,
    UndoneWith,
)
from customers.models.consent_text import TEXT_LENGTH, VERSION_LENGTH, ConsentText
from customers.models.customer import NAME_LENGTH, Customer, Identifier, SearchDocument, Through
from customers.models.duplicate_pair import DuplicatePair
from customers.models.duplicate_search import DuplicateSearch
from customers.models.export_job import ExportJob
from customers.models.import_change import ImportChange
from customers.models.import_job import ImportJob, RejectedRow
from customers.models.kind import CustomerKind
from customers.models.merge import Merge, MergeChange
from customers.models.note import BODY_LENGTH, Note
from customers.models.order import Order, OrderLine
from customers.models.product import BELOW, BRAND_LENGTH, CATEGORY_LENGTH, EXTERNAL_ID_LENGTH, Product, ProductCategory
from customers.models.profile_change import ProfileChange
from customers.models.refund import Refund, RefundLine
from customers.models.sales_day import SalesDay
from customers.models.signup import (
    EMAIL_LENGTH,
    HEADING_LENGTH,
    URL_LENGTH,
    WORDS_LENGTH,
    ConsentSettings,
    ContactPreference,
    Signup,
    SignupForm,
)
from customers.models.suppression import Suppression
from customers.models.tag import TAG_LENGTH, CustomerTag, Tag
from customers.models.topic import CODE_LENGTH, TOPIC_LENGTH, Topic

__all__ = [
    "BELOW",
    "BODY_LENGTH",
    "BRAND_LENGTH",
    "CATEGORY_LENGTH",
    "CHANNEL_LENGTH",
    "CODE_LENGTH",
    "EMAIL_LENGTH",
    "EVIDENCE_LENGTH",
    "EXTERNAL_ID_LENGTH",
    "HEADING_LENGTH",
    "NAME_LENGTH",
    "PURPOSE_LENGTH",
    "SOURCE_LENGTH",
    "TAG_LENGTH",
    "TEXT_LENGTH",
    "TOPIC_LENGTH",
    "URL_LENGTH",
    "VERSION_LENGTH",
    "WORDS_LENGTH",
    "Address",
    "AttributeChoice",
    "AttributeDefinition",
    "AttributeValue",
    "Consent",
    "ConsentEvent",
    "ConsentSettings",
    "ConsentState",
    "ConsentText",
    "ContactPreference",
    "Customer",
    "CustomerKind",
    "CustomerTag",
    "DuplicatePair",
    "DuplicateSearch",
    "ExportJob",
    "Identifier",
    "ImportChange",
    "ImportJob",
    "Merge",
    "MergeChange",
    "Note",
    "Order",
    "OrderLine",
    "Product",
    "ProductCategory",
    "ProfileChange",
    "Refund",
    "RefundLine",
    "RejectedRow",
    "SalesDay",
    "SearchDocument",
    "Signup",
    "SignupForm",
    "Suppression",
    "Tag",
    "Through",
    "Topic",
    "UndoneWith",
    "first_of_types",
]
