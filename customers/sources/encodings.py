"""Which encoding a text is in. Where bytes alone do not tell, SourceError says what they could be: never noise.

Every encoding that can read the bytes is tried, and what it makes of them is weighed: how probable are these characters
in names and addresses of its languages? The likeliest is taken only if it is far ahead of any other reading.
"""

import codecs
import math
import re
import unicodedata
from collections.abc import Callable, Iterator
from functools import cache
from typing import NamedTuple

from .letters import HANGUL, KANJI, LETTERS, SIGNS, SIMPLIFIED, TRADITIONAL
from .problems import SourceError

BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
# How much likelier the best reading must be than the next different one, as a natural logarithm: 3,000 times.
_MARGIN = 8.0
# By the bytes alone a text is rarely UTF-8 by chance, and most files are: such a reading needs less.
_UTF8_AHEAD, _UTF8_MARGIN = 14.0, 4.0
# Below this average a character, no reading is a text of the languages we know.
_LEAST = -9.2
_WEIGHED = 4_000
_NO_VOWELS = 2 * math.log(0.5)
_MIXED = re.compile(r"[A-Za-z]")
_LOOKED_AT = 60  # lines of a later block
_SHOWN, _CANDIDATES = 30, 6

_WESTERN = ("de", "fr", "es", "pt", "it", "nl", "sv", "da", "is", "ca")
_CENTRAL = ("pl", "cs", "sk", "hu", "ro", "hr", "de")
_LANGUAGES = {
    "windows-1252": _WESTERN,
    "iso-8859-15": (*_WESTERN, "et"),
    "windows-1250": _CENTRAL,
    "iso-8859-2": _CENTRAL,
    "windows-1254": ("tr",),
    "windows-1257": ("lt", "lv", "et"),
    "windows-1251": ("ru", "uk"),
    "koi8-r": ("ru",),
    "windows-1253": ("el",),
    "windows-1255": ("he",),
    "windows-1256": ("ar",),
    "windows-874": ("th",),
}
_LATIN = ("windows-1252", "iso-8859-15", "windows-1250", "iso-8859-2", "windows-1254", "windows-1257")
_EAST_ASIAN = ("gb18030", "big5", "euc-kr", "euc-jp", "shift_jis")
# The name that people know, and the codec of everything that programs write under it.
_CODECS = {"euc-kr": "cp949", "shift_jis": "cp932", "big5": "cp950", "windows-874": "cp874"}
ENCODINGS = ("utf-8", "utf-16-le", "utf-16-be", *_EAST_ASIAN, *_LANGUAGES, "iso-8859-1", "latin-1", "cp949", "cp932")


def codec_of(encoding: str) -> str:
    """The name of Python's codec for one of ENCODINGS."""
    return _CODECS.get(encoding, encoding)


_PRICE_SIGN = re.compile(r"[£¥](?=[0-9])|(?<=[0-9])[£¥]")


class _Reading(NamedTuple):
    encoding: str
    text: str
    weight: float  # natural logarithm of how probable it is
    average: float  # the same by character that is not in ASCII


def find_encoding(sample: bytes, *, is_whole: bool) -> str:
    """By mark, else UTF-16 by its zero bytes, else UTF-8 if it is valid, else what the text reads best in.

    SourceError encoding_unclear; its params name the `candidates`, and for each how the text would begin.
    """
    for mark, encoding in BOMS:
        if sample.startswith(mark):
            return encoding
    even, odd = sample[0::2].count(0), sample[1::2].count(0)
    if max(even, odd) > len(sample) / 8 and min(even, odd) * 8 <= max(even, odd):
        return "utf-16-le" if odd > even else "utf-16-be"
    if sample.isascii():
        return "utf-8"
    text = _decoded(sample, "utf-8", is_final=is_whole)
    if text is not None and _is_surely_utf8(text):
        return "utf-8"
    valid, broken = _characters_of_utf8(sample)
    if text is None and valid >= 8 * broken:
        return "utf-8"  # to be reported by the row of its bad byte
    lines = _telling_lines(sample, is_whole=is_whole)
    try:
        found = _likeliest(lines, sample)
        # Read so, some rows would be noise. It is not for us to choose which: the row of the bad byte is named.
        return "utf-8" if text is None and found in _LATIN and _has_utf8(lines) else found
    except SourceError:
        # One long character is enough where the text breaks off within another, as in a file cut in the middle.
        if text is None and broken <= 2 and valid >= broken and _has_long(sample.decode("utf-8", "replace")):
            return "utf-8"
        raise


