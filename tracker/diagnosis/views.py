"""权限诊断: one page."""

from typing import Any, cast
from urllib.parse import urlsplit

from flask import Blueprint, current_app, render_template
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import HTTPException

from tracker.diagnosis import queries
from tracker.diagnosis.forms import DiagnosisForm
from tracker.diagnosis.pages import Page
from tracker.diagnosis.service import Diagnosis, Subject, Target, diagnose
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission
from tracker.people.models import User
from tracker.web.access import PUBLIC, access_of, actor, requires
from tracker.web.database import database, db, now
from tracker.web.forms import accepted, status_of

bp = Blueprint("diagnosis", __name__)


@bp.route("/access-diagnosis", methods=["GET", "POST"])
@requires(Permission.ACCESS_DIAGNOSE)
def access_diagnosis() -> ResponseReturnValue:
    """Name the rule why somebody cannot see something."""
    form = DiagnosisForm()
    with database().reading() as read:
        users = queries.users_to_ask_about(read, actor=actor())
    form.user_id.choices = {str(user.id): _label(user) for user in users}
    answers: list[Diagnosis] = []
    if form.validate_on_submit() and accepted(form, lambda: answers.append(_answer(form))):
        db().commit()
    page = render_template("diagnosis/access_diagnosis.html", form=form, answers=answers)
    return page, status_of(form)


def _label(user: User) -> str:
    place = user.unit.short_name if user.unit else user.region.short_name
    return f"{user.person.name}（{user.username}）· {user.role.label} · {place}"


def _answer(form: DiagnosisForm) -> Diagnosis:
    user = db().get_one(User, form.user_id.data)
    return diagnose(db(), user, _target(form), actor=actor(), now=now())


def _target(form: DiagnosisForm) -> Target:
    subject, text = Subject(form.subject.data), form.text.data or ""
    return target_of_page(text) if subject is Subject.PAGE else Target(subject=subject, text=text)


def target_of_page(text: str) -> Target:
    """Return what a page's address asks for: its permission, and the rows it names."""
    path = "/" + urlsplit(text).path.lstrip("/")
    try:
        endpoint, values = _matched(path)
    except HTTPException:
        raise DomainError("没有这个页面。请从浏览器复制完整的地址。") from None
    access = access_of(endpoint)
    permission = None if access in (None, PUBLIC) else cast("Permission", access)
    page = Page(endpoint=endpoint, permission=permission, values=values)
    return Target(subject=Subject.PAGE, text=path, page=page)


def _matched(path: str) -> tuple[str, dict[str, Any]]:
    adapter = current_app.url_map.bind("localhost")
    methods = adapter.allowed_methods(path)
    endpoint, values = adapter.match(path, method="GET" if "GET" in methods else "POST")
    return str(endpoint), dict(values)
