"""The pages where a member lets an application know who they are: one click each, and back."""

import threading
from urllib.parse import urlencode, urlsplit

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from tracker.wecom_sandbox.apps import AppHost
from tracker.wecom_sandbox.codes import Person
from tracker.wecom_sandbox.transport import respond

OUTSIDER = "outsider-openid"
IN_APP_PATH, SCAN_PATH = "/connect/oauth2/authorize", "/wwopen/sso/qrConnect"


def make_sign_in_pages(apps: AppHost, stopping: threading.Event) -> Blueprint:
    """The authorize page, the same inside WeCom and to be scanned; `/cgi-bin/auth/getuserinfo`."""
    pages = Blueprint("sign_in_pages", __name__)

    @pages.get(IN_APP_PATH, endpoint="authorize")
    @pages.get(SCAN_PATH, endpoint="scan")
    def authorize() -> str:
        asked = {name: request.args.get(name, "") for name in ("appid", "agentid", "state")}
        back = _back()
        if not all(asked.values()):
            abort(400)
        if request.path == IN_APP_PATH and request.args.get("scope") != "snsapi_base":
            abort(400)
        links = [
            (name, userid, _pick(userid=userid, redirect_uri=back, state=asked["state"]))
            for userid, name in apps.offered().items()
        ]
        outsider = _pick(openid=OUTSIDER, redirect_uri=back, state=asked["state"])
        return render_template("authorize.html", links=links, outsider=outsider)

    @pages.get("/sign-in-sandbox/pick")
    def pick() -> AnyResponse:
        person = Person(request.args.get("userid", ""), request.args.get("openid", ""))
        query = urlencode({"code": apps.give_code(person), "state": request.args.get("state", "")})
        back = _back()
        return redirect(f"{back}{'&' if '?' in back else '?'}{query}")

    @pages.get("/cgi-bin/auth/getuserinfo")
    def userinfo() -> Response:
        token, code = request.args.get("access_token", ""), request.args.get("code", "")
        return respond(apps.userinfo(token, code, ip=request.remote_addr or "unknown"), stopping)

    @pages.errorhandler(400)
    def incomplete(_error: Exception) -> Response:
        return Response("授权地址不完整，请检查 appid、agentid、redirect_uri、state。", status=400)

    return pages


def _back() -> str:
    back = request.args.get("redirect_uri", "")
    parts = urlsplit(back)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        abort(400)
    return back


def _pick(**fields: str) -> str:
    return f"/sign-in-sandbox/pick?{urlencode(fields)}"
