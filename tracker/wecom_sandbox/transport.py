"""How an outcome travels: plain JSON, or one of the ways a network goes wrong."""

import math
import socket
import threading
from collections.abc import Iterator

from flask import Response, jsonify, request

from tracker.wecom_sandbox.faults import Fault
from tracker.wecom_sandbox.host import Outcome

DRIP_EVERY_SECONDS = 0.05
HTML_PAGE = "<!doctype html><html><body><h1>{title}</h1><hr>nginx</body></html>"
HTTP_TITLES = {
    "http500": "500 Internal Server Error",
    "http502": "502 Bad Gateway",
    "http503": "503 Service Unavailable",
}


def respond(outcome: Outcome, stopping: threading.Event) -> Response:
    """The HTTP response of an outcome; `stopping` ends whatever a fault holds open."""
    fault = outcome.fault
    if fault is None:
        return jsonify(outcome.body)
    if fault.kind in HTTP_TITLES:
        return _page(HTTP_TITLES[fault.kind], status=int(fault.kind.removeprefix("http")))
    if fault.kind == "html":
        return _page("请先登录网络认证页面", status=200)
    if fault.kind == "body":
        return Response(fault.body, mimetype="application/json")
    if fault.kind == "redirect":
        return Response(status=307, headers={"Location": fault.location})
    if fault.kind == "drip":
        return Response(
            _drip(jsonify(outcome.body).get_data(), fault, stopping), mimetype="application/json"
        )
    if fault.kind == "hang":
        stopping.wait(fault.seconds)
    return _drop()


def _page(title: str, *, status: int) -> Response:
    return Response(HTML_PAGE.format(title=title), status=status, mimetype="text/html")


def _drip(body: bytes, fault: Fault, stopping: threading.Event) -> Iterator[bytes]:
    """A valid answer that takes `seconds`: spaces, one at a time, then the body."""
    for _ in range(math.ceil(fault.seconds / DRIP_EVERY_SECONDS)):
        yield b" "
        if stopping.wait(DRIP_EVERY_SECONDS):
            return
    yield body


def _drop() -> Response:
    """Close the connection under the caller's feet: not one byte of an answer."""
    connection: socket.socket = request.environ["werkzeug.socket"]
    connection.shutdown(socket.SHUT_RDWR)
    return Response(status=500)
