import pytest

from tests.factories.customers import customer


@pytest.fixture
def ana(shop):
    return customer(shop, "Ana", number="c1", email="ana@example.com")
