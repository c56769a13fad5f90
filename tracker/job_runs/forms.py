"""The form of the numbers of 后台办理."""

from wtforms import IntegerField, SubmitField
from wtforms.validators import InputRequired, NumberRange

from tracker.job_runs.sizes import (
    DOSSIER_MB,
    EXPORT_TASKS,
    IMPORT_TASKS,
    KEEP_DAYS,
    UPLOAD_KB,
    Size,
)
from tracker.web.forms import VersionedForm


def _number(size: Size) -> IntegerField:
    bounds = f"请填 {size.least} 至 {size.most} 的整数。"
    return IntegerField(
        f"{size.label}（{size.unit}）",
        [
            InputRequired(message=f"请填写{size.label}。"),
            NumberRange(size.least, size.most, message=bounds),
        ],
    )


class SizesForm(VersionedForm):
    """后台办理设置; the fields bear the keys of the settings."""

    background_upload_kb = _number(UPLOAD_KB)
    background_import_tasks = _number(IMPORT_TASKS)
    background_export_tasks = _number(EXPORT_TASKS)
    background_dossier_mb = _number(DOSSIER_MB)
    background_keep_days = _number(KEEP_DAYS)
    submit = SubmitField("保存")
