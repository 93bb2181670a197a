"""Postal addresses: the types, the parts and what each can hold, and by what two are told to be the same."""

import re
from hashlib import md5
from typing import NamedTuple

from .attributes import BadValue, one_line

BILLING, SHIPPING, HOME, WORK, OTHER = TYPES = ("billing", "shipping", "home", "work", "other")
TYPE_LENGTH, DIGEST_LENGTH = 10, 32
MAX_ADDRESSES = 50  # of one customer; a merge may leave more, and then none is added
# The parts of an address in the sequence in which they are written, and how many characters each can have.
LENGTHS = {
    "recipient": 200,
    "company": 200,
    "line1": 200,
    "line2": 200,
    "city": 120,
    "region": 120,
    "postcode": 20,
    "country": 80,
    "phone": 20,
}
PARTS = tuple(LENGTHS)
# One of these has to be said: a name alone is nowhere.
PLACE = ("line1", "line2", "city", "region", "postcode", "country")


class AddressIn(NamedTuple):
    """One address: "" for what it does not say, the phone as E.164. is_default: it is to be the first of its type."""

    type: str = OTHER
    recipient: str = ""
    company: str = ""
    line1: str = ""
    line2: str = ""
    city: str = ""
    region: str = ""
    postcode: str = ""
    country: str = ""
    phone: str = ""
    is_default: bool = False

    @property
    def is_somewhere(self) -> bool:
        return any(getattr(self, name) for name in PLACE)

    @property
    def digest(self) -> str:
        """Equal where type and parts are. The column `digest` of the model Address is the same by SQL."""
        text = "\x1f".join((self.type, *(getattr(self, name) for name in PARTS)))
        return md5(text.encode(), usedforsecurity=False).hexdigest()


# What marketplaces write over the parts of an address that they do not give away; no street is written with one.
_MASKS = re.compile(r"[*＊•●]")


def is_masked(text: str) -> bool:
    """Whether some of it is not to be seen, such as "文三路***"."""
    return bool(_MASKS.search(text))


# Of mainland China: what provinces are called, with or without the word for what they are. Cities that are provinces.
_CITIES = "北京|天津|上海|重庆"
_PROVINCES = (
    "河北|山西|辽宁|吉林|黑龙江|江苏|浙江|安徽|福建|江西|山东|河南|湖北|湖南|广东|海南|四川|贵州|云南|陕西|甘肃|青海"
    "|内蒙古|广西|西藏|宁夏|新疆"
)
_IN_CITY = re.compile(
    rf"(?P<region>(?P<name>{_CITIES})(?P<sure>市|\s|(?=(?P=name)市|[^\s\d路街道巷]{{2,5}}[区县])))"
    r"\s*(?:(?P=name)市?|市辖区)?\s*(?P<rest>.*)"
)
_IN_PROVINCE = re.compile(
    rf"(?P<region>(?:{_PROVINCES})(?P<sure>省|(?:壮族|回族|维吾尔)?自治区|\s)?)\s*"
    r"(?P<city>[^\s\d路街道巷号]{2,12}?(?:自治州|地区|市|盟))?\s*(?P<rest>.*)"
)
_CHINESE_POSTCODE = re.compile(r"\s*(?:[(（\[,，、\s]|邮编[:：]?)+([0-9]{6})[)）\]]?\Z")


def parts_of_chinese(text: str) -> dict[str, str]:
    """The parts of an address in mainland China that a marketplace writes as one text, from the province to the house
    ("浙江省 杭州市 西湖区 文三路1号"): region, city, line1 and postcode, as far as it has them. {} for any other text.
    """
    postcode = _CHINESE_POSTCODE.search(text)
    bare = text[: postcode.start()] if postcode else text
    found = _IN_CITY.match(bare) or _IN_PROVINCE.match(bare)
    if not found or not found["rest"].strip():
        return {}
    said = found.groupdict()
    city = f"{said['name']}市" if "name" in said else said["city"]
    if said["sure"] is None and not said.get("city"):
        return {}  # a street may be called by a province: 海南路
    parts = {"region": said["region"].strip(), "city": city, "line1": said["rest"].strip(), "country": "CN"}
    if postcode:
        parts["postcode"] = postcode[1]
    return {name: part for name, part in parts.items() if part}


def read_part(name: str, text: str) -> str:
    """A part other than the phone, on one line. BadValue: control_character, too_long."""
    line = one_line(text)
    if len(line) > LENGTHS[name]:
        raise BadValue("too_long", line)
    return line
