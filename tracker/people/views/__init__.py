"""Sign in, sign out, change the password, accounts."""

from flask import (
    Blueprint,
    Flask,
    abort,
    current_app,
    flash,
    g,
    make_response,
    redirect,
    render_template,
    request,
    session,
    url_for,
)
from flask.typing import ResponseReturnValue
from flask_login import LoginManager, current_user, login_user, logout_user
from sqlalchemy import select

from tracker.handover.models import PostChange
from tracker.handover.queries.posts import account_hints
from tracker.kernel.config import Config
from tracker.kernel.db import born
from tracker.kernel.permissions import Permission, Role
from tracker.kernel.settings import DEMO_LOADED_AT, get_setting
from tracker.organizations.models import SupervisorOrg, Unit
from tracker.organizations.scope import administers
from tracker.people import service
from tracker.people.forms import AccountForm, PasswordForm, SignInForm
from tracker.people.models import User
from tracker.people.posts import person_of_account
from tracker.people.queries import (
    all_users,
    recent_failures,
    session_of,
    user_kept_by,
    user_named,
    users_kept_by,
)
from tracker.people.rules import WecomRefusal, is_locked
from tracker.people.signed_in import SignedIn, load
from tracker.people.views.gate import open_gate
from tracker.web.access import actor, public, requires
from tracker.web.database import database, db, now
from tracker.web.forms import ActionForm, accepted
from tracker.web.kept_fields import readable
from tracker.web.paths import local_path
from tracker.web.recovery import KeptForm, keep_form, open_form

bp = Blueprint("people", __name__)
LOOPBACK = frozenset({"127.0.0.1", "::1"})


def init_app(app: Flask, settings: Config) -> None:
    """Teach Flask-Login who is who, and what to do with somebody who is not signed in."""
    manager = LoginManager(app)
    manager.user_loader(load)
    manager.unauthorized_handler(_ask_to_sign_in)
    manager.needs_refresh_handler(_ask_for_new_password)
    app.config["TRACKER_ROLE_PICKER"] = settings.role_picker and settings.host == "127.0.0.1"
    app.register_blueprint(bp)


def _ask_to_sign_in() -> ResponseReturnValue:
    if request.headers.get("HX-Request"):
        answer = make_response("", 401)
        answer.headers["HX-Redirect"] = url_for("people.sign_in", next=local_path(request.path))
        return answer
    if request.method == "POST":
        return _sign_in_page(SignInForm(formdata=None), kept=keep_form(session.get("uid"))), 401
    return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")))


def _ask_for_new_password() -> ResponseReturnValue:
    flash("请先修改密码，再使用系统。", "note")
    return redirect(url_for("people.change_password"))


def _sign_in_page(form: SignInForm, kept: str | None = None) -> str:
    return render_template(
        "people/sign_in.html",
        form=form,
        kept=kept,
        kept_form=open_form(kept),
        next=local_path(request.values.get("next")),
        picker=_picker(),
        has_wecom=open_gate() is not None,
        refusal=_refusal(),
    )


def _refusal() -> str | None:
    """Return why enterprise WeChat did not let in whoever was just sent here."""
    why = request.args.get("wecom", "")
    return WecomRefusal(why).label if why in set(WecomRefusal) else None


def _picker() -> list[User]:
    """Return who may be picked: with demonstration data, asked for, and from this computer only."""
    if not current_app.config["TRACKER_ROLE_PICKER"] or request.remote_addr not in LOOPBACK:
        return []
    with database().reading() as read:
        loaded = get_setting(read, DEMO_LOADED_AT, "")
        return all_users(read) if loaded else []


