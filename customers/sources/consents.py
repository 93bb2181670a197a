"""Columns of consents in a list of customers: what was said, when, and how it can be proved.

A column called "consent.email.marketing" holds what counts; beside it may stand "consent.email.marketing.at" and the
other PARTS. Columns of storefronts and mailing services are read as those that the mapping says they are.
"""

import ipaddress
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, tzinfo
from functools import partial
from typing import NamedTuple

from customers.domain.consent import GRANTED, PENDING, WITHDRAWN, reason_of

from .consent_headings import OPT_OUT, WITHDRAWN_AT, is_of_all, opt_out_part
from .dates import parse_moment
from .fields import CONSENT
from .lines import Context, Memo, only_text
from .mapping import Mapping as HowToRead
from .mapping import heading_key, positions_of
from .problems import Reject, RowProblem, as_reject

CONSENT_COLUMNS = (
    "row_no", "kind", "channel", "purpose", "state", "at", "source", "text_version", "evidence", "ip",
)  # fmt: skip
SAID = "consent"  # the kind of such a fact
Said = tuple[int, str, str, str, str, datetime | None, str, str, str, str | None]

# at: when it was said. granted_at, withdrawn_at: a cell that is filled says so of itself. opt_out: one that does not
# say no is a withdrawal. The others are evidence.
AT, GRANTED_AT = "at", "granted_at"
DATES = (AT, GRANTED_AT, WITHDRAWN_AT)
PARTS = (*DATES, OPT_OUT, "source", "text_version", "evidence", "ip")
NOTHING = "none"  # what a word may mean beside a state
STATES = (GRANTED, WITHDRAWN, PENDING)
READINGS = (*STATES, NOTHING)
MOST_UNKNOWN = 10  # words of one column that are asked; more are a column of something else
LENGTHS = {"source": 100, "text_version": 60, "evidence": 1000}
_NOTHING_SAID = "-–—_.()[]{}'\"/ "
_CLOCK_SKEW = timedelta(minutes=10)
_CLOCK = re.compile(r"\d:\d|\dT\d|[时時点]")
_END_OF_DAY = timedelta(hours=23, minutes=59, seconds=59)
# Compared by heading_key(), as are the words of a mapping.
_WORDS = {
    GRANTED: (
        "granted yes y true 1 on subscribed subscribe optin optedin accepted accepts agreed confirmed consented"
        " ja oui sí si sì sim tak да はい 예 是 已订阅 订阅 同意 已同意 接受 已接受 有"
    ),
    WITHDRAWN: (
        "withdrawn no n false 0 off unsubscribed unsubscribe optout optedout declined rejected refused revoked"
        " blocklisted blacklisted blocked suppressed usersuppressed complained spamcomplaint"
        " nein non não nie нет いいえ 아니요 否 不 已退订 退订 拒绝 已拒绝 不同意 不接受 取消订阅 已取消"
    ),
    PENDING: "pending unconfirmed notconfirmed waiting pendingconfirmation pendingdoubleoptin 待确认 未确认",
    NOTHING: "none null na n/a nil unknown neversubscribed notsubscribed nonsubscribed 未知 无 未订阅 从未订阅 ∅ —",
}
# What a column of who has opted out says of those who have not.
_NOT_OUT_WORDS = (
    "granted subscribed subscribe optin optedin n no false f 0 off never"
    " nein non não nie нет いいえ 아니요 否 不 未 未退订 未拒收 已订阅 订阅 正常"
)
_NOT_OUT = frozenset(heading_key(word) for words in (_NOT_OUT_WORDS, _WORDS[NOTHING]) for word in words.split())
KNOWN_WORDS = {heading_key(word): state for state, words in _WORDS.items() for word in words.split()} | {"": NOTHING}


class Column(NamedTuple):
    """Where one part of one consent stands: name is "email.marketing", part one of PARTS or "" for what was said."""

    name: str
    part: str
    at: tuple[int, ...]


def consent_columns(
    mapping: HowToRead, header: Sequence[str], known: Collection[str]
) -> tuple[list[Column], list[tuple[int, str]]]:
    """The columns of consents that there are, and (place, what it asks for) of those that name no such consent.

    known: the consents that the shop asks for, such as "email.marketing". What the mapping says goes before a heading.
    A column chosen for a consent whose heading says who has opted out is read so.
    """
    names = {name.casefold(): name for name in known} | {name: name for name in known}
    found: dict[tuple[str, str], Column] = {}
    unknown: list[tuple[int, str]] = []
    keys = [heading_key(heading) for heading in header]
    for asked, heading in mapping.consents.items():
        place = positions_of(header, keys, heading)
        if column := _column(asked, place, names):
            part = column.part or _opt_out_part([keys[at] for at in place])
            before = found[column.name, part].at if part != column.part and (column.name, part) in found else ()
            found[column.name, part] = Column(column.name, part, tuple(dict.fromkeys((*before, *place))))
        else:
            unknown.append((place[0], asked.removeprefix(CONSENT)))
    for position, heading in enumerate(header):
        asked = heading.strip()
        if not asked.casefold().startswith(CONSENT):
            continue
        if column := _column(asked, (position,), names):
            found.setdefault((column.name, column.part), column)
        else:
            unknown.append((position, asked[len(CONSENT) :]))
    for column in [each for each in found.values() if each.part in (OPT_OUT, WITHDRAWN_AT)]:
        if all(is_of_all(keys[at]) for at in column.at):
            channel = column.name.partition(".")[0]
            for name in (each for each in known if each.partition(".")[0] == channel):
                found.setdefault((name, column.part), column._replace(name=name))
    said = {name for name, part in found if part in ("", GRANTED_AT, WITHDRAWN_AT, OPT_OUT)}
    return [column for column in found.values() if column.name in said], unknown


