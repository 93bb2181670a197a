import pytest
from django.core.files.base import ContentFile
from django.utils import timezone

from crm.shops.keys import create_key
from crm.tenancy.scope import shop_scope
from customers.imports.actions import choose_mapping, request_run, upload_import
from customers.sources import Mapping
from customers.tasks import IMPORTS
from tests.factories.customers import customer


@pytest.fixture
def ana(shop):
    return customer(shop, "Ana", number="c1", email="ana@example.com")


@pytest.fixture
def key(shop):
    with shop_scope(shop):
        return create_key(shop, name="Web shop", by=None)[0]


@pytest.fixture
def bring_into(settings, tmp_path):
    """Imports a text into the shop."""
    settings.MEDIA_ROOT = tmp_path

    def import_(shop, text, *, by, **policies):
        with shop_scope(shop):
            job = upload_import(shop, ContentFile(text.encode(), "people.csv"), by=by, now=timezone.now())
            if policies:
                known = Mapping.from_dict(job.mapping | {"policies": policies})
                choose_mapping(job, preset=job.preset, mapping=known, replaces_orders=False)
            request_run(job, by=by, now=timezone.now())
        IMPORTS.do_next(shop.pk)
        with shop_scope(shop):
            job.refresh_from_db()
        assert job.state == "done", job.error
        return job

    return import_


@pytest.fixture
def browser(owner, as_person):
    return as_person(owner)
