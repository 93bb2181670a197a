"""The search on a made set of which the truth is known: how many it finds, and how many of those are one person.

A hundred people stand in two records each, by ten kinds of slip; beside them families, namesakes and colleagues, who
are two.
"""

import random

import pytest

from crm.tenancy.scope import shop_scope
from customers.merging.finder import find_pairs, found_pairs
from customers.models import Customer, Identifier

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

FIRST = ["Katharina", "Wolfgang", "Margaret", "Sebastian", "Henrietta", "Leopold", "Rosalind", "Theodore", "Marlene"]
LAST = ["Fairweather", "Holloway", "Schmidbauer", "Montgomery", "Castellano", "Lindqvist", "Okonkwo", "Verhoeven"]
HAN = [
    ("林晓雯", "Lin Xiaowen"),
    ("欧阳建国", "Ouyang Jianguo"),
    ("单雄信", "Shan Xiongxin"),
    ("曾国庆", "Guoqing Zeng"),
]
CITIES = ["Leeds", "Porto", "Wien", "上海"]


def slipped(word, source):
    """Two letters in the middle have changed places."""
    at = source.randrange(1, len(word) - 2)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def wide(text):
    return "".join(chr(ord(sign) + 0xFEE0) if "!" <= sign <= "~" else sign for sign in text)


def twice(number, source):
    """One person in two records, as (name, e-mail, phone, city) each, by the kind of slip that the number says."""
    first, last = f"{source.choice(FIRST)} {chr(97 + number % 26)}{chr(97 + number // 26)}o", source.choice(LAST)
    han, latin = HAN[number % len(HAN)]
    city, phone = source.choice(CITIES), f"+86138{number:04d}{source.randrange(10**4):04d}"
    mail = f"{last.lower()}.{number}"
    name = f"{first} {last}"
    near = phone[:-1] + str((int(phone[-1]) + 5) % 10)
    return [
        [(name, "", "", city), (f"{last.upper()}, {first}", "", "", city)],
        [(name, f"{mail}@post.example", "", ""), (wide(name), f"{mail}@mail.example", "", "")],
        [(name, "", phone, ""), (f"{first} {slipped(last, source)}", "", near, "")],
        [(han, "", phone, city), (latin, "", near, city)],
        [(han, f"{mail}@post.example", "", ""), (latin, f"{mail}@mail.example", "", "")],
        [(name, f"{mail}@gmail.com", "", ""), (f"{first[0]}. {last}", f"{mail}@gmial.com", "", "")],
        [(name, "", phone, ""), (name, "", f"+44{phone[3:]}", "")],
        [("", f"{mail}@web.example", "", city), (name, f"{mail}@wbe.example", "", city)],
        [
            (name, f"{mail}x@post.example", "", city),
            (f"{first} {slipped(last, source)}", f"{mail}@gmx.example", "", city),
        ],
        [(f"Mrs {name}", "", "", city), (name.replace(" ", "  ").lower(), "", "", city)],
    ][number % 10]


def two(number, source):
    """Two people who have something in common."""
    last, phone = f"{source.choice(LAST)}{chr(97 + number % 26)}", f"+86139{number:04d}{source.randrange(10**4):04d}"
    near = phone[:-1] + str((int(phone[-1]) + 5) % 10)
    return [
        [(f"Ana {last}", "", phone, "Leeds"), (f"Pedro {last}", "", near, "Leeds")],
        [("王伟", "", "", "上海"), ("王伟", "", "", "北京")],
        [(f"Ana {last}", f"info@a{number}.example", "", ""), (f"Bob {last}", f"info@b{number}.example", "", "")],
        [("Guest", "", phone, "Wien"), ("Guest", "", near, "Wien")],
        [
            (f"Tim {last}", f"tim{number}@x.example", "", "Porto"),
            (f"Tom {last}", f"tom{number}@x.example", "", "Porto"),
        ],
    ][number % 5]


def test_nearly_all_are_found_and_nearly_all_found_are_one(shop):
    source = random.Random(7)
    truth = set()
    with shop_scope(shop):
        for records, is_one in [
            *((twice(n, source), True) for n in range(100)),
            *((two(n, source), False) for n in range(100)),
        ]:
            ids = [_write(shop, *record) for record in records]
            if is_one:
                truth.add(tuple(ids))
        pairs = list(found_pairs(find_pairs(shop.pk)))
        found = {(int(pair.first_number[1:]), int(pair.second_number[1:])) for pair in pairs}
    right = len(found & truth)
    missed = sorted((a - 1) // 2 for a, b in truth - found)
    assert right / len(truth) >= 0.9, missed
    assert right / len(found) >= 0.9, sorted(found - truth)


def _write(shop, name, email, phone, city):
    customer = Customer.objects.create(shop=shop, name=name, city=city)
    for kind, value in (("email", email), ("phone", phone)):
        if value:
            Identifier.objects.create(shop=shop, customer=customer, kind=kind, value=value)
    return customer.pk
