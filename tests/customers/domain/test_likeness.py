import pytest

from customers.domain.likeness import WEIGHTS, WORTH_ASKING, Known, likeness, name_likeness
from customers.domain.names import parse_name
from customers.merging.words import SENTENCES


def kinds(one, other, **more):
    return [each.kind for each in likeness(one, other, **more).evidence]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Ana Silva", "Silva Ana", "name_same"),
        ("Katharina Huber", "Katarina Huber", "name_alike"),
        ("Smith John", "Jonh Smith", "name_alike"),
        ("J. Smith", "John Smith", "name_initials"),
        ("John Ronald Smith", "John Smith", "name_longer"),
        ("Tim Brown", "Tom Brown", "name_family"),
        ("Ana Silva", "Pedro Silva", "name_family"),
        ("Ana Silva", "Bob Miller", "names_differ"),
        ("Ana", "Ana Silva", "name_single"),
        ("王小明", "王小红", "name_family"),
        ("王小明", "王晓明", "name_sound"),
        ("王小明", "李芳", "names_differ"),
        ("王小明", "小明王", "name_same"),
        ("王小明", "Wang Xiaoming", "name_pinyin"),
        ("王小明", "David Smith", ""),
        ("王小明", "🙂", ""),
        ("上海茶叶有限公司", "上海茶业有限公司", "name_sound"),
        ("Guest", "Guest", ""),
    ],
)
def test_names_are_compared(one, other, expected):
    assert name_likeness(parse_name(one), parse_name(other)) == expected
    assert name_likeness(parse_name(other), parse_name(one)) == expected


def test_each_kind_of_evidence_is_said_in_a_sentence():
    assert set(SENTENCES) == set(WEIGHTS)


def test_a_familys_phone_alone_is_not_a_duplicate():
    ana, pedro = Known("Ana Silva", "Porto", sources=[""]), Known("Pedro Silva", "Porto", sources=[""])
    assert likeness(ana, pedro, named_by=["phone"]).score < WORTH_ASKING
    assert kinds(ana, pedro, named_by=["phone"]) == ["phone", "name_family", "city_same", "numbers_differ"]


def test_a_companys_mailbox_alone_is_not_a_duplicate():
    one = Known("Ana Silva", emails=["info@tea.example"])
    other = Known("Bob Miller")
    assert kinds(one, other, named_by=["email"]) == ["names_differ", "email_role"]
    assert likeness(one, other, named_by=["email"]).score == 0
    both = [Known(name, emails=[f"info@{name}.example"]) for name in ("one", "two")]
    assert "email_provider" not in kinds(*both)


def test_two_numbers_of_one_storefront_lower_the_score():
    one, other = Known("Ana Marisa Silva", "Porto", sources=["shop"]), Known("Ana Marisa Silva", "Porto")
    apart = likeness(one, other._replace(sources=["market"])).score
    assert likeness(one, other._replace(sources=["shop"])).score == apart - 10


def test_a_name_says_less_the_more_have_it():
    one = Known("Wolfgang Mozart")
    assert [kinds(one, one, same_name=count) for count in (2, 3, 4, 50, 51)] == [
        ["name_rare"],
        ["name_rare"],
        ["name_same"],
        ["name_same"],
        ["name_common"],
    ]
    assert kinds(Known("王伟"), Known("王伟")) == ["name_same"]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("ana.silva@gmail.com", "anasilva+x@googlemail.com", "email_dots"),
        ("ana.silva@gmail.com", "anasilva@gmial.com", "email_domain"),
        ("ana.silva@gmail.com", "anasilva@web.de", "email_provider"),
        ("ana.silva@web.de", "ana.sliva@web.de", "email_alike"),
        ("ana.silva1@web.de", "ana.silva2@web.de", "emails_differ"),
        ("info@a-tea.example", "info@b-tea.example", "emails_differ"),
        ("ana@one.example", "ana@other.example", "emails_differ"),
    ],
)
def test_addresses_are_compared(one, other, expected):
    assert kinds(Known(emails=[one]), Known(emails=[other])) == [expected]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("+8613800138000", "+4413800138000", "phone_country"),
        ("+8613800138000", "+8613800138009", "phone_alike"),
        ("+8613800138000", "+8613800183000", "phone_alike"),
        ("+8613800138000", "+8613911112222", "phones_differ"),
        ("+12345", "+12345", "phones_differ"),
    ],
)
def test_numbers_are_compared(one, other, expected):
    assert kinds(Known(phones=[one]), Known(phones=[other])) == [expected]


def test_the_evidence_adds_up():
    one = Known("王小明", "上海", emails=["wang@qq.example"], phones=["+8613800138000"], sources=[""])
    other = Known("Wang Xiaoming", "Shanghai", phones=["+8613800138001"], sources=[""])
    found = likeness(one, other)
    assert [tuple(each) for each in found.evidence] == [
        ("name_pinyin", 35),
        ("phone_alike", 20),
        ("city_same", 15),
        ("numbers_differ", -10),
    ]
    assert found.score == 60
