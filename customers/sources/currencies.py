"""The currency a cell names beside its number: "12,50 EUR", "US$12.50", "12元"."""

from functools import lru_cache

from crm.lib.money import known_currencies

# What shops write for a currency, and the codes it may stand for, the likeliest first; compared without case and
# points. Signs that only one currency has stand for one code. Whatever is not here is no currency.
_DOLLARS = "USD CAD AUD NZD SGD HKD TWD MXN CLP COP ARS UYU DOP BND BBD BMD BSD BZD FJD GYD JMD KYD LRD NAD SRD TTD XCD"
_NAMES: dict[str, str] = {
    "$": _DOLLARS,
    "us$": "USD", "u$s": "USD", "c$": "CAD", "ca$": "CAD", "a$": "AUD", "au$": "AUD", "nz$": "NZD", "s$": "SGD",
    "hk$": "HKD", "nt$": "TWD", "mx$": "MXN", "mex$": "MXN", "r$": "BRL", "ar$": "ARS", "clp$": "CLP", "cop$": "COP",
    "cn¥": "CNY", "jp¥": "JPY", "¥": "CNY JPY", "€": "EUR", "£": "GBP EGP GIP FKP SHP LBP SYP", "₹": "INR", "₩": "KRW",
    "₽": "RUB", "₴": "UAH", "₺": "TRY", "₫": "VND", "฿": "THB", "₱": "PHP", "₪": "ILS", "₦": "NGN", "₵": "GHS",
    "₡": "CRC", "₲": "PYG", "₸": "KZT", "₼": "AZN", "₾": "GEL", "₮": "MNT", "﷼": "IRR SAR QAR OMR YER",
    "euro": "EUR", "euros": "EUR", "dollar": _DOLLARS, "dollars": _DOLLARS, "rmb": "CNY",
    "usdollar": "USD", "usdollars": "USD", "poundsterling": "GBP", "yuan": "CNY", "yen": "JPY",
    "zł": "PLN", "kč": "CZK", "ft": "HUF", "lei": "RON MDL", "лв": "BGN", "руб": "RUB BYN", "р": "RUB BYN",
    "грн": "UAH", "тг": "KZT", "kr": "SEK NOK DKK ISK", "fr": "CHF", "sfr": "CHF", "tl": "TRY", "ден": "MKD",
    "дин": "RSD", "din": "RSD", "rs": "INR PKR LKR NPR MUR SCR", "rp": "IDR", "rm": "MYR", "r": "ZAR", "ksh": "KES",
    "s/": "PEN", "b/": "PAB", "bs": "BOB VES", "dh": "AED MAD", "dhs": "AED MAD", "đ": "VND",
    "元": "CNY TWD HKD MOP", "圆": "CNY", "块": "CNY", "円": "JPY", "원": "KRW", "人民币": "CNY", "美元": "USD",
    "美金": "USD", "欧元": "EUR", "英镑": "GBP", "日元": "JPY", "港币": "HKD", "港元": "HKD", "台币": "TWD",
    "新台币": "TWD", "韩元": "KRW", "加元": "CAD", "澳元": "AUD", "新元": "SGD", "卢布": "RUB",
    "دإ": "AED", "رس": "SAR", "ريال": "SAR QAR OMR YER IRR", "جم": "EGP",
}  # fmt: skip
_NAMED = {name: tuple(codes.split()) for name, codes in _NAMES.items()}
_NO_MONEY = ("XXX", "XTS")
_ABBREVIATED = frozenset(["rs", "fr", "sfr", "kr", "rp", "bs", "dh", "dhs", "din", "s/", "b/", "лв", "руб", "р", "дин"])


@lru_cache(maxsize=1_000)
def currencies_of(word: str) -> tuple[str, ...]:
    """The codes a word or sign beside a number may stand for, such as ("EUR",) or ("CNY", "JPY"); () if none."""
    name = word.strip().replace(".", "").replace(" ", "").casefold()
    if named := _NAMED.get(name):
        return named
    code = name.upper()
    return (code,) if code in known_currencies() and code not in _NO_MONEY else ()


def code_of(text: str, default: str) -> str | None:
    """The code that a cell of currencies says: "EUR", "€", "人民币"; `default` where it is empty or may be that one.

    None where it says none, or may say several others.
    """
    code = text.strip().upper()
    if not code or code in known_currencies():
        return code or default
    named = currencies_of(text)
    if default in named:
        return default
    return named[0] if named and is_one_currency(named) else None


def is_one_currency(named: tuple[str, ...]) -> bool:
    """Whether what a cell names can only be the first of these, where the shop has none of them."""
    return len(named) == 1 or named == currencies_of("元")  # outside Taiwan, Hong Kong and Macao it is the yuan


def takes_point(word: str) -> bool:
    """Whether the point behind the word is its own, as in "Rs.50" and "Fr. 12"."""
    return word.strip().casefold() in _ABBREVIATED
