"""Pages of sending: 发送记录, 通道健康 and 群机器人."""

from typing import cast

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from tracker.kernel.clock import Clock
from tracker.kernel.crypto import Sealer
from tracker.kernel.permissions import Permission
from tracker.notifications import queries, service
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.forms import AddressForm, ChannelForm
from tracker.notifications.health import channel_health as health_of_channels
from tracker.notifications.models import Channel
from tracker.notifications.rules import RESENDABLE, ChannelKind, ChannelState, MessageState
from tracker.organizations.models import Region, Unit
from tracker.web.access import actor, requires
from tracker.web.database import config, database, db, now
from tracker.web.forms import ActionForm, accepted

bp = Blueprint("notifications", __name__)
TO_SETTLE = "to-settle"
TONES = {"active": "done", "broken": "waiting", "disabled": "neutral"}


@bp.get("/deliveries")
@requires(Permission.DELIVERY_READ)
def deliveries() -> ResponseReturnValue:
    """List what was sent, newest first, and what waits."""
    state = request.args.get("state", "")
    lines = queries.deliveries(db(), actor(), before=_before(), states=_states(state))
    more = len(lines) == queries.PER_PAGE
    return render_template(
        "notifications/deliveries.html",
        lines=lines,
        waiting=queries.waiting(db(), actor()),
        states=[(TO_SETTLE, "失败或结果不明（可重发）"), *MessageState.choices().items()],
        state=state,
        first_url=url_for(".deliveries", state=state or None) if _before() else None,
        next_url=url_for(".deliveries", state=state or None, before=lines[-1].id) if more else None,
    )


def _states(given: str) -> tuple[MessageState, ...]:
    if given == TO_SETTLE:
        return tuple(RESENDABLE)
    return (MessageState(given),) if given in set(MessageState) else ()


def _before() -> int | None:
    given = request.args.get("before", "")
    return int(given) if given.isdecimal() and given.isascii() and len(given) <= 18 else None


@bp.post("/deliveries/<int:delivery_id>/resend")
@requires(Permission.DELIVERY_RESEND)
def resend(delivery_id: int) -> ResponseReturnValue:
    """Send a failed or uncertain message once more."""
    part = queries.delivery_to_resend(db(), actor(), delivery_id)
    form = ActionForm()
    if accepted(form, lambda: service.resend(db(), part, actor=actor(), now=now())):
        db().commit()
        flash(f"编号 {part.digest.number} 已排入发送，稍后请刷新查看结果。", "ok")
    else:
        flash(str(form.form_errors[0]), "warning")
    return redirect(url_for(".deliveries"))


@bp.get("/channels")
@requires(Permission.CHANNEL_MANAGE)
def channels() -> ResponseReturnValue:
    """List the groups, only the last four characters of a key shown."""
    return render_template(
        "notifications/channels.html",
        channels=queries.channels(db(), actor()),
        used=queries.used_tokens(db(), now=now()),
        disabled=ChannelState.DISABLED,
        tones=TONES,
    )


@bp.get("/channel-health")
@requires(Permission.DELIVERY_READ)
def channel_health() -> ResponseReturnValue:
    """Show how each robot fares: last success and failure, backlog, allowance, messages a week."""
    return render_template(
        "notifications/channel_health.html",
        robots=health_of_channels(db(), actor(), now=now()),
        waiting=queries.waiting(db(), actor()),
        tones=TONES,
    )


@bp.route("/channels/new", methods=["GET", "POST"])
@requires(Permission.CHANNEL_MANAGE)
def new_channel() -> ResponseReturnValue:
    """Add a group robot."""
    form = ChannelForm()
    regions = queries.administered_regions(db(), actor())
    form.region_id.choices = {str(region.id): region.name for region in regions}
    form.unit_id.choices = {"0": "（不属于单位）", **_units(regions)}
    if form.validate_on_submit() and accepted(form, lambda: _add(form)):
        db().commit()
        flash("群机器人已添加。请发送一条测试消息核对。", "ok")
        return redirect(url_for(".channels"))
    status = 422 if form.is_submitted() else 200
    return render_template("notifications/new_channel.html", form=form), status


def _units(regions: list[Region]) -> dict[str, str]:
    ids = [region.id for region in regions]
    query = select(Unit.id, Unit.name).where(Unit.region_id.in_(ids))
    ordered = query.order_by(Unit.region_id, Unit.sort_no, Unit.id)
    return {str(unit.id): unit.name for unit in db().execute(ordered)}


def _add(form: ChannelForm) -> Channel:
    return service.add_channel(
        db(),
        form.name.data or "",
        form.robot_url.data or "",
        kind=ChannelKind(form.kind.data),
        region_id=form.region_id.data,
        unit_id=form.unit_id.data or None,
        base_url=config().wecom_base_url,
        allowed_hosts=config().wecom_allowed_hosts,
        sealer=_sealer(),
        actor=actor(),
        now=now(),
    )


@bp.route("/channels/<int:channel_id>/address", methods=["GET", "POST"])
@requires(Permission.CHANNEL_MANAGE)
def channel_address(channel_id: int) -> ResponseReturnValue:
    """Give a group's robot a new address."""
    channel = queries.channel_to_keep(db(), actor(), channel_id)
    form = AddressForm()

    def rotate() -> None:
        service.rotate(
            db(),
            channel,
            form.robot_url.data or "",
            base_url=config().wecom_base_url,
            allowed_hosts=config().wecom_allowed_hosts,
            sealer=_sealer(),
            actor=actor(),
            now=now(),
        )

    if form.validate_on_submit() and accepted(form, rotate, at=form.robot_url):
        db().commit()
        flash(f"“{channel.name}”的机器人地址已更换。", "ok")
        return redirect(url_for(".channels"))
    status = 422 if form.is_submitted() else 200
    return render_template("notifications/channel_address.html", form=form, channel=channel), status


@bp.post("/channels/<int:channel_id>/disable")
@requires(Permission.CHANNEL_MANAGE)
def disable_channel(channel_id: int) -> ResponseReturnValue:
    """Take a group out of use."""
    channel = queries.channel_to_keep(db(), actor(), channel_id)
    service.disable(db(), channel, actor=actor(), now=now())
    db().commit()
    flash(f"“{channel.name}”已停用，没有发出的消息仍在排队。", "ok")
    return redirect(url_for(".channels"))


@bp.post("/channels/<int:channel_id>/test")
@requires(Permission.CHANNEL_MANAGE)
def try_channel(channel_id: int) -> ResponseReturnValue:
    """Send a clearly marked message and say what the far end answered."""
    with database().reading() as session:
        queries.channel_to_keep(session, actor(), channel_id)
    form = ActionForm()

    def send() -> None:
        trial = service.send_test(
            database(),
            channel_id,
            sender=WecomRobot.from_config(config()),
            sealer=_sealer(),
            clock=cast("Clock", current_app.extensions["tracker_clock"]),
            actor=actor(),
        )
        flash(trial.sentence, "ok" if trial.is_sent else "warning")

    if not accepted(form, send):
        flash(str(form.form_errors[0]), "warning")
    is_from_health = request.form.get("back") == "health"
    return redirect(url_for(".channel_health" if is_from_health else ".channels"))


def _sealer() -> Sealer:
    return cast("Sealer", current_app.extensions["tracker_sealer"])


from tracker.notifications.views import inbox, pace, ways  # noqa: E402

__all__ = ["bp", "inbox", "pace", "ways"]
