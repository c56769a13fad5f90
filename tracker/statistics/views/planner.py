"""全覆盖规划: pace and projection, who waits, and a round drafted from a selection."""

from collections import Counter

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission
from tracker.organizations.rules import UnitCategory
from tracker.rounds import pacing
from tracker.rounds.models import Term
from tracker.rounds.queries import list_profiles, list_rounds
from tracker.rounds.rules import RoundKind, RoundStatus
from tracker.rounds.service import RoundDraft
from tracker.rounds.service import draft_round as draft_it
from tracker.statistics.forms import DraftRoundForm
from tracker.statistics.queries.coverage import rounds_that_covered
from tracker.statistics.queries.planner import PlannedUnit, candidates
from tracker.statistics.queries.query import FigureQuery, terms_of
from tracker.statistics.service import measure
from tracker.statistics.views import bp
from tracker.statistics.views.asking import asked_query
from tracker.statistics.views.coverage import chosen_term, within
from tracker.web.access import actor, asked, own_region, requires
from tracker.web.database import db, now
from tracker.web.forms import accepted, given, status_of

MOST_ROUNDS = 40


@bp.get("/coverage/planner")
@requires(Permission.ROUND_READ)
def planner() -> ResponseReturnValue:
    """Show how coverage goes, where that leads, and who waits."""
    query, term = _own_query()
    if term is None:
        return render_template("statistics/planner.html", term=None, query=query)
    standing = _standing(query, term)
    units = candidates(db(), query)
    waiting = [unit for unit in units if not unit.candidate.is_covered]
    rounds = _asked_rounds() or pacing.rounds_to_come(standing)
    return render_template(
        "statistics/planner.html",
        term=term,
        query=query,
        standing=standing,
        pacing=pacing,
        rounds=rounds,
        shares=pacing.shares(_by_kind(waiting), rounds),
        waiting=waiting,
        low=[unit for unit in units if unit.candidate.is_low],
        term_options=[(one.id, f"第 {one.number} 届") for one in _terms()],
    )


def _terms() -> list[Term]:
    return list(db().scalars(terms_of(own_region())))


def _own_query() -> tuple[FigureQuery, Term | None]:
    region, query = asked_query()
    if region.id != own_region():
        return query, None
    term = chosen_term(_terms(), query)
    return within(term, query), term


def _standing(query: FigureQuery, term: Term) -> pacing.Standing:
    reading = measure(db(), query, "coverage_rate").reading
    return pacing.Standing(
        covered=int(reading.numerator or 0),
        total=int(reading.denominator or 0),
        rounds=rounds_that_covered(db(), query),
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        as_of=query.as_of,
    )


def _asked_rounds() -> int | None:
    text = asked("rounds")
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        return None
    return min(max(int(text), 1), MOST_ROUNDS)


def _by_kind(waiting: list[PlannedUnit]) -> dict[UnitCategory, int]:
    found = Counter(unit.category for unit in waiting)
    return {kind: found[kind] for kind in UnitCategory if found[kind]}


@bp.route("/coverage/draft-round", methods=["GET", "POST"])
@requires(Permission.ROUND_EDIT)
def draft_round() -> ResponseReturnValue:
    """Put a round together from chosen units: planned, without dates yet."""
    query, term = _own_query()
    units = [] if term is None else candidates(db(), query)
    form = _form(term, units)
    if term is None or not form.profile_id.choices:
        flash("拟定轮次前，请先登记届和期限方案。", "note")
        return redirect(url_for("rounds.rounds"))
    made = []

    def save() -> None:
        draft, chosen = _draft(form, term), form.units.data or []
        made.append(draft_it(db(), own_region(), draft, chosen, actor=actor(), now=now()))

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(f"已拟定“{made[0].name}”，请补充巡察组、批次和进驻时间。", "ok")
        return redirect(url_for("rounds.round", round_id=made[0].id))
    page = render_template("statistics/draft_round.html", form=form, term=term, units=units)
    return page, status_of(form)


def _form(term: Term | None, units: list[PlannedUnit]) -> DraftRoundForm:
    tours = [tour for tour in list_rounds(db(), actor=actor()) if term and tour.term_id == term.id]
    form = DraftRoundForm(data={"seq": max((tour.seq for tour in tours), default=0) + 1})
    form.profile_id.choices = [(one.id, one.name) for one in list_profiles(db(), actor=actor())]
    form.units.choices = [(unit.candidate.unit_id, unit.name) for unit in units]
    return form


def _draft(form: DraftRoundForm, term: Term | None) -> RoundDraft:
    if term is None:
        raise DomainError("请先登记届。")
    return RoundDraft(
        term_id=term.id,
        code=form.code.data or "",
        seq=given(form.seq.data),
        name=form.name.data or "",
        kind=RoundKind(form.kind.data),
        profile_id=form.profile_id.data,
        theme=form.theme.data or None,
        status=RoundStatus.PLANNED,
    )
