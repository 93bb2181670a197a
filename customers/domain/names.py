"""Names of people as they are compared: without width, case, accents, titles and order; Chinese ones also by sound."""

import re
import unicodedata
from collections.abc import Callable
from functools import cache, lru_cache
from typing import NamedTuple

from .identity import NOBODY, is_placeholder

LONGEST = 200  # characters looked at

# What Unicode does not take apart into a letter and its accent.
_PLAIN = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "æ": "ae", "œ": "oe", "ı": "i", "þ": "th", "ð": "d"})
_APOSTROPHES = dict.fromkeys(map(ord, "'’‘`´"))
_WORD = re.compile(r"[^\W\d_]+")
_PLAIN_WORD = re.compile(r"[a-z]+")  # What _WORD finds in lower-case ASCII.
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\U00020000-\U0003134f]+")
_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "sir",
        "madam",
        "herr",
        "frau",
        "mme",
        "mlle",
        "monsieur",
        "sr",
        "sra",
    ]
)
_PLAIN_HAN = re.compile(r"[\u4e00-\u9fff]{2,4}")
_HAN_TITLES = re.compile(r"(?:先生|女士|小姐|太太|老师|老師|同学|经理)+\Z")
# ü is written v, yu or u in passports and addresses.
_UMLAUTS = {"lv": "lu", "lyu": "lu", "nv": "nu", "nyu": "nu", "lve": "lue", "nve": "nue"}

# Surnames that are read otherwise than the character by itself, and those of two characters.
_SURNAME_READINGS = {
    "单": "shan", "單": "shan", "曾": "zeng", "仇": "qiu", "查": "zha", "解": "xie", "区": "ou", "區": "ou",
    "朴": "piao", "盖": "ge", "蓋": "ge", "乐": "yue", "樂": "yue", "员": "yun", "員": "yun", "种": "chong",
    "秘": "bi", "黑": "he", "折": "she", "覃": "qin", "召": "shao", "繁": "po", "翟": "zhai", "缪": "miao",
    "繆": "miao", "冼": "xian", "宓": "mi", "晁": "chao", "那": "na", "过": "guo", "過": "guo", "能": "nai",
    "任": "ren", "燕": "yan", "应": "ying", "應": "ying", "纪": "ji", "紀": "ji", "尉迟": "yuchi", "尉遲": "yuchi",
    "万俟": "moqi", "萬俟": "moqi", "长孙": "zhangsun", "長孫": "zhangsun", "澹台": "tantai", "尉": "wei",
}  # fmt: skip
_TWO_CHARACTERS = frozenset(
    [
        "欧阳", "歐陽", "司马", "司馬", "上官", "诸葛", "諸葛", "东方", "東方", "皇甫", "公孙",
        "公孫", "慕容", "令狐", "夏侯", "宇文", "司徒", "轩辕", "軒轅", "端木", "南宫", "南宮",
        "独孤", "獨孤", "呼延", "申屠", "太史", "西门", "西門", "拓跋", "百里", "尉迟", "尉遲",
        "万俟", "萬俟", "长孙", "長孫", "澹台",
    ]
)  # fmt: skip


class Name(NamedTuple):
    """A name taken apart.

    words: in lower case and sorted; of a Chinese name the surname and the given name in pinyin. han: its Chinese
    characters, where it has two or more. surname: in pinyin, of a Chinese name. letters: all letters of the words,
    sorted: the same for Wang Xiaoming, Xiao Ming WANG and 王小明. "" where the name says nothing.
    """

    words: tuple[str, ...] = ()
    han: str = ""
    surname: str = ""
    letters: str = ""


NO_NAME = Name()


@lru_cache(maxsize=50_000)
def parse_name(text: str) -> Name:
    """NO_NAME for what names nobody: signs, emoji, digits, "Guest"."""
    if is_placeholder(text):
        return NO_NAME
    folded = fold(text)
    han = _HAN_TITLES.sub("", "".join(_HAN.findall(folded))) if not folded.isascii() else ""
    surname = ""
    if len(han) > 1:
        surname, given = _read_aloud(han)
        words = [surname, given] if given else [surname]
    else:
        words = [_UMLAUTS.get(word, word) for word in _WORD.findall(_HAN.sub(" ", folded)) if word not in _TITLES]
        if han:
            words.append(_reading()(han))
    return Name(tuple(sorted(words)), han if len(han) > 1 else "", surname, "".join(sorted("".join(words))))


def fold(text: str) -> str:
    """In lower case, full-width letters made plain, without accents and apostrophes."""
    text = text[:LONGEST]
    if text.isascii():
        return text.lower().replace("'", "").replace("`", "")
    text = unicodedata.normalize("NFKD", text.translate(_APOSTROPHES)).casefold().translate(_PLAIN)
    return unicodedata.normalize("NFC", "".join(sign for sign in text if unicodedata.category(sign) != "Mn"))


def plain_words(text: str) -> list[str]:
    """The words of a name in ASCII letters; more than parse_name's where it has some that `is_special_word` names."""
    return _PLAIN_WORD.findall(text.lower().replace("'", "").replace("`", ""))


def is_special_word(word: str) -> bool:
    """Whether a name with this word is for parse_name to read as a whole: a title, or a part of "No e-mail"."""
    return word in _TITLES or word in _OF_NOBODY


def plain_word(word: str) -> str:
    """The word as parse_name has it."""
    return _UMLAUTS.get(word, word)


def plain_han(text: str) -> tuple[str, str] | None:
    """Surname and given name, in characters, of what is a Chinese name of two to four and nothing more."""
    if not _PLAIN_HAN.fullmatch(text) or text in NOBODY or _HAN_TITLES.search(text):
        return None
    return _split_han(text)


def bones(word: str) -> str:
    """What of a word is not easily mistyped: all but vowels after the first letter, h, letters written twice."""
    bones, last = word[0], word[0]
    for letter in word[1:]:
        if letter not in "aeiouyh" and letter != last:
            bones += letter
        last = letter
    return bones


@lru_cache(maxsize=50_000)
def place(text: str) -> str:
    """What a city is compared by: 上海 and Shanghai are one. "" where there is none."""
    if not text:
        return ""
    folded = fold(text)
    if not folded.isascii() and _HAN.search(folded):
        folded = _reading()("".join(_HAN.findall(folded)).removesuffix("市"))
    return "".join(_WORD.findall(folded))


def _read_aloud(han: str) -> tuple[str, str]:
    surname, given = _split_han(han)
    return read_surname(surname), read_given(given)


def _split_han(han: str) -> tuple[str, str]:
    length = 2 if han[:2] in _TWO_CHARACTERS and len(han) > 2 else 1
    return han[:length], han[length:]


def read_surname(han: str) -> str:
    """In pinyin without tones."""
    return _SURNAME_READINGS.get(han) or _reading()(han)


def read_given(han: str) -> str:
    """In pinyin without tones, in one word."""
    return _reading()(han)


@cache
def _reading() -> Callable[[str], str]:
    """Chinese characters → pinyin without tones, each read as it mostly is."""
    # Its dictionaries take a second and 60 MB: only who compares Chinese names needs them.
    from pypinyin import lazy_pinyin

    class Readings(dict[int, str]):
        def __missing__(self, code: int) -> str:
            (syllable,) = lazy_pinyin(chr(code))
            self[code] = syllable = _UMLAUTS.get(syllable, syllable)
            return syllable

    readings = Readings()
    return lambda han: han.translate(readings)


_OF_NOBODY = frozenset(word for text in NOBODY for word in _WORD.findall(fold(text)))
