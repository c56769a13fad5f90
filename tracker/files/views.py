"""Take in an uploaded file before the transaction opens, and hand one out with a note in the trail."""

from flask import Response

from tracker.audit.service import record
from tracker.files.models import StoredFile
from tracker.files.storage import FileStorage
from tracker.kernel.errors import NotVisibleError
from tracker.web.access import actor
from tracker.web.database import config, database, now
from tracker.web.downloads import attachment
from tracker.web.forms import ChineseForm, accepted


def storage() -> FileStorage:
    """Return where files are kept."""
    return FileStorage(config().evidence_dir)


def taken_in(form: ChineseForm) -> tuple[bool, StoredFile | None]:
    """Store the form's file, if there is one; (False, None) when it was refused on the form."""
    field, confirmed = form["file"], form["is_confirmed_not_secret"]
    if not confirmed.data:
        confirmed.errors = ["请先确认不涉密，再提交。涉密内容不得录入本系统。"]
        return False, None
    upload = field.data
    if upload is None:
        return True, None
    files: list[StoredFile] = []

    def store() -> None:
        files.append(storage().store(upload.stream, upload.filename, actor=actor(), now=now()))

    is_stored = accepted(form, store, at=field)
    return is_stored, files[0] if is_stored else None


def handed_out(object_type: str, object_id: int, file: StoredFile | None) -> Response:
    """Send a file the actor may have, if its bytes are what was stored; who took it is audited."""
    if file is None:
        raise NotVisibleError
    path = storage().verified_path(file)
    with database().writing() as session:
        record(
            session,
            f"{object_type}_downloaded",
            actor=actor(),
            now=now(),
            object_type=object_type,
            object_id=object_id,
        )
        session.commit()
    return attachment(path, name=file.original_name, media_type=file.media_type)
