"""发送到本人: the application, the mail server and the inbox, kept by the office's lead."""

from typing import cast

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.clock import Clock
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import check_version
from tracker.kernel.permissions import Permission
from tracker.notifications import personal_channels, personal_trial
from tracker.notifications.accounts import Account, AppAccount, MailAccount, check_app, check_mail
from tracker.notifications.channels.inbox import Inbox
from tracker.notifications.channels.ways import ways_out
from tracker.notifications.forms import AppForm, InboxForm, MailForm, WayForm
from tracker.notifications.models import Channel
from tracker.notifications.rules import ChannelKind, ChannelState
from tracker.notifications.views import bp
from tracker.web.access import actor, own_region, requires
from tracker.web.database import config, database, db, now
from tracker.web.forms import ActionForm, accepted, seen, status_of

FORMS: dict[ChannelKind, type[WayForm]] = {
    ChannelKind.APP: AppForm,
    ChannelKind.MAIL: MailForm,
    ChannelKind.INBOX: InboxForm,
}


@bp.get("/ways")
@requires(Permission.WAY_MANAGE)
def ways() -> ResponseReturnValue:
    """List the region's ways to persons, only the last four characters of a secret shown."""
    found = personal_channels.ways_of(db(), own_region())
    return render_template(
        "notifications/ways.html",
        ways=found,
        kinds={way.kind.value for way in found},
        disabled=ChannelState.DISABLED,
        tones={"active": "done", "broken": "waiting", "disabled": "neutral"},
    )


@bp.route("/ways/new-app", methods=["GET", "POST"])
@requires(Permission.WAY_MANAGE)
def new_app() -> ResponseReturnValue:
    """Add an application of enterprise WeChat."""
    form = AppForm()
    if not form.is_submitted():
        form.name.data, form.base.data = ChannelKind.APP.label, config().wecom_base_url
    if form.validate_on_submit() and accepted(form, lambda: _add(form, ChannelKind.APP)):
        db().commit()
        flash(f"“{form.name.data}”已添加，请点“测试”给自己发一条。", "ok")
        return redirect(url_for(".ways"))
    return render_template("notifications/new_app.html", form=form), status_of(form)


@bp.route("/ways/new-mail", methods=["GET", "POST"])
@requires(Permission.WAY_MANAGE)
def new_mail() -> ResponseReturnValue:
    """Add a mail server."""
    form = MailForm()
    if not form.is_submitted():
        form.name.data = ChannelKind.MAIL.label
    if form.validate_on_submit() and accepted(form, lambda: _add(form, ChannelKind.MAIL)):
        db().commit()
        flash(f"“{form.name.data}”已添加，请点“测试”给自己发一条。", "ok")
        return redirect(url_for(".ways"))
    return render_template("notifications/new_mail.html", form=form), status_of(form)


def _add(form: WayForm, kind: ChannelKind) -> None:
    personal_channels.add_way(
        db(),
        own_region(),
        form.name.data or "",
        _account(form, None),
        kind=kind,
        sealer=_sealer(),
        actor=actor(),
        now=now(),
    )


def _account(form: WayForm, before: Account | None) -> Account | None:
    """Return the account as typed, checked; an empty secret keeps the one before."""
    account = form.account(before.secret if before else "")
    if isinstance(account, AppAccount):
        return check_app(account, allowed_hosts=config().wecom_allowed_hosts)
    if isinstance(account, MailAccount):
        return check_mail(account, allowed_servers=config().mail_allowed_servers)
    return None


@bp.route("/ways/<int:way_id>/edit", methods=["GET", "POST"])
@requires(Permission.WAY_MANAGE)
def edit_way(way_id: int) -> ResponseReturnValue:
    """Change a way, and put it into use again; its secret is never shown."""
    way = personal_channels.get_way(db(), way_id, actor=actor())
    before = personal_channels.account_of(way, _sealer())
    form = FORMS[way.kind](obj=before, name=way.name)
    form.version.data = form.version.data or str(way.version)

    def save() -> None:
        check_version(way, seen(form), "这种发送方式")
        personal_channels.alter_way(
            db(),
            way,
            form.name.data or "",
            _account(form, before),
            sealer=_sealer(),
            actor=actor(),
            now=now(),
        )

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash(f"“{form.name.data}”已保存并启用。", "ok")
        return redirect(url_for(".ways"))
    form.version.data = str(way.version)
    page = render_template("notifications/edit_way.html", form=form, way=way)
    return page, status_of(form)


@bp.post("/ways/<int:way_id>/disable")
@requires(Permission.WAY_MANAGE)
def disable_way(way_id: int) -> ResponseReturnValue:
    """Take a way out of use."""
    way = personal_channels.get_way(db(), way_id, actor=actor())
    personal_channels.disable_way(db(), way, actor=actor(), now=now())
    db().commit()
    flash(f"“{way.name}”已停用，没有发出的消息改用其他方式。", "ok")
    return redirect(url_for(".ways"))


@bp.post("/ways/<int:way_id>/test")
@requires(Permission.WAY_MANAGE)
def try_way(way_id: int) -> ResponseReturnValue:
    """Send whoever presses a clearly marked message and say what the far end answered."""
    with database().reading() as session:
        way: Channel = personal_channels.get_way(session, way_id, actor=actor())
    form = ActionForm()
    clock = cast("Clock", current_app.extensions["tracker_clock"])
    senders = {**ways_out(config()), ChannelKind.INBOX: Inbox(database(), clock)}

    def send() -> None:
        trial = personal_trial.try_way(
            database(),
            way_id,
            sender=senders[way.kind],
            sealer=_sealer(),
            clock=clock,
            actor=actor(),
        )
        flash(trial.sentence, "ok" if trial.is_sent else "warning")

    if not accepted(form, send):
        flash(str(form.form_errors[0]), "warning")
    return redirect(url_for(".ways"))


def _sealer() -> Sealer:
    return cast("Sealer", current_app.extensions["tracker_sealer"])
