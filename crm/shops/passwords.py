"""Which passwords are refused, everywhere one is chosen (AUTH_PASSWORD_VALIDATORS). By NIST SP 800-63B: short ones, and
what a guesser would try first; no rules about digits and signs.
"""

import re
from collections.abc import Iterable

from django.contrib.auth.password_validation import CommonPasswordValidator, UserAttributeSimilarityValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from zxcvbn import zxcvbn

from crm.shops.models import Membership, Shop, User
from crm.shops.queries import shops_of

MIN_LENGTH = 12
# zxcvbn's highest mark: more than 10^10 guesses.
STRONG = 4
# Its time grows with the length, for passwords made to that end by seconds; what is strong here is so as a whole.
LOOKED_AT = 20
# Comparing a text with itself takes the square of its length.
REPEATS_LOOKED_AT = 200
# Letters and digits that must be there besides names, as many as NIST asks for where there is a second step.
OWN_PART = 8
PRODUCT = ("huitou", "回头", "shop", "crm")


class PasswordValidator:
    """One sentence for the first thing that is wrong."""

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) < MIN_LENGTH:
            raise ValidationError(
                _("This password is too short. Use at least %(length)s characters."),
                code="password_too_short",
                params={"length": MIN_LENGTH},
            )
        refuse_guessable(password, names=_names_of(user) if user else ())
        if user is not None:
            _refuse_like(password, user)

    def get_help_text(self) -> str:
        return _("At least 12 characters; a few words make a good one.")


def refuse_guessable(password: str, *, names: Iterable[str]) -> None:
    """ValidationError if somebody who knows these names (of people, shops, addresses) would soon try it."""
    if len(_repeated(password)) < MIN_LENGTH <= len(password):
        raise ValidationError(
            _("This password repeats itself. A few words that do not belong together make a good one."),
            code="password_repeats",
        )
    words = {word for name in (*PRODUCT, *names) for word in _words(name)}
    if len(_without(words, password)) < OWN_PART:
        raise _only_a_name()
    estimate = zxcvbn(password[:LOOKED_AT], user_inputs=sorted(words))
    is_row = any(match["pattern"] in ("spatial", "sequence", "repeat") for match in estimate["sequence"])
    if estimate["score"] < STRONG and is_row:
        raise ValidationError(
            _(
                "This password follows a row of keys, digits or letters. "
                "A few words that do not belong together make a good one."
            ),
            code="password_row",
        )
    if estimate["score"] < STRONG or _is_common(password):
        raise ValidationError(
            _("This password is easy to guess. A few words that do not belong together make a good one."),
            code="password_guessable",
        )


def _names_of(user: User) -> list[str]:
    names = [user.email, user.name]
    if user._state.adding:
        return names
    if user._state.db == "platform":  # It may read every shop's rows, but not call the web's function.
        own = Membership.all_shops.using("platform").filter(user=user.pk)
        shops = Shop.objects.using("platform").filter(pk__in=own.values("shop_id"))
    else:
        shops = shops_of(user)
    return [*names, *(name for shop in shops for name in (shop.name, shop.slug))]


def _refuse_like(password: str, user: User) -> None:
    try:
        UserAttributeSimilarityValidator(user_attributes=("email", "name")).validate(password, user)
    except ValidationError:
        raise _only_a_name() from None


def _only_a_name() -> ValidationError:
    return ValidationError(
        _(
            "This password is little more than a name: yours, the shop's or ours. "
            "A few words that do not belong together make a good one."
        ),
        code="password_name",
    )


def _is_common(password: str) -> bool:
    try:
        CommonPasswordValidator().validate(password)
    except ValidationError:
        return True
    return False


def _plain(text: str) -> str:
    """Letters and digits alone, in lower case."""
    return re.sub(r"[\W_]", "", text.lower())


def _words(name: str) -> set[str]:
    """The parts of a name or address, and all of it in one word; none so short that any text has it."""
    parts = {_plain(part) for part in re.split(r"[\W_]+", name.lower())} | {_plain(name)}
    return {part for part in parts if len(part) > 2 or (len(part) == 2 and not part.isascii())}


def _repeated(text: str) -> str:
    """What the text is repetitions of, its last one perhaps cut off; all of it where it is none. Signs do not count."""
    plain = _plain(text[:REPEATS_LOOKED_AT])
    if not plain:
        return text if len(set(text)) > 1 else ""
    length = next(length for length in range(1, len(plain) + 1) if plain.startswith(plain[length:]))
    return plain[:length] if length <= len(plain) / 2 else text


def _without(words: Iterable[str], password: str) -> str:
    rest = _plain(password)
    for word in sorted(words, key=lambda word: (-len(word), word)):
        rest = rest.replace(word, "")
    return rest if rest or _plain(password) else password
