"""Likeness in columns: the same answer as likeness.py gives pair by pair, to the last piece of evidence."""

import random
from collections import Counter

import numpy as np
import pytest

from customers.domain import likeness_columns
from customers.domain.blocking import Pairs
from customers.domain.houses import house_of
from customers.domain.likeness import WEIGHTS, WORTH_ASKING, Known, likeness
from customers.domain.likeness_columns import NamedBy, explained, scored
from customers.domain.names import parse_name
from customers.domain.people_columns import Gathering

NAMES = [
    *(
        "",
        "Ana",
        "Ana Silva",
        "SILVA, Ana",
        "Ａｎａ　Ｓｉｌｖａ",
        "Ana Maria Silva",
        "Pedro Silva",
        "A. Silva",
        "Ana Slyva",
    ),
    *("Katharina Huber", "Katarina Huber", "Huber K.", "Hubert Katharina", "Dr. Katharina Huber", "Katharina-Huber"),
    *("Tim Brown", "Tom Brown", "O'Brien Sean", "OBrien Sean", "Renée Müller", "Renee Muller", "J Lyu", "J Lu"),
    *(
        "王小明",
        "王小红",
        "王晓明",
        "小明王",
        "王明小",
        "Wang Xiaoming",
        "Xiao Ming WANG",
        "Wangxiaoming",
        "王伟",
        "王偉",
    ),
    *("欧阳建国", "Ouyang Jianguo", "单雄信", "Shan Xiongxin", "王先生", "王小明先生", "王 小明", "王小明 David", "李"),
    *(
        "上海茶叶有限公司",
        "上海茶业有限公司",
        "上海茶叶有限公词",
        "Shanghai Tea Ltd",
        "Guest",
        "guest user",
        "No e-mail",
    ),
    *(
        "***",
        "🙂",
        "游客",
        "匿名用户",
        "n/a",
        "N. A. Smith",
        "Null Smith",
        "Mr Smith",
        "x" * 300,
        "Aimee Lisa",
        "Lisa Aimee",
    ),
    *("Smith J. A.", "Smith Ja", "ß Straße", "Strasse SS", "Лев Толстой", "Толстой Лев", "田中太郎", "タナカ タロウ"),
]
CITIES = ["", "", "Porto", "porto ", "上海", "Shanghai", "上海市", "York", "***"]
EMAILS = [
    f"{local}@{domain}"
    for local in (
        "ana.silva",
        "anasilva+shop",
        "ana.sliva",
        "anasilva1",
        "anasilva2",
        "ana",
        "info",
        "in.fo",
        "annasilva",
    )
    for domain in ("gmail.com", "googlemail.com", "gmial.com", "web.de", "wed.de", "post.example", "pots.example")
]
PHONES = [
    "+8613800138000",
    "+8613800138001",
    "+8613800183000",
    "+4413800138000",
    "+12345",
    "+12346",
    "+441234567890",
    "+4412345678901",
]
SOURCES = ["", "market", "pos"]
ADDRESSES = [
    ("Mill Road 1", "", "Leeds", "LS1 4AP"),
    ("1, mill rd.", "Flat 2", "", "ls14ap"),
    ("Mill Road 1", "Apt 3", "Leeds", "LS1 4AP"),
    ("Tower Street 9", "", "Leeds", ""),
    ("9 Tower St", "", "leeds", ""),
    ("样本路1号", "", "杭州市", ""),
    ("西湖区 样本路１号 3栋502", "", "Hangzhou", ""),
    ("nowhere", "", "Leeds", "LS1 4AP"),
]
ADDRESS_OF = {house_of(*each): each for each in ADDRESSES}


def made_up(source, count):
    """People who have much in common."""

    def some(values):
        return source.sample(values, source.choice([0, 1, 1, 1, 2, 6]) % (len(values) + 1))

    return [
        Known(
            source.choice(NAMES),
            source.choice(CITIES),
            source.choice(["", "PT", "CN"]),
            some(EMAILS),
            some(PHONES),
            source.sample(SOURCES, source.randrange(3)),
            [house for house in some(list(ADDRESS_OF)) if house.key],
        )
        for _ in range(count)
    ]


