"""Uploads, and the messages that show them."""

import pytest
import requests

from tests.wecom_sandbox.conftest import HandClock
from tests.wecom_sandbox.robots import Robot
from tracker.wecom_sandbox.server import RunningSandbox

MEGABYTE = 1024 * 1024


def show(robot: Robot, media_id: str, msgtype: str = "file") -> int:
    return robot.errcode({"msgtype": msgtype, msgtype: {"media_id": media_id}})


def test_an_upload_gives_a_media_id_that_a_file_message_shows(
    robot: Robot, sandbox: RunningSandbox
) -> None:
    answer = robot.upload("整改情况".encode())
    assert answer["errcode"] == 0
    assert answer["errmsg"] == "ok"
    assert answer["type"] == "file"
    assert answer["created_at"] == "1795138200"
    assert show(robot, answer["media_id"]) == 0
    [seen] = sandbox.seen()
    assert seen["content"] == "整改报告.docx"
    assert seen["payload"]["size"] == 12


def test_a_media_id_belongs_to_one_robot(robot: Robot) -> None:
    media_id = robot.upload(b"123456")["media_id"]
    assert show(Robot(robot.url, "demo-office"), media_id) == 40007
    assert show(robot, media_id, "voice") == 40007


def test_a_media_id_dies_after_three_days(robot: Robot, clock: HandClock) -> None:
    media_id = robot.upload(b"123456")["media_id"]
    clock.advance(days=3)
    assert show(robot, media_id) == 0
    clock.advance(seconds=1)
    assert show(robot, media_id) == 40007


@pytest.mark.parametrize(("size", "errcode"), [(0, 44001), (5, 40006), (6, 0), (20 * MEGABYTE, 0)])
def test_a_file_has_a_least_and_a_largest_size(robot: Robot, size: int, errcode: int) -> None:
    assert robot.upload(b"x" * size)["errcode"] == errcode


def test_a_file_beyond_20_megabytes_is_refused(robot: Robot) -> None:
    assert robot.upload(b"x" * (20 * MEGABYTE + 1))["errcode"] == 40006


def test_the_field_must_be_named_media(robot: Robot) -> None:
    assert robot.upload(b"123456", field="file")["errcode"] == 44001


def test_a_type_that_is_neither_file_nor_voice_is_refused(robot: Robot) -> None:
    assert robot.upload(b"123456", kind="video")["errcode"] == 40004


def test_a_voice_must_be_amr(robot: Robot) -> None:
    assert robot.upload(b"#!AMR\n123", kind="voice")["errcode"] == 0
    assert robot.upload(b"RIFF12345", kind="voice")["errcode"] == 40005


@pytest.mark.parametrize(
    ("names", "errcode"),
    [
        ('filename="整改报告.docx"', 0),
        ("filename*=utf-8''%E6%95%B4%E6%94%B9.docx", 44001),
        ("filename=\"a.docx\"; filename*=utf-8''%E6%95%B4%E6%94%B9.docx", 0),
    ],
)
def test_a_file_name_must_be_given_plainly(robot: Robot, names: str, errcode: int) -> None:
    body = (
        f'--limit\r\nContent-Disposition: form-data; name="media"; {names}\r\n'
        "Content-Type: application/octet-stream\r\n\r\n123456\r\n--limit--\r\n"
    )
    response = requests.post(
        f"{robot.url}/cgi-bin/webhook/upload_media?key={robot.key}&type=file",
        data=body.encode(),
        headers={"Content-Type": "multipart/form-data; boundary=limit"},
        timeout=10,
    )
    assert response.json()["errcode"] == errcode


def test_a_multipart_type_without_its_boundary_holds_no_file(robot: Robot) -> None:
    response = requests.post(
        f"{robot.url}/cgi-bin/webhook/upload_media?key={robot.key}&type=file",
        data=b"123456",
        headers={"Content-Type": "multipart/form-data"},
        timeout=10,
    )
    assert response.json()["errcode"] == 44001


def test_an_upload_under_an_unknown_key_is_an_invalid_webhook(sandbox: RunningSandbox) -> None:
    assert Robot(sandbox.url, "").upload(b"123456")["errcode"] == 93000
