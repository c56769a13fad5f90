"""What only a simulator has: what was seen, which faults come next, how groups are called."""

from dataclasses import asdict
from typing import Any

from flask import Blueprint, Response, jsonify, request

from tracker.wecom_sandbox.apps import AppHost
from tracker.wecom_sandbox.faults import APP_ENDPOINTS, parse_fault
from tracker.wecom_sandbox.host import RobotHost


def make_control(host: RobotHost, apps: AppHost) -> Blueprint:
    """`/seen`, `/attempts`, `/faults` and `/groups`. Bodies are JSON objects, declared as such."""
    control = Blueprint("control", __name__)
    _add_records(control, host)
    _add_faults(control, host, apps)
    _add_groups(control, host)

    @control.errorhandler(ValueError)
    def say_what_to_mend(error: ValueError) -> tuple[Response, int]:
        return jsonify(error=str(error)), 400

    return control


def _add_records(control: Blueprint, host: RobotHost) -> None:
    @control.get("/seen")
    def seen() -> Response:
        return jsonify([one.as_json() for one in host.messages(request.args.get("key"))])

    @control.delete("/seen")
    def clear() -> tuple[str, int]:
        host.clear()
        return "", 204

    @control.get("/attempts")
    def attempts() -> Response:
        return jsonify([one.as_json() for one in host.attempts(request.args.get("key"))])


def _add_faults(control: Blueprint, host: RobotHost, apps: AppHost) -> None:
    @control.get("/faults")
    def scripted() -> Response:
        return jsonify([asdict(fault) for fault in host.scripted()])

    @control.post("/faults")
    def script() -> tuple[Response, int]:
        fault = parse_fault(_json_object())
        (apps if fault.endpoint in APP_ENDPOINTS else host).script(fault)
        return jsonify(asdict(fault)), 201

    @control.delete("/faults")
    def clear_faults() -> tuple[str, int]:
        host.clear_faults()
        return "", 204


def _add_groups(control: Blueprint, host: RobotHost) -> None:
    @control.post("/groups")
    def register() -> tuple[Response, int]:
        wanted = _json_object()
        fields = [str(wanted.get(name, "")) for name in ("key", "name", "robot_name")]
        return jsonify(asdict(host.register(*fields))), 201

    @control.delete("/groups/<key>")
    def remove_robot(key: str) -> tuple[str, int]:
        host.remove_robot(key)
        return "", 204


def _json_object() -> dict[str, Any]:
    body = request.get_json(silent=True)
    if not isinstance(body, dict):
        sentence = "请求体须是 JSON 对象（Content-Type: application/json），请修改后重试。"
        raise ValueError(sentence)  # noqa: TRY004 - one kind of mistake for the caller
    return body
