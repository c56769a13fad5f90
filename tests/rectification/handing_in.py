"""Hands evidence in through the pages, for the tests of evidence."""

import io
from collections.abc import Sequence

from flask import Flask
from sqlalchemy import select

from tests.visitor import Visitor
from tracker.kernel.db import Database
from tracker.rectification.models import Evidence

SAID = {"document_on": "2026-11-10", "is_confirmed_not_secret": "y"}


def enter(app: Flask, username: str) -> Visitor:
    visitor = Visitor(app)
    visitor.sign_in(username)
    return visitor


def upload(
    who: Visitor,
    task_id: int,
    *files: tuple[str, bytes],
    title: str = "",
    via: str | None = None,
    **said: str,
) -> int:
    sent = [(io.BytesIO(content), name) for name, content in files]
    data = {**SAID, "title": title, "file": sent, **said}
    return who.post(f"/tasks/{task_id}/evidence", data, via=via).status_code


def send_photos(
    who: Visitor, task_id: int, photos: Sequence[bytes], title: str = "现场照片"
) -> int:
    sent = [(io.BytesIO(content), f"IMG_{n}.jpg") for n, content in enumerate(photos, start=1)]
    data = {**SAID, "title": title, "photos": sent}
    return who.post(f"/tasks/{task_id}/photos", data).status_code


def revise(
    who: Visitor, database: Database, evidence_id: int, name: str, content: bytes, **said: str
) -> int:
    with database.reading() as session:
        version = session.get_one(Evidence, evidence_id).version
    data = {**SAID, "title": "", "version": str(version), "file": (io.BytesIO(content), name)}
    return who.post(f"/evidence/{evidence_id}/revise", {**data, **said}).status_code


def rows(database: Database) -> list[Evidence]:
    """All evidence, oldest first, each with its file."""
    with database.reading() as session:
        found = list(session.scalars(select(Evidence).order_by(Evidence.id)))
        for row in found:
            assert row.file.sha256
        return found
