import pytest

from customers.domain.names import NO_NAME, bones, parse_name, place


@pytest.mark.parametrize(
    "text", ["", " ", "…", "---", "🙂🎉", "12345", "Guest", "游客", "n/a", "先生", "Mr", "Dr.", "\u200b", "０００"]
)
def test_what_names_nobody_has_no_words(text):
    assert parse_name(text).words == NO_NAME.words


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ana García", "GARCIA, Ana"),
        ("Ａｎａ　Ｇａｒｃｉａ", "ana garcia"),
        ("Mr. Søren O’Brien", "obrien soren"),
        ("Jean-Luc Picard", "Picard Jean Luc"),
        ("王小明", "Wang Xiaoming"),
        ("王小明", "XIAO MING WANG"),
        ("王小明", "王曉明"),
        ("王小明先生", "王 小明"),
        ("吕玲", "Lyu Ling"),
        ("吕玲", "Lu Ling"),
        ("单雄信", "Shan Xiongxin"),
        ("曾国藩", "Zeng Guofan"),
        ("尉迟恭", "Yuchi Gong"),
        ("欧阳娜娜", "Nana Ouyang"),
        ("İbrahim Işık", "ibrahim isik"),
    ],
)
def test_two_ways_to_write_a_name_have_the_same_letters(one, other):
    assert parse_name(one).letters == parse_name(other).letters != ""


def test_a_chinese_name_is_taken_apart():
    name = parse_name("欧阳娜娜")
    assert (name.words, name.han, name.surname) == (("nana", "ouyang"), "欧阳娜娜", "ouyang")
    assert parse_name("王").words == ("wang",)
    assert parse_name("王").han == ""


def test_bones_stay_where_vowels_slip():
    assert bones("katharina") == bones("katerinna") == "ktrn"
    assert bones("schmidt") == "scmdt"
    assert [bones(word) for word in ("anna", "miller", "a", "ooo")] == ["an", "mlr", "a", "o"]


def test_a_long_name_is_looked_at_in_part():
    assert len(parse_name("ab " * 100_000).letters) <= 200


@pytest.mark.parametrize(("one", "other"), [("上海", "Shanghai"), ("上海市", "SHANGHAI "), ("São Paulo", "sao-paulo")])
def test_a_city_is_one_however_it_is_written(one, other):
    assert place(one) == place(other) != ""
