"""Uploaded files: what is taken, and to whom a media_id belongs."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from tracker.wecom_sandbox.answers import (
    BAD_FILE_TYPE,
    BAD_MEDIA_ID,
    BAD_MEDIA_SIZE,
    BAD_MEDIA_TYPE,
    EMPTY_MEDIA,
    Refused,
)

MIN_BYTES = 6  # "larger than 5 bytes"
MAX_BYTES = {"file": 20 * 1024 * 1024, "voice": 2 * 1024 * 1024}
KEPT_FOR = timedelta(days=3)
PLAIN_FILENAME = re.compile(r'filename="?[^"]')


@dataclass(frozen=True)
class Upload:
    """One part of a multipart body: the name shown in the chat, its header, its bytes."""

    filename: str
    disposition: str
    data: bytes


@dataclass(frozen=True)
class Media:
    """What a media_id stands for. `size` in bytes; usable by this key, for three days."""

    media_id: str
    key: str
    kind: str
    filename: str
    size: int
    created_at: datetime


def check_upload(kind: str, upload: Upload | None) -> Upload:
    """The upload, when the host would take it; Refused otherwise.

    A file name given only as `filename*=` (RFC 2231) counts as no file, as on the real host.
    """
    if kind not in MAX_BYTES:
        raise Refused(BAD_MEDIA_TYPE)
    if upload is None or not upload.data or not PLAIN_FILENAME.search(upload.disposition):
        raise Refused(EMPTY_MEDIA)
    if not MIN_BYTES <= len(upload.data) <= MAX_BYTES[kind]:
        raise Refused(BAD_MEDIA_SIZE)
    if kind == "voice" and not upload.data.startswith(b"#!AMR"):
        raise Refused(BAD_FILE_TYPE)
    return upload


class MediaShelf:
    """The uploads of all robots."""

    def __init__(self) -> None:
        self._media: dict[str, Media] = {}

    def put(self, key: str, kind: str, upload: Upload, *, now: datetime) -> Media:
        """Keep what a message needs of an upload, under a new media_id."""
        media_id = f"media-{len(self._media) + 1:06d}"
        media = Media(media_id, key, kind, upload.filename, len(upload.data), now)
        self._media[media_id] = media
        return media

    def get(self, media_id: object, *, key: str, kind: str, now: datetime) -> Media:
        """The media of this robot; Refused when unknown, another robot's, or over three days old."""
        media = self._media.get(media_id) if isinstance(media_id, str) else None
        usable = media is not None and media.key == key and media.kind == kind
        if media is None or not usable or now - media.created_at > KEPT_FOR:
            raise Refused(BAD_MEDIA_ID)
        return media
