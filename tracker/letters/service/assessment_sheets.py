"""A region's own sheets (items, weights, survey) and grades."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from tracker.audit.service import record
from tracker.kernel.db import born, touch
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.letters.models.assessments import (
    AssessmentGrade,
    AssessmentItem,
    AssessmentTemplate,
    SurveyOption,
)
from tracker.letters.rules.assessments import (
    DEFAULT_ITEMS,
    DEFAULT_OPTIONS,
    DEFAULT_SURVEY_WEIGHT,
    DEFAULT_TEMPLATE,
    check_options,
    check_weights,
    grades_typed,
    items_typed,
    options_typed,
)
from tracker.organizations.scope import ensure_conducts


@dataclass(frozen=True, kw_only=True)
class TemplateDraft:
    """A sheet as typed: items and options one a line, with their numbers."""

    name: str
    items: str
    survey_weight: Decimal
    options: str
    is_active: bool = True


DEFAULT = TemplateDraft(
    name=DEFAULT_TEMPLATE,
    items=DEFAULT_ITEMS,
    survey_weight=DEFAULT_SURVEY_WEIGHT,
    options=DEFAULT_OPTIONS,
)


def add_template(
    session: Session, region_id: int, draft: TemplateDraft, *, actor: Actor, now: datetime
) -> AssessmentTemplate:
    """Take in a sheet. DomainError when its weights are not 100 or its name is taken."""
    ensure_conducts(actor, region_id)
    template = AssessmentTemplate(region_id=region_id, **born(actor=actor, now=now))
    _write(session, template, draft)
    session.add(template)
    session.flush()  # the audit entry names the id
    _audit(session, "assessment_template_added", template, actor=actor, now=now)
    return template


def edit_template(
    session: Session,
    template: AssessmentTemplate,
    draft: TemplateDraft,
    *,
    actor: Actor,
    now: datetime,
) -> AssessmentTemplate:
    """Change a sheet; assessments made from it keep what they copied."""
    ensure_conducts(actor, template.region_id)
    _write(session, template, draft)
    touch(template, actor=actor, now=now)
    _audit(session, "assessment_template_edited", template, actor=actor, now=now)
    return template


def _write(session: Session, template: AssessmentTemplate, draft: TemplateDraft) -> None:
    items = items_typed(draft.items)
    check_weights(items, draft.survey_weight)
    options = options_typed(draft.options) if draft.survey_weight else []
    check_options(options, draft.survey_weight)
    with session.no_autoflush:
        same = select(AssessmentTemplate.id).where(
            AssessmentTemplate.region_id == template.region_id,
            AssessmentTemplate.name == draft.name,
        )
        if session.scalar(same) not in (None, template.id):
            raise DomainError(f"已有名为“{draft.name}”的评估表，请换一个名称。")
    template.name, template.survey_weight = draft.name, draft.survey_weight
    template.is_active = draft.is_active
    template.items = [
        AssessmentItem(seq=seq, name=item.name, weight=item.weight)
        for seq, item in enumerate(items, start=1)
    ]
    template.options = [
        SurveyOption(seq=seq, name=option.name, value=option.value)
        for seq, option in enumerate(options, start=1)
    ]


def keep_grades(
    session: Session, region_id: int, lines: str, *, actor: Actor, now: datetime
) -> None:
    """Keep a region's grades; assessments made before keep the grade they got."""
    ensure_conducts(actor, region_id)
    grades = grades_typed(lines)
    session.execute(delete(AssessmentGrade).where(AssessmentGrade.region_id == region_id))
    session.add_all(
        AssessmentGrade(
            region_id=region_id,
            seq=seq,
            name=grade.name,
            at_least=grade.at_least,
            is_low=grade.is_low,
        )
        for seq, grade in enumerate(grades, start=1)
    )
    record(
        session,
        "assessment_grades_kept",
        actor=actor,
        now=now,
        object_type="region",
        object_id=region_id,
        detail={"grades": _said([(grade.name, grade.at_least) for grade in grades])},
    )


def _audit(
    session: Session, action: str, template: AssessmentTemplate, *, actor: Actor, now: datetime
) -> None:
    record(
        session,
        action,
        actor=actor,
        now=now,
        object_type="assessment_template",
        object_id=template.id,
        detail={"items": _said([(item.name, item.weight) for item in template.items])},
    )


def _said(pairs: Sequence[tuple[str, Decimal]]) -> str:
    return "、".join(f"{name} {number:f}" for name, number in pairs)
