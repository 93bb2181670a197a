"""Times at the ends of the calendar and in zones that do not exist are refused, not crashed on."""

import pytest

ODD = [
    "0001-01-01T00:00:00+23:59",
    "0001-01-01T00:00:00Z",
    "9999-12-31T23:59:59-23:59",
    "9999-12-31T23:59:59Z",
    "2026-11-20T10:00:00+16:00",
    "2026-11-20T10:00:00-23:59",
]
ORDER = {"external_id": "A-1", "currency": "GBP", "status": "paid", "lines": [{"quantity": 1, "unit_price": "1.00"}]}


@pytest.mark.parametrize("moment", ODD)
@pytest.mark.parametrize("path", ["orders?placed_from", "orders?placed_before", "products?updated_from"])
def test_a_filter_refuses_it(api, path, moment):
    answer = api.get(f"{path}={moment.replace('+', '%2B')}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")


@pytest.mark.parametrize("moment", ODD)
def test_an_order_refuses_it(api, moment):
    good = {**ORDER, "external_id": "A-2", "placed_at": "2026-11-20T10:00:00+14:00"}
    answer = api.post("orders/bulk", {"orders": [{**ORDER, "placed_at": moment}, good]})
    results = answer.json()["results"]
    assert answer.status_code == 200
    assert (results[0]["status"], results[0]["error"]["field"]) == ("error", "placed_at")
    assert results[0]["error"]["code"] in ("date_out_of_range", "date_in_future")
    assert results[1]["status"] == "created"
