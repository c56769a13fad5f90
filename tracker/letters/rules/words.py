"""The words an office starts with; each region may change its own (a dictionary, not an enum)."""

from dataclasses import dataclass

from tracker.kernel.labels import LabelledEnum

LETTER_KINDS = "letter_kind"
ORGAN_FORMS = "accountability_organ"
PERSON_FORMS = "accountability_person"
REPLY_DAYS = 15


@dataclass(frozen=True, kw_only=True)
class LetterKindWords:
    """A kind of letter: its name, 机关代字, and whether and within how many days it is answered.

    Kinds with the same 机关代字 share one series of numbers.
    """

    code: str
    label: str
    organ_code: str
    needs_reply: bool = True
    reply_days: int = REPLY_DAYS
    organ_name: str = ""
    """Who signs at the bottom; empty = the region's inspection office."""
    is_active: bool = True
    version: int = 0
    """Of the region's own row; 0 = as built in."""


BUILT_IN_KINDS = (
    LetterKindWords(code="reminder", label="提醒函", organ_code="巡办提", needs_reply=False),
    LetterKindWords(code="supervision", label="督办函", organ_code="巡办督"),
    LetterKindWords(code="integrity", label="廉洁提醒函", organ_code="巡办廉", needs_reply=False),
    LetterKindWords(code="duty", label="履责提醒函", organ_code="巡办履"),
    LetterKindWords(
        code="discipline_advice", label="纪律检查建议书", organ_code="纪建", reply_days=30
    ),
    LetterKindWords(
        code="supervisory_advice", label="监察建议书", organ_code="监建", reply_days=30
    ),
    LetterKindWords(code="joint_advice", label="纪检监察建议", organ_code="纪监建", reply_days=30),
    LetterKindWords(code="immediate", label="立行立改通知书", organ_code="巡立改"),
)


class Held(LabelledEnum):
    """Who is held accountable. 个 and 人次 never mix."""

    ORGAN = "organ", "党组织"
    PERSON = "person", "党员领导干部"


# 《中国共产党问责条例》(2019) art. 8: forms for organisations, forms for leading cadres.
BUILT_IN_FORMS: dict[Held, tuple[tuple[str, str], ...]] = {
    Held.ORGAN: (("review", "检查"), ("notice", "通报"), ("reorganise", "改组")),
    Held.PERSON: (
        ("notice", "通报"),
        ("admonish", "诫勉"),
        ("adjust", "组织调整或者组织处理"),
        ("punish", "纪律处分"),
    ),
}
FORM_DICTIONARY = {Held.ORGAN: ORGAN_FORMS, Held.PERSON: PERSON_FORMS}
