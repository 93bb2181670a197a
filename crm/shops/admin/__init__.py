"""Django admin: what all apps' admin pages share (base, columns, jobs), and the pages of shops and people."""

from crm.shops.admin import jobs, people  # noqa: F401  # register their pages
