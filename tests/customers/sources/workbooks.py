# ruff: noqa: DTZ001 (cells hold a clock's times, which have no zone)
"""Excel workbooks written by hand, so that a test says exactly what stands in the file."""

import io
import zipfile
from datetime import date, datetime, time, timedelta
from xml.sax.saxutils import escape

EPOCH = datetime(1899, 12, 30)
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Override PartName="/xl/workbook.xml"'
    ' ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/></Types>'
)
MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"
# Formats 0 general, 14 date, 22 date and time, 21 time, 46 duration.
STYLES = f'<styleSheet xmlns="{MAIN}"><cellXfs count="5">' + "".join(
    f'<xf numFmtId="{number}" applyNumberFormat="1"/>' for number in (0, 14, 22, 21, 46)
)


class Raw(str):
    """A cell's XML as it is: its attributes and content, such as 't="e"><v>#N/A</v>'."""


def cell(value, place):
    at = f'<c r="{place}"' if place else "<c"
    if value is None or value == "":
        return ""
    if isinstance(value, Raw):
        return f"{at} {value}</c>"
    if isinstance(value, bool):
        return f'{at} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, str):
        return f'{at} t="inlineStr"><is><t xml:space="preserve">{escape(value)}</t></is></c>'
    if isinstance(value, datetime):
        return f'{at} s="2"><v>{(value - EPOCH) / timedelta(days=1)!r}</v></c>'
    if isinstance(value, date):
        return f'{at} s="1"><v>{(datetime(value.year, value.month, value.day) - EPOCH).days}</v></c>'
    if isinstance(value, time):
        return f'{at} s="3"><v>{(value.hour * 3600 + value.minute * 60 + value.second) / 86400!r}</v></c>'
    if isinstance(value, timedelta):
        return f'{at} s="4"><v>{value / timedelta(days=1)!r}</v></c>'
    return f"{at}><v>{value!r}</v></c>"


def column(number):
    return (chr(64 + number // 26) if number >= 26 else "") + chr(65 + number % 26)


def sheet_xml(rows, merged=(), placed=True):
    body = []
    for number, row in enumerate(rows, 1):
        cells = "".join(cell(value, f"{column(at)}{number}" if placed else "") for at, value in enumerate(row))
        body.append(f'<row r="{number}">{cells}</row>' if placed else f"<row>{cells}</row>")
    merges = "".join(f'<mergeCell ref="{ref}"/>' for ref in merged)
    merges = f'<mergeCells count="{len(merged)}">{merges}</mergeCells>' if merged else ""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(body)}</sheetData>{merges}</worksheet>'


def workbook(*sheets, hidden=(), merged=(), more=(), method=zipfile.ZIP_DEFLATED):
    """The bytes of a workbook; each sheet is its rows or its XML, `hidden` lists places of hidden ones."""
    names = [f"Sheet{number}" for number in range(1, len(sheets) + 1)]
    listed = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="rId{at}"{" state=" + chr(34) + "hidden" + chr(34) if at - 1 in hidden else ""}/>'  # noqa: E501 (one element)
        for at, name in enumerate(names, 1)
    )
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{LINKS}/worksheet" Target="worksheets/sheet{at}.xml"/>'
        for at in range(1, len(sheets) + 1)
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{PACKAGE}"><Relationship Id="rId1" Type="{LINKS}/officeDocument"'
            ' Target="xl/workbook.xml"/></Relationships>',
        )
        archive.writestr(
            "xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{LINKS}"><sheets>{listed}</sheets></workbook>'
        )
        archive.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{PACKAGE}">{links}'
            f'<Relationship Id="rIdS" Type="{LINKS}/styles" Target="styles.xml"/></Relationships>',
        )
        archive.writestr("xl/styles.xml", STYLES + "</cellXfs></styleSheet>")
        for at, rows in enumerate(sheets, 1):
            xml = rows if isinstance(rows, str | bytes) else sheet_xml(rows, merged if at == 1 else ())
            archive.writestr(f"xl/worksheets/sheet{at}.xml", xml)
        for name, content in more:
            archive.writestr(name, content)
    return file.getvalue()
