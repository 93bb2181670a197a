r"""Terms for finding customers by any part of a name, phone, e-mail or id, in an index of plain words (no pg_trgm).

A customer's document is the set index_terms(...); a query finds the documents that hold all of query_terms(text); the
caller then drops the few false hits with matches(...). seen_terms(...) are the same for those from whom contacts are
hidden: of names and ids as they see them. What is found:
- Chinese, Japanese and Korean text by any part, also one character: terms are its characters and pairs;
- other text by the first two letters of a word and by any fragment of three characters or more: "^jo", "joh", "ohn";
- phone numbers and other digits by any three or more, whatever stands between them: "138 0013" finds +8613800138000;
- e-mail addresses by the local part like other text, and by the beginning of the domain ("@qq", "@qq.com"), also
  without the @ where the domain is written out ("qq.com"). The domain's inner fragments are no terms: half of all
  customers would share them, and a query would have to read half the index.

A query asks for a few terms that together cover it, not for all: each one more is a list to intersect, and a full
phone number's country code is in every customer's.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence

from crm.lib.masking import masked_text

MAX_NAME = 200  # characters indexed of a name; what is beyond is not found
MAX_VALUES = 10  # e-mails, phones and ids indexed of one customer, each
MAX_TERMS = 1_000
MAX_QUERY = 100
_DOMAIN_PREFIX = 8
_SEEN = " "  # in front of seen terms; no other term has one

_CJK = (
    r"\u1100-\u11ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3100-\u318f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf"
    r"\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
)
_SEGMENT = re.compile(f"[{_CJK}]+|[^{_CJK}]+")
_HAS_CJK = re.compile(f"[{_CJK}]")
_BLANK_IN_CJK = re.compile(f"(?<=[{_CJK}]) (?=[{_CJK}])")
_WORD_START = re.compile(r"(?<![^\W_])[^\W_]{2}")
_DIGITS_APART = re.compile(r"[0-9][0-9 +().\-/]*[0-9]")
_NOT_DIGIT = re.compile(r"[^0-9]+")
_PHONE_LIKE = re.compile(r"[0-9 +().\-/]+\Z")
_TOP_LEVEL = r"(?:com|cn|net|org|edu|gov|uk|de|fr|jp|kr|hk|tw|ru|eu|info|co|io|me|shop|store|top|vip|xyz)"
_WRITTEN_DOMAIN = re.compile(rf"[^\s@]+\.{_TOP_LEVEL}\Z")
_DOMAIN_INSIDE = re.compile(rf"[^\s@]+\.{_TOP_LEVEL}")


def fold(text: str) -> str:
    """Lower case, half width, without diacritics; runs of spaces become one, none are left between two hanzi."""
    if text.isascii():
        return " ".join(text.lower().split())
    plain = text
    # Twice: case folding can undo a normal form and the other way round.
    for _ in range(2):
        plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", plain).casefold())
        plain = "".join([c for c in plain if unicodedata.category(c) not in ("Mn", "Me", "Cf", "Cc")])
        plain = unicodedata.normalize("NFC", plain)
    return _BLANK_IN_CJK.sub("", " ".join(plain.split()))


def index_terms(name: str, emails: Sequence[str], phones: Sequence[str], external_ids: Sequence[str]) -> list[str]:
    """The terms of one customer, sorted; at most MAX_TERMS, whatever the input."""
    terms: set[str] = set()
    if name:
        _add_text(terms, fold(name[:MAX_NAME])[:MAX_NAME])
    for email in emails[:MAX_VALUES]:
        _add_email(terms, fold(email[:MAX_NAME]))
    for phone in phones[:MAX_VALUES]:
        digits = phone[1:MAX_NAME]
        _add_grams(terms, digits if digits.isdecimal() else _NOT_DIGIT.sub("", phone[:MAX_NAME]))
    for external_id in external_ids[:MAX_VALUES]:
        _add_text(terms, fold(external_id[:MAX_NAME])[:MAX_NAME])
    return sorted(terms)[:MAX_TERMS]


def seen_terms(name: str, external_ids: Sequence[str]) -> list[str]:
    """The terms by which whoever may not see contacts finds the customer; told apart from all others by their front.

    They have a bound of their own, so that nothing hidden takes the place of something seen.
    """
    terms = index_terms(masked_text(name), [], [], [masked_text(external_id) for external_id in external_ids])
    return [_SEEN + term for term in terms]


def _add_grams(terms: set[str], text: str) -> None:
    terms.update([text[i : i + 3] for i in range(len(text) - 2)])


def _add_email(terms: set[str], email: str) -> None:
    local, at, domain = email.rpartition("@")
    if not at:
        return _add_text(terms, email)
    # With its @, so that a query which ends there ("jo@qq.com") has a term of its own.
    _add_text(terms, local + at)
    terms.update(["@" + domain[:length] for length in range(1, min(len(domain), _DOMAIN_PREFIX) + 1)])
    return None


def _add_text(terms: set[str], text: str) -> None:
    if text.isascii():
        _add_latin(terms, text)
    else:
        for segment in _SEGMENT.findall(text):
            if _HAS_CJK.match(segment):
                terms.update(segment)
                terms.update([segment[i : i + 2] for i in range(len(segment) - 1)])
            else:
                _add_latin(terms, segment)
    for digits in _DIGITS_APART.findall(text):
        if not digits.isdecimal():
            _add_grams(terms, _NOT_DIGIT.sub("", digits))
    if "." in text:
        _add_inner_domains(terms, text)


def _add_latin(terms: set[str], text: str) -> None:
    for word in text.split():
        _add_grams(terms, word)
    terms.update(["^" + start for start in _WORD_START.findall(text)])


def _add_inner_domains(terms: set[str], text: str) -> None:
    """A local part "anna.com" must still be found by "nna.com", which as a query is taken for a domain."""
    for word in _DOMAIN_INSIDE.findall(text):
        terms.update(["@" + word[i : i + _DOMAIN_PREFIX] for i in range(len(word) - 2)])


def seen_query_terms(text: str) -> list[str]:
    """The same among seen terms only."""
    return [_SEEN + term for term in query_terms(text)]


def query_terms(text: str) -> list[str]:
    """The terms a document must all hold; empty when the text is too short to look anything up."""
    folded = fold(text[:MAX_QUERY])
    if digits := _phone_digits(folded):
        return sorted(set(_cover(digits)))
    terms: set[str] = set()
    for token in folded.split()[:8]:
        terms.update(_token_terms(token))
    return sorted(terms)


def _phone_digits(folded: str) -> str:
    digits = _NOT_DIGIT.sub("", folded)
    return digits if len(digits) >= 3 and _PHONE_LIKE.match(folded) else ""


def _cover(text: str) -> list[str]:
    """At most three fragments of three, from the end (where numbers differ), that cover the text as far as they go."""
    starts = [max(end - 3, 0) for end in range(len(text), 0, -3)][:3]
    return [text[start : start + 3] for start in starts]


def _token_terms(token: str) -> Iterable[str]:
    local, at, domain = token.rpartition("@")
    if at:
        found = list(_text_terms(local + at)) if local else []
        # The domain only where nothing else is asked: it is the longest list of all.
        return found or (["@" + domain[:_DOMAIN_PREFIX]] if domain else [])
    if _WRITTEN_DOMAIN.match(token):
        return ["@" + token[:_DOMAIN_PREFIX]]
    return _text_terms(token)


def _text_terms(token: str) -> Iterable[str]:
    segments: list[str] = _SEGMENT.findall(token)
    for position, segment in enumerate(segments):
        if _HAS_CJK.match(segment):
            yield from _pairs(segment)
        elif len(segment) >= 3:
            yield from _cover(segment)
        elif len(segment) == 2 and segment.isalnum() and (position > 0 or len(segments) == 1):
            yield "^" + segment


def _pairs(segment: str) -> Iterable[str]:
    if len(segment) == 1:
        return [segment]
    return [segment[max(end - 2, 0) : max(end - 2, 0) + 2] for end in range(len(segment), 0, -2)][:6]


def matches(text: str, haystacks: Iterable[str]) -> bool:
    """Whether each word of the text is part of one of the values; digits also across spaces and signs."""
    folded, values = fold(text), [fold(value) for value in haystacks]
    if not folded:
        return False
    if digits := _phone_digits(folded):
        apart = [_NOT_DIGIT.sub("", run) for value in values for run in [value, *_DIGITS_APART.findall(value)]]
        return any(folded in value for value in values) or any(digits in run for run in apart)
    return all(any(token in value for value in values) for token in folded.split())
