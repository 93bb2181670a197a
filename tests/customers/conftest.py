import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from crm.tenancy.scope import shop_scope
from customers.imports.actions import choose_mapping, request_run, upload_import
from customers.sources import Mapping
from customers.tasks import IMPORTS
from tests.customers.bringing import CASES, Made


@pytest.fixture
def bring(settings, tmp_path, make_shop):
    """Imports a case, a text, or bytes, and answers with what was made of it."""
    settings.MEDIA_ROOT = tmp_path
    shops = {}

    def import_(case, *, slug="case", replaces=False, currency="USD", zone="UTC", said=None, **mapping):
        if slug not in shops:
            shops[slug] = make_shop(slug, currency=currency, timezone=zone)
        shop = shops[slug]
        content = case
        if isinstance(case, str):
            content = (CASES / case).read_bytes() if "\n" not in case else case.encode()
        with shop_scope(shop):
            job = upload_import(shop, ContentFile(content, "file.csv"), by=None, now=timezone.now())
            mapping |= said or {}
            if mapping or replaces:
                known = Mapping.from_dict(job.mapping | mapping)
                choose_mapping(job, preset=job.preset, mapping=known, replaces_orders=replaces)
            request_run(job, by=None, now=timezone.now())
        IMPORTS.do_next(shop.pk)
        with shop_scope(shop):
            job.refresh_from_db()
        return Made(shop, job)

    return import_
