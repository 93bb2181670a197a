"""Orders of an invented tea shop, to look around with before one's own are in.

Everybody in it is made up: the addresses end in example.com, which nobody can own, and all numbers begin with SAMPLE.
"""

import csv
import io
import random
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from datetime import time as clock
from typing import NamedTuple

from faker import Faker

from crm.lib.money import exponent

SAMPLE_NAME = "sample-orders.csv"
PEOPLE = 300
DAYS = 730
HEADER = (
    "order_id", "ordered_at", "customer_id", "email", "name", "city", "country", "product_id", "product_name",
    "quantity", "unit_price", "currency", "discount", "shipping", "status", "refunded",
)  # fmt: skip
# Number, English name, Chinese name, price in units of a currency like the euro.
PRODUCTS = (
    ("TEA-01", "Dragon Well green tea, 100 g", "龙井绿茶 100克", 18.9),
    ("TEA-02", "Iron Goddess oolong, 100 g", "铁观音 100克", 16.5),
    ("TEA-03", "Keemun black tea, 100 g", "祁门红茶 100克", 14.9),
    ("TEA-04", "Jasmine pearls, 50 g", "茉莉龙珠 50克", 12.5),
    ("TEA-05", "Ripe pu-erh cake, 357 g", "普洱熟饼 357克", 42.0),
    ("TEA-06", "White Peony, 50 g", "白牡丹 50克", 15.9),
    ("TEA-07", "Earl Grey, 100 g", "伯爵红茶 100克", 9.9),
    ("TEA-08", "Chamomile, 40 g", "洋甘菊 40克", 7.5),
    ("POT-01", "Clay teapot, 200 ml", "紫砂壶 200毫升", 68.0),
    ("POT-02", "Glass teapot, 600 ml", "玻璃茶壶 600毫升", 29.0),
    ("CUP-01", "Two porcelain cups", "瓷杯一对", 19.0),
    ("CUP-02", "Travel mug", "随行杯", 24.5),
    ("ACC-01", "Bamboo tea tray", "竹茶盘", 36.0),
    ("BOX-01", "Gift box, four teas", "四味茶礼盒", 49.0),
)
# What 1 is worth, roughly, so that prices look right in a shop's own currency.
FACTORS = {"CNY": 8, "HKD": 8, "TWD": 32, "JPY": 150, "KRW": 1400, "INR": 80, "THB": 36, "SEK": 11, "NOK": 11, "DKK": 7}
PLACES = (("Leeds", "GB"), ("London", "GB"), ("Berlin", "DE"), ("Lyon", "FR"), ("Utrecht", "NL"), ("Madrid", "ES"))
CHINESE_PLACES = tuple((city, "CN") for city in ("上海", "北京", "杭州", "成都", "广州", "武汉"))
HABITS = ((12, 500), (40, 300), (110, 400), (900, 60))  # days between orders, and how long such a person stays


class Sale(NamedTuple):
    at: datetime
    person: int


def sample_orders(currency: str, language: str, today: date) -> str:
    """A CSV in our own headings: some 1,000 orders of 300 people in the two years before `today`, always alike."""
    chance = random.Random("huitou sample")  # noqa: S311  # invented orders, no secrets
    is_chinese = language.startswith("zh")
    people = list(_people(is_chinese, chance))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(HEADER)
    for number, sale in enumerate(sorted(_sales(chance, today)), 10_001):
        writer.writerows(_rows(number, sale, people[sale.person], currency, chance, is_chinese=is_chinese))
    return text.getvalue()


def _people(is_chinese: bool, chance: random.Random) -> Iterator[tuple[str, ...]]:
    """Number, e-mail address, name, city, country."""
    names = Faker("zh_CN" if is_chinese else "en_GB")
    names.seed_instance("huitou sample")
    places = CHINESE_PLACES if is_chinese else PLACES
    for number in range(1, PEOPLE + 1):
        yield f"SAMPLE-{number}", f"sample{number}@example.com", names.name(), *chance.choice(places)


def _sales(chance: random.Random, today: date) -> Iterator[Sale]:
    for person in range(PEOPLE):
        pause, stays = chance.choices(HABITS, (1, 4, 6, 9))[0]
        day = DAYS * (1 - chance.random() ** 0.8)
        leaves = day + chance.expovariate(1 / stays)
        while day < DAYS:
            moment = clock(chance.randrange(8, 22), chance.randrange(60))
            yield Sale(datetime.combine(today - timedelta(days=DAYS - int(day)), moment), person)
            day += 1 + chance.expovariate(1 / pause)
            if day > leaves:
                break


def _rows(
    number: int, sale: Sale, person: tuple[str, ...], currency: str, chance: random.Random, *, is_chinese: bool
) -> Iterator[tuple[str, ...]]:
    """One row a product; shipping, state and refund are the order's, on its first row."""
    products = chance.sample(PRODUCTS, chance.choices((1, 2, 3), (6, 3, 1))[0])
    fate = chance.random()
    for position, (product, english, chinese, price) in enumerate(products):
        quantity = chance.choices((1, 2, 3), (8, 3, 1))[0]
        discount = _money(price * 0.1 * quantity, currency) if chance.random() < 0.1 else ""
        refunded = _money(price / 2, currency) if 0.03 < fate < 0.07 and not position else ""
        of_order = (_money(4.9, currency), "cancelled" if fate < 0.03 else "paid") if not position else ("", "")
        yield (
            f"SAMPLE-{number}", f"{sale.at:%Y-%m-%d %H:%M}", *person, product, chinese if is_chinese else english,
            str(quantity), _money(price, currency), currency, discount, *of_order, refunded,
        )  # fmt: skip


def _money(amount: float, currency: str) -> str:
    return f"{amount * FACTORS.get(currency, 1):.{exponent(currency)}f}"
