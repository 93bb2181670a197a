"""What looks like a contact is masked however it is written; ordinary numbers, dates and amounts are not."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm.lib.masking import mask_email, mask_phone, masked_text

MASKED = {
    "anna@example.com": "a•••@example.com",
    "Anna Li <anna@example.com>": "Anna Li <a•••@example.com>",
    "#anna@example.com": "#•••@example.com",
    "ＡＮＮＡ＠ｅｘａｍｐｌｅ．ｃｏｍ": "Ａ•••@ｅｘａｍｐｌｅ．ｃｏｍ",
    "王小明@qq.com": "王•••@qq.com",
    "王小明@例子。公司": "王•••@例子。公司",
    "anna @ example.com": "a•••@example.com",
    "an\u200bna@example.com": "a•••@example.com",
    "a.b+c@xn--bcher-kva.xn--p1ai": "a•••@xn--bcher-kva.xn--p1ai",
    "a@b.de, c@d.de;e@f.de": "a•••@b.de, c•••@d.de;e•••@f.de",
    "15112340000@sms.de": "1•••@sms.de",
    "anna@0151123456.com": "a•••@•••3456.com",
    "+8613800138000": "+86•••8000",
    "+49 (0)151 1210-0000": "+49•••0000",
    "＋４９ １５１ １２１０ ００００": "+49•••0000",
    "+49\u00a0151\u20111210\u20110000": "+49•••0000",
    "\u0660\u0661\u0665\u0661 \u0661\u0662\u0661\u0660\u0660\u0660\u0660\u0660": "•••0000",
    "Anna 0151 12100000": "Anna •••0000",
    "(0151) 1210/0000": "•••0000",
    "06 12 34 56 78": "•••5678",
    "01.02.20.03.04": "•••0304",
    "0049.151.12100000": "•••0000",
    "W-015112100000": "W-•••0000",
    "电话01012345678": "电话•••5678",
    "13800138000": "•••8000",
    "138-0013-8000": "•••8000",
    "138 0013 8000 王": "•••8000 王",
    "86 138 0013 8000": "•••8000",
    "wx13800138000": "wx•••8000",
    "(415) 555-2671": "•••2671",
    "1-415-555-2671": "•••2671",
}
AS_IT_IS = [
    "",
    "Anna Li",
    "17850",
    "1000123",
    "#1000123",
    "4006381333931",
    "302-1234567-1234567",
    "A0151121000",
    "INV-00012345",
    "00012345",
    "20261120-0001",
    "SO1732100000000",
    "01.02.2026",
    "1/2/2026",
    "2026-11-20 10:00",
    "2026-11-20T10:00:00+08:00",
    "20.11.2026 10:00",
    "01.02.2026-05.03.2026",
    "1,234.50",
    "£12,345,678.90",
    "@anna",
    "3 @ 20.00",
    "2 for 1 @ Tea & Sons",
    "0123456",
]


@pytest.mark.parametrize(("text", "masked"), MASKED.items())
def test_contacts_are_masked(text, masked):
    assert masked_text(text) == masked


@pytest.mark.parametrize("text", AS_IT_IS)
def test_what_is_no_contact_stays_as_it_is(text):
    assert masked_text(text) == text


def test_masks_show_too_little_to_write_to():
    assert [mask_email("王小明@qq.com"), mask_email("a@b.de"), mask_email("nothing")] == [
        "王•••@qq.com",
        "a•••@b.de",
        "•••",
    ]
    assert [mask_phone("+8613800138000"), mask_phone("+442079460958"), mask_phone("12345")] == [
        "+86•••8000",
        "+44•••0958",
        "•••",
    ]


LOCAL = st.from_regex(r"[a-z][a-z0-9]{5,12}", fullmatch=True)
AROUND = st.text(alphabet=st.sampled_from("ab 王,;()<#-/"), max_size=8)
GAPS = st.sampled_from(["", " ", "-", ".", "/", " (", ") ", "\u00a0", "\u2009", "\u2011", "\u2013", "\u200b"])
DIGITS = st.sampled_from(["0123456789", "０１２３４５６７８９", "٠١٢٣٤٥٦٧٨٩"])


@st.composite
def emails(draw):
    local = draw(LOCAL)
    at = draw(st.sampled_from(["@", "＠", "﹫", " @ "]))
    return local, f"{local}{at}{draw(st.sampled_from(['example.com', 'ｑｑ．ｃｏｍ', '例子。公司', 'mail.x.co']))}"


@st.composite
def phones(draw):
    """(its digits, as somebody may write them)"""
    start = draw(st.sampled_from(["+49", "+86", "+1", "01", "0049", "07"]))
    digits = draw(st.text("0123456789", min_size=8, max_size=10))
    signs = draw(DIGITS)
    written = "".join(sign if sign == "+" else signs[int(sign)] for sign in start)
    return digits, written + "".join(draw(GAPS) + signs[int(digit)] for digit in digits)


@given(AROUND, emails(), AROUND)
def test_no_address_is_left(before, email, behind):
    local, text = email
    assert local not in masked_text(f"{before}{text}{behind}")


@given(st.sampled_from(["", "Anna ", "王", "(", "#", "W-"]), phones(), st.sampled_from(["", " Anna", "王", ")", ","]))
def test_no_phone_number_is_left(before, phone, behind):
    digits, text = phone
    masked = masked_text(f"{before}{text}{behind}")
    left = [sign for sign in masked.partition("•••")[2] if sign.isdecimal()]
    assert "•••" in masked
    assert left == list(digits[-4:])


MIXED = st.text(alphabet=st.sampled_from("012345789+@.-/() a王\u200b＠０１•，"), max_size=60)


@given(st.one_of(st.text(), MIXED))
@example("0151 123 4@x.de")
def test_masking_again_changes_nothing(text):
    masked = masked_text(text)
    assert masked_text(masked) == masked


def test_a_long_text_takes_no_long_time():
    """Linear in its length: a note may have 10,000 characters without a space, digit upon digit."""
    for piece in ("a", "1", "+", "0 ", "@", "a@", "1-", "(", "a.@"):
        assert len(masked_text(piece * 20_000)) > 0
