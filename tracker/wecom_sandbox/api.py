"""The two endpoints of the real host."""

import threading

from flask import Blueprint, Response, request
from werkzeug.exceptions import RequestEntityTooLarge

from tracker.wecom_sandbox.host import RobotHost
from tracker.wecom_sandbox.media import Upload
from tracker.wecom_sandbox.transport import respond


def make_api(host: RobotHost, stopping: threading.Event) -> Blueprint:
    """`/cgi-bin/webhook/send` and `/cgi-bin/webhook/upload_media`, answering 200 to all errors."""
    api = Blueprint("api", __name__, url_prefix="/cgi-bin/webhook")

    @api.post("/send")
    def send() -> Response:
        return respond(host.send(_key(), request.get_data(), ip=_ip()), stopping)

    @api.post("/upload_media")
    def upload_media() -> Response:
        kind = request.args.get("type", "")
        return respond(host.upload(_key(), kind, _uploaded(), ip=_ip()), stopping)

    return api


def _key() -> str:
    return request.args.get("key", "")


def _ip() -> str:
    return request.remote_addr or "unknown"


def _uploaded() -> Upload | None:
    """The part named `media`; None when there is none or the body is far too large."""
    try:
        part = request.files.get("media")
    except RequestEntityTooLarge:
        return None
    if part is None:
        return None
    disposition = part.headers.get("Content-Disposition", "")
    return Upload(part.filename or "", disposition, part.read())
