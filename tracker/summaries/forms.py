"""Forms of 总结段落."""

from wtforms import HiddenField, SubmitField, TextAreaField

from tracker.dispatches.forms import DispatchWordsForm
from tracker.summaries.rules import LONGEST_BODY
from tracker.web.forms import VersionedForm, at_most, required, stripped, without_nul


class TemplateForm(VersionedForm):
    """修改段落. Its version is the number of the saving it was filled in from; 0 is what ships."""

    body = TextAreaField(
        "段落", [required("段落"), at_most(LONGEST_BODY), without_nul], filters=[stripped]
    )
    submit = SubmitField("保存")
    preview = SubmitField("预览")


class SummaryDispatchForm(DispatchWordsForm):
    """登记报送 of a paragraph: its file and the day of its figures are the paragraph's own."""

    text_sha256 = HiddenField()