def gathered(crowd):
    """In columns, in several parts and not in order of their ids."""
    gathering = Gathering()
    ids = list(range(len(crowd)))
    for part in (ids[1::2][::-1], ids[::2]):
        gathering.add_people([(pk, crowd[pk].name, crowd[pk].city, crowd[pk].country) for pk in part])
        gathering.add_emails([(pk, email) for pk in part for email in crowd[pk].emails])
        gathering.add_phones([(pk, phone) for pk in part for phone in crowd[pk].phones])
        gathering.add_addresses([(pk, *ADDRESS_OF[house]) for pk in part for house in crowd[pk].houses])
    gathering.add_sources(
        np.array([pk for pk in ids if source in crowd[pk].sources], ">i8").tobytes() for source in SOURCES
    )
    gathering.add_emails([(len(crowd) + 7, "nobody@post.example")])  # of one who came meanwhile
    return gathering.people()


def nobody_named(count):
    return NamedBy(*np.zeros((3, count), bool))


def all_pairs(count):
    return Pairs(*(rows.astype(np.int64) for rows in np.triu_indices(count, 1)))


def namesakes(crowd):
    letters = [parse_name(each.name).letters if len(parse_name(each.name).words) > 1 else "" for each in crowd]
    counts = Counter(letters)
    return [max(2, counts[each]) if each else 2 for each in letters]


def living(crowd):
    """How many have an address in each house."""
    return Counter(key for each in crowd for key in {house.key for house in each.houses})


@pytest.mark.parametrize("seed", range(4))
def test_every_pair_is_scored_as_the_definition_says(seed):
    source = random.Random(seed)
    crowd = made_up(source, 160)
    people, pairs, counts = gathered(crowd), all_pairs(len(crowd)), namesakes(crowd)
    here = living(crowd)
    found = scored(people, pairs, nobody_named(len(pairs.first)))
    columns = {
        (one, other): (score, explained(codes).evidence)
        for one, other, score, codes in zip(
            found.pairs.first.tolist(),
            found.pairs.second.tolist(),
            found.scores.tolist(),
            found.codes.tolist(),
            strict=True,
        )
    }
    expected = {}
    for one, other in zip(pairs.first.tolist(), pairs.second.tolist(), strict=True):
        alike = likeness(crowd[one], crowd[other], same_name=counts[one], living=here)
        if alike.score >= WORTH_ASKING:
            expected[one, other] = (alike.score, alike.evidence)
    assert len(expected) > 100
    assert columns == expected


def test_pairs_that_one_record_named_are_scored_whatever_it_is():
    source = random.Random(11)
    crowd = made_up(source, 60)
    people, pairs, counts = gathered(crowd), all_pairs(60), namesakes(crowd)
    here = living(crowd)
    by = [source.choice([{"email"}, {"phone"}, {"wechat"}, {"email", "phone"}]) for _ in pairs.first]
    named = NamedBy(*(np.array([bool(kinds & each) for each in by]) for kinds in ({"email"}, {"phone"}, {"wechat"})))
    found = scored(people, pairs, named)
    assert found.named.all()
    for one, other, kinds, score, codes in zip(*pairs, by, found.scores, found.codes, strict=True):
        alike = likeness(crowd[one], crowd[other], named_by=kinds, same_name=counts[one], living=here)
        assert (score, explained(codes)) == (alike.score, alike)


def test_the_made_up_people_show_every_kind_of_evidence():
    """Else the two tests above would prove less than they seem to."""
    seen = set()
    for seed in range(2):
        crowd = made_up(random.Random(seed), 160)
        counts, here = namesakes(crowd), dict.fromkeys(living(crowd), 2) if seed else living(crowd)
        for one in range(160):
            for other in range(one):
                for named_by in ((), ("email", "phone", "wechat")):
                    alike = likeness(crowd[other], crowd[one], named_by=named_by, same_name=counts[other], living=here)
                    seen.update(each.kind for each in alike.evidence)
    assert seen | {"name_common"} == set(WEIGHTS)


def test_many_namesakes_have_a_common_name():
    people = gathered([Known("Wolfgang Mozart", emails=["ana.silva@gmail.com"])] * 51)
    found = scored(people, Pairs(np.array([0]), np.array([1])), nobody_named(1))
    assert [each.kind for each in explained(found.codes[0]).evidence] == ["email_dots", "name_common"]


def test_names_that_cannot_matter_are_not_compared(monkeypatch):
    compared = []
    compare = likeness_columns.name_likeness
    monkeypatch.setattr(likeness_columns, "name_likeness", lambda *both: compared.append(both) or compare(*both))
    people = gathered(
        [
            Known("Ana Silva", phones=["+8613800138000"]),
            Known("Anna Sylva", phones=["+8613911112222"]),
            Known("Hanna Sylva", phones=["+8613911112223"]),
        ]
    )
    found = scored(people, all_pairs(3), nobody_named(3))
    assert found.pairs.first.tolist() == [1]
    assert compared == [(parse_name("Anna Sylva"), parse_name("Hanna Sylva"))]
