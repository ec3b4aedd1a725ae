"""A workbook's archive, unpacked with limits and packed anew: the library that reads it sees nothing that we did not.

So a size that the archive lies about, an entity, a macro or a link to elsewhere never reaches it.
"""

import io
import re
import zipfile
import zlib

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import iterparse

from flows.connectors.spreadsheet.extent import Extent
from flows.connectors.spreadsheet.sheet import TableUnreadableError
from flows.wording import expected

MAX_UNPACKED = 24_000_000
"""Bytes of all parts together: a sheet of ten thousand rows is about 8 MB."""
_MOST_PARTS = 2_000
_NEEDED = re.compile(
    r"^(\[Content_Types\]\.xml|_rels/\.rels|xl/workbook\d*\.xml|xl/_rels/workbook\d*\.xml\.rels|xl/styles\d*\.xml"
    r"|xl/sharedStrings\d*\.xml|xl/worksheets/[^/]+\.xml)$",
    re.IGNORECASE,
)
_LINKING = tuple(re.compile(rb"<((?:\w+:)?%s)[\s>]" % name) for name in (b"hyperlinks", b"tableParts"))
"""Elements of a sheet that name parts by relationships: the library fails where these are left behind, as they are."""
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
"""How .xls files begin, and workbooks with a password (MS-CFB, section 2.2)."""


def repacked(raw: bytes) -> io.BytesIO:
    """Return the workbook with the parts alone that hold cells, as an archive without compression.

    Raises:
        TableUnreadableError: no archive of the kind, damaged or cut off, too large when unpacked, of too many cells,
            or with entities.
    """
    if raw.startswith(_OLD):
        raise TableUnreadableError("file", expected("workbook-new"))
    out = io.BytesIO()
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive, zipfile.ZipFile(out, "w") as packed:
            parts = [part for part in archive.infolist() if _NEEDED.match(part.filename)]
            if len(archive.infolist()) > _MOST_PARTS:
                raise _too_large()
            left, extent = MAX_UNPACKED, Extent()
            for part in parts:
                with archive.open(part) as stream:
                    content = stream.read(left + 1)
                left -= len(content)
                if left < 0:
                    raise _too_large()
                content = _unlinked(content)
                _check(content, extent)
                packed.writestr(part.filename, content)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError, ValueError):
        raise TableUnreadableError("file", expected("workbook-whole")) from None
    out.seek(0)
    return out


def _unlinked(content: bytes) -> bytes:
    """Leave out where cells lead to and which of them a table encloses: neither says what stands in a cell."""
    for linking in _LINKING:
        begins = linking.search(content)
        ends = content.find(b"</" + begins[1], begins.end()) if begins else -1
        if begins and ends >= 0:
            content = content[: begins.start()] + content[content.find(b">", ends) + 1 :]
    return content


def _check(content: bytes, extent: Extent) -> None:
    """Read a part once for what must not be in it, and not further than it may go on."""
    try:
        for event, element in iterparse(io.BytesIO(content), events=("start", "end"), forbid_dtd=True):
            if event == "start":
                extent.begin(element)
            else:
                extent.end()
                element.clear()
    except DefusedXmlException:
        raise TableUnreadableError("file", expected("workbook-plain")) from None
    except SyntaxError:  # ElementTree's ParseError is one
        raise TableUnreadableError("file", expected("workbook-whole")) from None


def _too_large() -> TableUnreadableError:
    return TableUnreadableError("file", expected("workbook-size", most=MAX_UNPACKED))