def _opt_out_part(keys: Sequence[str]) -> str:
    """What columns chosen for a consent are if each is one of who has opted out, else ""."""
    parts = [opt_out_part(key) for key in keys]
    return (parts[0] if len(set(parts)) == 1 else OPT_OUT) if parts and all(parts) else ""


def _column(asked: str, at: tuple[int, ...], names: Mapping[str, str]) -> Column | None:
    text = asked[len(CONSENT) :].strip()
    for candidate in (text, text.casefold()):
        if candidate in names:
            return Column(names[candidate], "", at)
        name, _, part = candidate.rpartition(".")
        if name in names and part.casefold() in PARTS:
            return Column(names[name], part.casefold(), at)
    return None


def field_of(column: Column) -> str:
    """What the column is called among the fields of a file."""
    return f"{CONSENT}{column.name}" + (f".{column.part}" if column.part else "")


def is_consent_date(field: str) -> bool:
    """Whether a field, as field_of() calls it, holds when something was said."""
    return field.startswith(CONSENT) and field.rpartition(".")[2] in DATES and field.count(".") > CONSENT.count(".") + 1


def word_of(text: str, words: Mapping[str, str]) -> str | None:
    """The state that a cell says, NOTHING, or None for a word that is not known. words: as said, by word_key()."""
    key = word_key(text)
    return words.get(key) or KNOWN_WORDS.get(key)


def word_key(text: str) -> str:
    """As heading_key(), but -1 is not 1."""
    text = text.strip()
    is_signed = text[:1] in ("-", "+", ".") and any(letter.isdigit() for letter in text)
    return text if is_signed else heading_key(text)


def words_of(mapping: HowToRead) -> dict[str, str]:
    return {word_key(word): state for word, state in mapping.consent_words.items()}