def _decoded(data: bytes, encoding: str, *, is_final: bool) -> str | None:
    try:
        return codecs.getincrementaldecoder(codec_of(encoding))("strict").decode(data, final=is_final)
    except UnicodeDecodeError:
        return None


def _is_surely_utf8(text: str) -> bool:
    """Whether too much is valid to be chance: pairs of bytes above 127 also occur in other encodings.

    In those no pair stands beside digits only and happens to be a sign of money in UTF-8 each time.
    """
    letters = [letter for letter in text if letter > "\x7f"]
    return _has_long(text) or len(letters) > 40 or len(letters) == len(_PRICE_SIGN.findall(text))


def _has_utf8(lines: bytes) -> bool:
    """Whether all that is beyond ASCII in one of the lines are letters in UTF-8: "é" would be read as "Ã©"."""
    texts = (_decoded(line, "utf-8", is_final=True) for line in lines.splitlines() if not line.isascii())
    return any(
        text is not None and all("À" <= letter <= "ſ" and letter.isalpha() for letter in text if letter > "\x7f")
        for text in texts
    )


def _has_long(text: str) -> bool:
    return any("\u0800" <= letter != "\ufffd" for letter in text)


def _characters_of_utf8(sample: bytes) -> tuple[int, int]:
    """How many characters beyond ASCII are valid UTF-8, and in how many places the text is not."""
    text = sample.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    return sum(1 for letter in text if letter > "\x7f") - broken, broken


def _telling_lines(sample: bytes, *, is_whole: bool) -> bytes:
    """The lines with bytes beyond ASCII, up to some kilobytes; the last line only if it is not cut."""
    lines = sample.splitlines(keepends=True)
    if not is_whole and len(lines) > 1:
        lines.pop()
    telling, size = [], 0
    for line in lines:
        if not line.isascii() and size < 4 * _WEIGHED:
            telling.append(line)
            size += len(line)
    return b"".join(telling) or sample


def _likeliest(lines: bytes, sample: bytes) -> str:
    readings = sorted(_readings(lines), key=lambda reading: -reading.weight)
    if readings:
        best = readings[0]
        rival = next((reading for reading in readings if reading.text != best.text), None)
        is_utf8 = best.encoding == "utf-8"
        is_ahead = rival is None or best.weight - rival.weight >= (_UTF8_MARGIN if is_utf8 else _MARGIN)
        if is_ahead and (is_utf8 or best.average >= _LEAST):
            return best.encoding
    start = next(at for at, byte in enumerate(sample) if byte > 127)
    samples = {reading.encoding: _shown(reading.text) for reading in _different(readings)}
    raise SourceError(
        "encoding_unclear", row=sample[:start].count(b"\n") + 1, candidates=", ".join(samples) or "–", **samples
    )


def _readings(lines: bytes) -> Iterator[_Reading]:
    for encoding in ("utf-8", *_EAST_ASIAN, *_LANGUAGES):
        if (text := _decoded(lines, encoding, is_final=False)) is None or _has_controls(text):
            continue
        weight, count = max(_weighed(text, model) for model in _models(encoding))
        if count:
            ahead = _UTF8_AHEAD if encoding == "utf-8" else 0.0
            # Every longer word of Greek has an accent; what has none is Hebrew read as Greek.
            if encoding == "windows-1253" and sum(map(text.count, "άέήίόύώΆΈΉΊΌΎΏ")) * 20 < count:
                ahead = -20.0
            yield _Reading(encoding, text, weight + ahead, weight / count)


