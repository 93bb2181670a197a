"""What is put around the text of a cell so that a spreadsheet leaves it alone."""

import re

# ="00123" keeps Excel from making a number of it; so do the apostrophe, the backtick and the tab put before one.
_FORMULA = re.compile(r'=\s*(?:"(?P<text>[^"]*)"|(?P<digits>[0-9]+))\Z')
_CLOSING = {'"': '"', "“": "”"}
_MARKS = "=\"'`‘’“"


def unwrapped(text: str) -> str:
    """The cell without what was put around it to keep it text: ="0042", '0042, `0042 and "0042" are the bare number."""
    text = text.strip()
    while text and text[0] in _MARKS:
        formula = _FORMULA.match(text)
        bare = (formula["text"] or formula["digits"] or "") if formula else _without_marks(text)
        if bare == text:
            break
        text = bare.strip()
    return text


def _without_marks(text: str) -> str:
    """Without a mark of text before it, or a pair of quotation marks around it."""
    if text[0] in _CLOSING:
        return text[1:-1] if len(text) > 1 and text[-1] == _CLOSING[text[0]] else text
    return text.removesuffix("'")[1:] if text[0] in "'`‘’" and len(text) > 1 else text
