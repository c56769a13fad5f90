"""The endpoints of applications, and what only a simulator has of them."""

import threading

from flask import Blueprint, Response, abort, jsonify, render_template, request

from tracker.wecom_sandbox.apps import AppHost
from tracker.wecom_sandbox.clock import BEIJING
from tracker.wecom_sandbox.groups import Group
from tracker.wecom_sandbox.transport import respond

APP_NAME = "整改提醒应用"


def make_app_api(apps: AppHost, stopping: threading.Event) -> Blueprint:
    """`/cgi-bin/gettoken`, `/cgi-bin/message/send`; a page per member; `/app/seen` and more."""
    api = Blueprint("app_api", __name__)

    @api.get("/cgi-bin/gettoken")
    def gettoken() -> Response:
        corpid, secret = request.args.get("corpid", ""), request.args.get("corpsecret", "")
        return respond(apps.gettoken(corpid, secret, ip=_ip()), stopping)

    @api.post("/cgi-bin/message/send")
    def send() -> Response:
        token = request.args.get("access_token", "")
        return respond(apps.send(token, request.get_data(), ip=_ip()), stopping)

    @api.get("/app/seen")
    def seen() -> Response:
        return jsonify([one.as_json() for one in apps.messages(request.args.get("userid"))])

    @api.get("/app/attempts")
    def attempts() -> Response:
        return jsonify([one.as_json() for one in apps.attempts(request.args.get("endpoint"))])

    @api.get("/members/<userid>")
    def member(userid: str) -> str:
        messages = apps.messages(userid)
        if not messages:
            abort(404)
        days: dict[str, list[object]] = {}
        for one in messages:
            day = f"{one.received_at.astimezone(BEIJING):%Y-%m-%d}"
            days.setdefault(day, []).append(one)
        as_group = Group(userid, f"应用消息：{userid}", APP_NAME)
        return render_template("member.html", group=as_group, days=list(days.items()))

    return api


def _ip() -> str:
    return request.remote_addr or "unknown"
