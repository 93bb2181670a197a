import pytest
from django.test import RequestFactory

from crm.ui import views


@pytest.fixture
def styleguide_html(settings):
    """The style guide as the server would send it; no shop, no database."""
    settings.DEBUG = True
    return views.styleguide(RequestFactory().get("/styleguide/")).content.decode()