def _has_controls(text: str) -> bool:
    return any("\x80" <= letter <= "\x9f" or "\ue000" <= letter <= "\uf8ff" for letter in text)


def _different(readings: list[_Reading]) -> list[_Reading]:
    """The likeliest of those that read the same, the best first."""
    different: dict[str, _Reading] = {}
    for reading in readings:
        different.setdefault(reading.text, reading)
    return list(different.values())[:_CANDIDATES]


def _shown(text: str) -> str:
    """Some characters around the first one that is not in ASCII."""
    at = next((at for at, letter in enumerate(text) if letter > "\x7f"), 0)
    return " ".join(text[max(0, at - 5) : at + _SHOWN].split())


def is_another(block: bytes, encoding: str) -> bool:
    """Whether a part further on in a file surely reads in another encoding than the one found at its beginning."""
    if encoding.startswith("utf"):
        return False
    lines = [line for line in block.splitlines()[1:-1] if not line.isascii()]
    some = b"\n".join(lines[:: len(lines) // _LOOKED_AT + 1])
    if not some:
        return False
    try:
        found = find_encoding(some, is_whole=True)
    except SourceError:
        return False
    return _decoded(some, found, is_final=True) != _decoded(some, encoding, is_final=True)


# A model tells the logarithm of the probability of a character (not in ASCII), given those before and behind it.
_Model = Callable[[str, str, str], float]


def _weighed(text: str, model: _Model) -> tuple[float, int]:
    weight, count, last = 0.0, 0, len(text) - 1
    for at, letter in enumerate(text):
        if letter > "\x7f":
            weight += model(text[at - 1] if at else " ", letter, text[at + 1] if at < last else " ")
            count += 1
            if count >= _WEIGHED:
                break
    return weight, count


@cache
def _models(encoding: str) -> tuple[_Model, ...]:
    if encoding in _LANGUAGES:
        languages = _LANGUAGES[encoding]
        mixed = [language for language in languages if language != "is"]  # with its letters, Turkish would be western
        return (*(_of_letters(language) for language in languages), _of_letters(*mixed))
    if encoding == "utf-8":
        return (*(_of_letters(language) for language in LETTERS), _of_letters(*LETTERS))
    return (_EAST[codec_of(encoding)](),)


def _of_letters(*languages: str) -> _Model:
    """Letters of one or several languages: frequent ones first, in words, a vowel rather between consonants."""
    chances: dict[str, float] = {}
    for language in languages:
        letters = LETTERS[language]
        total = sum(1 / (rank + 2) for rank in range(len(letters)))
        for rank, letter in enumerate(letters):
            chances[letter] = chances.get(letter, 0.0) + 0.9 / (rank + 2) / total / len(languages)
    known = {letter: math.log(chance) for letter, chance in chances.items()}
    sign, unknown = math.log(0.1 / len(SIGNS)), math.log(1e-6)
    is_latin = languages[0] not in ("ru", "uk", "el", "he", "ar", "th") or len(languages) > 3

    def model(before: str, letter: str, after: str) -> float:
        lower = letter.lower()
        if letter in SIGNS and lower not in known:
            return sign + (-7.0 if before.isalpha() and after.isalpha() and letter not in "’·\u00a0–‘" else 0.0)
        chance = known.get(letter, known.get(lower, unknown))
        if not letter.isalpha():  # marks of Thai
            return chance
        if not before.isalpha() and not after.isalpha():
            chance -= 4.0
        elif not is_latin and _MIXED.search(before + after):  # no word is written in two scripts
            chance -= 6.0
        if letter != lower:
            # A capital begins a word, or stands in a word of capitals.
            chance -= 7.0 if before.islower() else 0.3 if before.isupper() else 1.0
        elif before.isupper() and after.isupper():
            chance -= 5.0
        return chance + _fits(before, lower, after)

    return model


def _fits(before: str, letter: str, after: str) -> float:
    """Vowels stand between consonants rather than beside vowels; some letters only before one kind."""
    if letter >= "\u0590" and letter < "\u1e00":  # scripts that hardly write vowels, or not as letters
        return _NO_VOWELS
    is_vowel, weight = _is_vowel(letter), 0.0
    for other in (before, after):
        if other.isalpha():
            weight += math.log(0.75 if _is_vowel(other.lower()) != is_vowel else 0.3)
    if (letter in "ńśźć" and _is_vowel(after.lower())) or (letter == "ñ" and not _is_vowel(after.lower())):
        weight -= 4.0
    return weight


@cache
def _is_vowel(letter: str) -> bool:
    return letter in "øæœıаеёиоуыэюяіїєαεηιουωάέήίόύώ" or unicodedata.normalize("NFD", letter)[0] in "aeiouy"


def _of_characters(*groups: tuple[float, int, Callable[[str], bool]], rest: float) -> _Model:
    """Characters in groups, each with its share of a text and its size; `rest`: the chance of any other character."""
    weights = [(math.log(share / size), is_in) for share, size, is_in in groups]

    @cache
    def chance(letter: str) -> float:
        return next((weight for weight, is_in in weights if is_in(letter)), math.log(rest))

    return lambda before, letter, after: chance(letter)


def _listed(letters: str) -> tuple[int, Callable[[str], bool]]:
    known = frozenset(letters)
    return len(known), known.__contains__


def _between(encoding: str, first: int, last: int, size: int) -> tuple[int, Callable[[str], bool]]:
    """Characters whose first byte in the encoding lies between these: how the old standards order them by use."""

    def is_in(letter: str) -> bool:
        code = letter.encode(encoding, "ignore")
        return len(code) == 2 and first <= code[0] <= last

    return size, is_in


def _ranged(first: str, last: str) -> tuple[int, Callable[[str], bool]]:
    return ord(last) - ord(first) + 1, lambda letter: first <= letter <= last


def _punctuation() -> tuple[int, Callable[[str], bool]]:
    """Brackets, commas and full-width forms of all three."""
    known = frozenset("、。，；：？！（）【】「」『』《》“”‘’…—·～￥％＃＆＊－＋＝／") | {
        chr(code) for code in range(0xFF10, 0xFF5B)
    }
    return len(known), known.__contains__


_EAST: dict[str, Callable[[], _Model]] = {
    "gb18030": lambda: _of_characters(
        (0.75, *_listed(SIMPLIFIED)),
        (0.03, *_punctuation()),
        (0.20, *_between("gb2312", 0xB0, 0xD7, 3_755)),
        (0.008, *_between("gb2312", 0xD8, 0xF7, 3_008)),
        rest=2e-8,
    ),
    "cp950": lambda: _of_characters(
        (0.75, *_listed(TRADITIONAL)),
        (0.03, *_punctuation()),
        (0.20, *_between("big5", 0xA4, 0xC6, 5_401)),
        (0.008, *_between("big5", 0xC9, 0xF9, 7_652)),
        rest=2e-8,
    ),
    "cp949": lambda: _of_characters(
        (0.82, *_listed(HANGUL)),
        (0.02, *_punctuation()),
        (0.15, *_between("euc-kr", 0xB0, 0xC8, 2_350)),
        (0.001, *_ranged("\uac00", "\ud7a3")),
        (0.001, *_between("euc-kr", 0xCA, 0xFD, 4_888)),
        rest=2e-8,
    ),
    "euc-jp": lambda: _japanese(),
    "cp932": lambda: _japanese(),
}


def _japanese() -> _Model:
    return _of_characters(
        (0.20, *_ranged("ぁ", "ん")),
        (0.17, *_ranged("ァ", "ー")),
        (0.42, *_listed(KANJI)),
        (0.03, *_punctuation()),
        (0.16, *_between("euc-jp", 0xB0, 0xCF, 2_965)),
        (0.008, *_between("euc-jp", 0xD0, 0xF4, 3_390)),
        rest=2e-8,
    )
