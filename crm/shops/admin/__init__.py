"""Django admin: what all apps' admin pages share (base, columns, jobs), and the pages of shops and people."""

from crm.shops.admin import people  # noqa: F401  # registers its pages