@bp.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Check name and password; the same answer for every reason of refusal."""
    form = SignInForm()
    if not form.validate_on_submit():
        return _sign_in_page(form, request.form.get("kept")), 422 if form.is_submitted() else 200
    name, address = form.username.data or "", request.remote_addr or ""
    with database().reading() as read:
        user = user_named(read, name)
        locked = is_locked(*recent_failures(read, name, address, now=now()))
    matches = service.password_matches(user, form.password.data or "")
    if user is None or locked or not matches or not user.is_active:
        service.note_failure(db(), name, address, now=now())
        db().commit()
        form.password.errors = [service.REFUSED]
        return _sign_in_page(form, request.form.get("kept")), 401
    return _enter(user.id)


def _enter(user_id: int) -> ResponseReturnValue:
    return enter(user_id, local_path(request.form.get("next")))


def enter(user_id: int, target: str, *, by: str | None = None) -> ResponseReturnValue:
    """Begin a session in place of whatever this browser had, and go on to a path of our own.

    `by`: how, where it was not by password.
    """
    user = db().get_one(User, user_id)
    _end_own_session()
    token = service.start_session(db(), user, request.remote_addr or "", now=now(), by=by)
    row = session_of(db(), token)
    if row is None:
        abort(401)
    person = SignedIn(token, row)
    db().commit()
    session.clear()
    g.pop("csrf_token", None)
    login_user(person)
    session["uid"] = user_id
    kept = open_form(request.form.get("kept"))
    if kept is not None and kept.user_id in (None, user_id):
        return _show_kept(kept)
    return redirect(target)


def _end_own_session() -> None:
    """Signing in over a live session leaves none of the old one behind."""
    row = session_of(db(), current_user.token) if current_user.is_authenticated else None
    if row is not None:
        row.ended_at, row.end_reason = now(), "signed_in_again"


def _show_kept(kept: KeptForm) -> str:
    return render_template(
        "people/kept_form.html",
        kept=kept,
        fields=readable(kept.fields),
        path=local_path(kept.path),
    )


@bp.post("/sign-in/as/<int:user_id>")
@public
def sign_in_as(user_id: int) -> ResponseReturnValue:
    """Sign in by role: demonstration data on loopback only."""
    if user_id not in {user.id for user in _picker()}:
        abort(404)
    return _enter(user_id)


@bp.post("/sign-out")
@requires(Permission.OWN_ACCOUNT)
def sign_out() -> ResponseReturnValue:
    """End this session on the server and in the browser."""
    service.sign_out(db(), session_of(db(), current_user.token), actor=actor(), now=now())
    db().commit()
    logout_user()
    session.clear()
    return redirect(url_for("people.sign_in"))


@bp.route("/account/password", methods=["GET", "POST"])
@requires(Permission.OWN_ACCOUNT)
def change_password() -> ResponseReturnValue:
    """Change the own password; every session ends, this one starts anew."""
    form = PasswordForm()
    if form.validate_on_submit():
        with database().reading() as read:
            user = read.get_one(User, current_user.user_id)
        if (hashed := _hashed(form, user)) is not None:
            own = db().get_one(User, user.id)
            service.change_password(db(), own, hashed, actor=actor(), now=now())
            return _enter(user.id)
    return render_template("people/change_password.html", form=form)


def _hashed(form: PasswordForm, user: User) -> str | None:
    """Return the new password hashed, before the write lock is asked for; None when refused."""
    given, new, hashed = form.password.data or "", form.new_password.data or "", []

    def check() -> None:
        service.ensure_password(user, given)

    def hash_it() -> None:
        hashed.append(service.hash_password(new, user.username))

    if accepted(form, check, at=form.password) and accepted(form, hash_it, at=form.new_password):
        return hashed[0]
    return None


@bp.get("/accounts")
@requires(Permission.ACCOUNT_MANAGE)
def accounts() -> ResponseReturnValue:
    """List sign-ins."""
    return render_template(
        "people/accounts.html",
        users=users_kept_by(db(), actor=actor()),
        hints=account_hints(db(), kept=administers(actor(), region=PostChange.region_id)),
        own_id=current_user.user_id,
    )


@bp.post("/accounts/<int:user_id>/deactivate")
@requires(Permission.ACCOUNT_MANAGE)
def deactivate_account(user_id: int) -> ResponseReturnValue:
    """停用 a sign-in; whoever uses it is signed out at once."""
    return _switch(user_id, False, "账号已停用，已登录的会话同时结束。")


@bp.post("/accounts/<int:user_id>/activate")
@requires(Permission.ACCOUNT_MANAGE)
def activate_account(user_id: int) -> ResponseReturnValue:
    """Switch a sign-in on again."""
    return _switch(user_id, True, "账号已恢复使用。")


def _switch(user_id: int, is_active: bool, done: str) -> ResponseReturnValue:
    user = user_kept_by(db(), user_id, actor=actor())
    form = ActionForm()
    if accepted(form, lambda: service.set_active(db(), user, is_active, actor=actor(), now=now())):
        db().commit()
        flash(done, "ok")
    else:
        flash(str(form.form_errors[0]), "warning")
    return redirect(url_for(".accounts"))


@bp.route("/accounts/new", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
def new_account() -> ResponseReturnValue:
    """Make a sign-in with a one-time password, shown once."""
    form = AccountForm()
    with database().reading() as read:
        mine = select(Unit).where(administers(actor(), region=Unit.region_id))
        units = read.scalars(mine.order_by(Unit.region_id, Unit.sort_no)).all()
        organs = read.scalars(
            select(SupervisorOrg).where(administers(actor(), region=SupervisorOrg.region_id))
        ).all()
    form.unit_id.choices = {"0": "（不属于单位）"} | {str(unit.id): unit.name for unit in units}
    form.supervisor_org_id.choices = {"0": "（不是监督部门）"} | {str(o.id): o.name for o in organs}
    if form.validate_on_submit():
        password = service.one_time_password()
        hashed = service.HASHER.hash(password)
        made: list[User] = []
        if accepted(form, lambda: made.append(_make_account(form, hashed)), at=form.username):
            db().commit()
            return render_template("people/new_password.html", user=made[0], password=password)
    return render_template("people/new_account.html", form=form)


def _make_account(form: AccountForm, hashed: str) -> User:
    creator = db().get_one(User, current_user.user_id)
    unit = db().get(Unit, form.unit_id.data) if form.unit_id.data else None
    organ = db().get(SupervisorOrg, form.supervisor_org_id.data or 0)
    region = unit.region if unit else creator.region
    stamps = born(actor=actor(), now=now())
    user = User(
        person=person_of_account(
            db(),
            region.id,
            form.name.data or "",
            unit_id=unit.id if unit else None,
            mobile=form.mobile.data or None,
            actor=actor(),
            now=now(),
        ),
        username=form.username.data,
        role=Role(form.role.data),
        region=region,
        unit=unit,
        supervisor_org=organ,
        password_hash=hashed,
        **stamps,
    )
    service.add_user(db(), user, actor=actor(), now=now())
    return user


from tracker.people.views import delegations, wecom, wecom_settings  # noqa: E402

__all__ = ["bp", "delegations", "init_app", "wecom", "wecom_settings"]
