import pytest

from customers.sources import Context


@pytest.fixture
def context():
    return Context(currency="GBP", timezone="Europe/London", region="GB")


@pytest.fixture
def write(tmp_path):
    """Writes text or bytes to a new file and answers with its path."""
    count = iter(range(1_000_000))

    def write(content, name="orders.csv", encoding="utf-8"):
        path = tmp_path / f"{next(count)}-{name}"
        path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
        return path

    return write
