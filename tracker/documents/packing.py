"""The same document gives the same bytes: a zip without the moment it was packed."""

from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

ZIP_EPOCH = (1980, 1, 1, 0, 0, 0)
UNIX = 3


def repacked(data: bytes) -> bytes:
    """Return the zip with the same entries in the same order and fixed dates and attributes."""
    packed = BytesIO()
    with ZipFile(BytesIO(data)) as source, ZipFile(packed, "w") as target:
        for name in source.namelist():
            entry = ZipInfo(name, ZIP_EPOCH)
            entry.create_system = UNIX
            entry.external_attr = 0o600 << 16
            target.writestr(entry, source.read(name), ZIP_DEFLATED)
    return packed.getvalue()
