"""Set up 企业微信登录, and whose enterprise WeChat account a sign-in has."""

from typing import cast

from flask import current_app, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from tracker.kernel.crypto import Sealer
from tracker.kernel.db import check_version
from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Permission
from tracker.notifications import personal_channels
from tracker.notifications.models import Channel
from tracker.organizations.queries import regions_kept_by
from tracker.people import service, wecom
from tracker.people.forms import UseridForm, WecomSignInForm
from tracker.people.queries import user_kept_by, users_kept_by
from tracker.people.views import bp
from tracker.people.views.gate import open_gate
from tracker.people.wecom import Gate
from tracker.web.access import actor, requires
from tracker.web.database import config, db, now
from tracker.web.forms import accepted, check_shown, given, seen, status_of, version_of


@bp.route("/wecom-sign-in", methods=["GET", "POST"])
@requires(Permission.SYSTEM_SETTINGS)
def wecom_sign_in() -> ResponseReturnValue:
    """Switch signing in through an application on or off."""
    gate = wecom.gate(db())
    ways = _applications()
    form = WecomSignInForm(obj=gate, is_on=gate is not None)
    form.way_id.choices = {str(way.id): label for way, label in ways}
    version = version_of(gate)

    def save() -> None:
        check_shown(form, version, "企业微信登录的设置")
        hosts = config().wecom_allowed_hosts
        wanted = _wanted(form, [way for way, _label in ways])
        wecom.keep_gate(db(), wanted, allowed_hosts=hosts, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("企业微信登录已开启。" if form.is_on.data else "企业微信登录已关闭。", "ok")
        return redirect(url_for(".wecom_sign_in"))
    form.version.data = str(version)
    page = render_template(
        "people/wecom_sign_in.html",
        form=form,
        is_on=gate is not None,
        is_open=open_gate() is not None,
        has_ways=bool(ways),
        back=config().base_url + url_for(".wecom_return"),
        users=[user for user in users_kept_by(db(), actor=actor()) if user.person.wecom_userid],
    )
    return page, status_of(form)


def _applications() -> list[tuple[Channel, str]]:
    regions = {each.id: each.short_name for each in regions_kept_by(db(), actor=actor())}
    ways = personal_channels.applications_of(db(), regions)
    return [(way, f"{regions[way.region_id]} {way.name}") for way in ways]


def _wanted(form: WecomSignInForm, ways: list[Channel]) -> Gate | None:
    if not form.is_on.data:
        return None
    way = next((each for each in ways if each.id == form.way_id.data), None)
    if way is None:
        raise DomainError("请选择用哪个企业微信应用登录。没有可选的，请巡察办主任先添加。")
    sealer = cast("Sealer", current_app.extensions["tracker_sealer"])
    account = personal_channels.application(db(), way.id, sealer)
    if account is None:
        raise DomainError(
            "这个应用已停用，或密钥打不开，请巡察办主任在“发送到本人”中修改后再开启。"
        )
    return Gate(
        way_id=way.id,
        region_id=way.region_id,
        base=account.base,
        corpid=account.corpid,
        agentid=account.agentid,
        with_counties=form.with_counties.data,
        in_app_url=form.in_app_url.data or wecom.IN_APP,
        scan_url=form.scan_url.data or wecom.SCAN,
    )


@bp.route("/accounts/<int:user_id>/wecom-userid", methods=["GET", "POST"])
@requires(Permission.ACCOUNT_MANAGE)
def account_userid(user_id: int) -> ResponseReturnValue:
    """Say which member of enterprise WeChat a sign-in's person is."""
    user = user_kept_by(db(), user_id, actor=actor())
    form = UseridForm(obj=user.person)

    def save() -> None:
        check_version(user.person, seen(form), "这位人员的资料")
        userid = form.wecom_userid.data or None
        service.set_wecom_userid(db(), user, userid, actor=actor(), now=now())

    if form.validate_on_submit() and accepted(form, save):
        db().commit()
        flash("企业微信账号已保存。", "ok")
        return redirect(url_for(".accounts"))
    form.version.data = str(given(user.person.version))
    return render_template("people/account_userid.html", form=form, user=user), status_of(form)