class Consents:
    """Reads what the rows of one file say; what cannot be used is told in `warnings`, and left out of its row."""

    def __init__(
        self, mapping: HowToRead, header: Sequence[str], context: Context, zone: tzinfo, warnings: list[Reject]
    ) -> None:
        columns, unknown = consent_columns(mapping, header, context.consents)
        self._header, self._filename, self._warnings = header, context.filename, warnings
        self._latest = context.now + _CLOCK_SKEW if context.now else None
        self._words, self._takes_as_pending = words_of(mapping), mapping.consent_grants == PENDING
        self._at: dict[str, dict[str, tuple[int, ...]]] = {}
        for column in columns:
            self._at.setdefault(column.name, {})[column.part] = column.at
        self._moments: Memo[str, datetime] = Memo(
            partial(moment_of, zone=zone, order=mapping.date_order, now=context.now)
        )
        for position, asked in unknown:
            problem = RowProblem("unknown_consent", column=header[position], value=asked)
            warnings.append(as_reject(1, problem, list(header)))

    def __bool__(self) -> bool:
        return bool(self._at)

    def said(self, row_no: int, cells: list[str]) -> list[Said]:
        facts = []
        for name, at in self._at.items():
            texts = {part: _text(cells, places) for part, places in at.items()}
            for state, part, date_text in self._states(row_no, at, texts, cells):
                if (fact := self._fact(row_no, name, state, part, date_text, texts, cells)) is not None:
                    facts.append(fact)
        return facts

    def _states(
        self, row_no: int, at: Mapping[str, tuple[int, ...]], texts: Mapping[str, str], cells: list[str]
    ) -> list[tuple[str, str, str]]:
        """What the row says: state, the part of which it says so, and the text of when."""
        outs = [
            each for part in (WITHDRAWN_AT, OPT_OUT) if part in at for each in self._opt_outs(row_no, at, part, cells)
        ]
        dated = sorted((each for each in outs if each[2]), key=lambda each: self._moments[each[2]])[-1:]
        if any(not date_text for *_, date_text in outs):
            # Of somebody who is out now it does not matter that they had agreed.
            is_said = word_of(texts.get("", ""), self._words) == WITHDRAWN and texts.get(AT)
            return dated or [(WITHDRAWN, "", texts[AT]) if is_said else outs[0]]
        found = [(GRANTED, GRANTED_AT, texts[GRANTED_AT])] if texts.get(GRANTED_AT) else []
        found += dated
        state = word_of(texts.get("", ""), self._words)
        if state is None:
            self._warn(row_no, RowProblem("unknown_consent_word", column=self._heading(at[""]), value=texts[""]), cells)
        elif state != NOTHING and not any(state == each for each, *_ in found):
            found.append((state, "", texts.get(AT, "")))
        return found

    def _opt_outs(
        self, row_no: int, at: Mapping[str, tuple[int, ...]], part: str, cells: list[str]
    ) -> Iterator[tuple[str, str, str]]:
        """A withdrawal for each cell that says that somebody is out, with its text where that is a date."""
        for place in at[part]:
            text = _text(cells, (place,))
            key = word_key(text)
            if not text.strip(_NOTHING_SAID) or key in _NOT_OUT or self._words.get(key) == NOTHING:
                continue
            date_text = ""
            if key not in KNOWN_WORDS and not reason_of(text, surely=True):
                try:
                    self._moments[text]
                except RowProblem as problem:
                    if problem.code == "missing_value":
                        continue
                    if problem.code == "invalid_date" and part == OPT_OUT:
                        problem = RowProblem("unclear_opt_out", value=text)
                    problem.column = self._heading((place,))
                    self._warn(row_no, problem, cells)
                else:
                    date_text = text
            yield WITHDRAWN, part, date_text

    def _fact(
        self,
        row_no: int,
        name: str,
        state: str,
        part: str,
        date_text: str,
        texts: Mapping[str, str],
        cells: list[str],
    ) -> Said | None:
        places = self._at[name]
        heading = self._heading(places[part])
        at, is_future = self._moment(row_no, places.get(part or AT, ()), date_text, state, cells)
        if (is_future and state != WITHDRAWN) or (at is None and part == GRANTED_AT):
            return None
        ip = self._ip(row_no, texts.get("ip", ""), places, cells)
        evidence = self._proof(places.get("evidence", ()), cells)
        has_proof = bool(at or ip or evidence or texts.get("text_version") or texts.get("source"))
        if state == GRANTED and not has_proof and self._takes_as_pending:
            state = PENDING
        if not evidence:
            evidence = f"file {self._filename}, row {row_no}, column “{heading}”: {_text(cells, places[part])}"
        channel, _, purpose = name.partition(".")
        source, version = (only_text(texts.get(each, ""))[: LENGTHS[each]] for each in ("source", "text_version"))
        proof = only_text(evidence)[: LENGTHS["evidence"]]
        return row_no, SAID, channel, purpose, state, at, source or "import", version, proof, ip

    def _moment(
        self, row_no: int, places: tuple[int, ...], text: str, state: str, cells: list[str]
    ) -> tuple[datetime | None, bool]:
        """When it was said, None where that is not known, and whether it lies in the future."""
        if not text:
            return None, False
        try:
            at = self._moments[text]
        except RowProblem as problem:
            if problem.code == "missing_value":
                return None, False
            problem.column = self._heading(places)
            self._warn(row_no, problem, cells)
            return None, problem.code == "date_in_future"
        # Of a day alone the hour is not known: a withdrawal counts from its last second, as on the pages.
        if state == WITHDRAWN and _is_day(text):
            at = min(at + _END_OF_DAY, self._latest - _CLOCK_SKEW) if self._latest else at + _END_OF_DAY
        if self._latest and at > self._latest:
            self._warn(row_no, RowProblem("date_in_future", column=self._heading(places), value=text), cells)
            return None, True
        return at, False

    def _ip(self, row_no: int, text: str, places: Mapping[str, tuple[int, ...]], cells: list[str]) -> str | None:
        if not text:
            return None
        try:
            return str(ipaddress.ip_address(text)).partition("%")[0]
        except ValueError:
            self._warn(row_no, RowProblem("invalid_ip", column=self._heading(places["ip"]), value=text), cells)
            return None

    def _proof(self, places: tuple[int, ...], cells: list[str]) -> str:
        """What the cells say, each of a column that is not called as ours with its heading."""
        said = [(self._header[place], text) for place in places if (text := _text(cells, (place,)))]
        is_ours = len(places) == 1 and self._heading(places).casefold().startswith(CONSENT)
        return ", ".join(text if is_ours else f"{heading}: {text}" for heading, text in said)

    def _heading(self, places: Sequence[int]) -> str:
        return "+".join(self._header[place] for place in places)

    def _warn(self, row_no: int, problem: RowProblem, cells: list[str]) -> None:
        self._warnings.append(as_reject(row_no, problem, cells))


def moment_of(text: str, *, zone: tzinfo, order: str, now: datetime | None) -> datetime:
    """As parse_moment, but to the microsecond where it is written with an offset, as our own files write it."""
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        at = None
    if at is None or at.tzinfo is None or not at.microsecond:
        return parse_moment(text, zone, order, now=now).at
    whole = parse_moment(at.replace(microsecond=0).isoformat(), zone, order, now=now).at
    return whole.replace(microsecond=at.microsecond)


def _is_day(text: str) -> bool:
    if text.replace(".", "").isdigit() and "." not in text:
        return len(text) == len("20261122")
    return not _CLOCK.search(text) and not text.replace(".", "", 1).isdigit()


def _text(cells: Sequence[str], places: Sequence[int]) -> str:
    return ", ".join(text for place in places if place < len(cells) and (text := cells[place].strip()))
