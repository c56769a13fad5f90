"""Three secrets are typed into pages, used, refused, lost and rotated; then they are looked for everywhere.

A robot's key, an application's secret, a mail password: in what every logger says at DEBUG, on the pages of
every role, in downloads, in the trail, in the bytes and the dump of the database; as they are, as part of an
address, as base64, as JSON.
"""

import base64
import io
import json
import logging
import re
import sqlite3
import subprocess
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
import structlog
import trustme
from flask import Flask
from sqlalchemy import make_url, select

from tests.databases import _binaries
from tests.factories.cast import MEMBERS
from tests.notifications.mail_server import Behaviour, mail_server
from tests.notifications.office import Office
from tests.visitor import Visitor
from tracker.audit.models import AuditEntry
from tracker.kernel import logs
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.notifications.channels.mail import Mailer
from tracker.notifications.channels.transport import Way
from tracker.notifications.channels.wecom import WecomRobot
from tracker.notifications.models import Channel
from tracker.notifications.rules import ChannelKind
from tracker.people.models import Person
from tracker.wecom_sandbox.server import RunningSandbox

ROBOT, NEXT_ROBOT = "robot-key-3f9c_77aa10", "rotated-key-51d0_bb20"
APP, MAIL = "app/secret+9999=&x y", "m@il+password/7777=&"
SECRETS = (ROBOT, NEXT_ROBOT, APP, MAIL)
ROOMS = ("notifications", "audit", "home", "diagnosis", "health")
EACH_ROLE = list({role: username for username, role, *_rest in reversed(MEMBERS)}.values())
DOWNLOADS = (
    ("auditor", "/audit/export/csv"),
    ("auditor", "/audit/export/xlsx"),
    ("clerk", "/ledger/export"),
)
A_WHILE = timedelta(minutes=6)
SHORT_OF_IT = 3  # base64 in one of three places: the edges depend on the neighbours


def spellings(secret: str) -> set[str]:
    """Return how a secret may be written."""
    found = {secret, quote(secret, safe=""), quote_plus(secret), json.dumps(secret)[1:-1]}
    found |= {secret.encode().hex(), repr(secret)[1:-1]}
    for shift in range(SHORT_OF_IT):
        coded = base64.b64encode(b"\0" * shift + secret.encode() + b"\0" * 3)
        inner = coded[4:].decode().rstrip("=")[: len(secret) * 4 // 3 - 4]
        found |= {inner, inner.replace("+", "-").replace("/", "_")}
    return found


SPELLINGS = {secret: spellings(secret) for secret in SECRETS}


def told(text: str) -> list[str]:
    """Return the secrets that a text tells."""
    return [secret for secret, forms in SPELLINGS.items() if any(form in text for form in forms)]


def test_a_secret_is_found_however_it_is_written() -> None:
    for secret in SECRETS:
        for before in ("", "a", "ab"):
            coded = base64.b64encode(f"{before}key={secret}&x".encode())
            assert told(coded.decode()) == [secret]
        assert told(f"https://x?{quote(secret, safe='')}") == [secret]
        assert told(json.dumps({"a": secret})) == [secret]


@contextmanager
def everything_logged() -> Iterator[io.StringIO]:
    """Set up logging as the product does, and then let every logger say all it has to say."""
    said = io.StringIO()
    root, before = logging.getLogger(), structlog.get_config()
    handlers, level = root.handlers[:], root.level
    root.handlers = []
    logs.configure("json")
    structlog.configure(**{**structlog.get_config(), "cache_logger_on_first_use": False})
    root.handlers = [logging.StreamHandler(said)]
    loud = [name for name in logging.Logger.manager.loggerDict if not name.startswith("faker")]
    levels = {name: logging.getLogger(name).level for name in loud}
    for name in ("", *loud, "urllib3", "requests", "sqlalchemy.engine", "http.client"):
        logging.getLogger(name).setLevel(logging.DEBUG)
    try:
        yield said
    finally:
        root.handlers, root.level = handlers, level
        for name in loud:
            logging.getLogger(name).setLevel(levels[name])
        structlog.configure(**before)


@pytest.fixture
def ca_file(tmp_path: Path) -> str:
    return str(tmp_path / "ca.pem")


@pytest.fixture
def mail_port(ca_file: str) -> Iterator[int]:
    behaviour = Behaviour()
    behaviour.password = MAIL
    authority = trustme.CA()
    authority.cert_pem.write_to_path(ca_file)
    with mail_server(behaviour, authority=authority) as port:
        yield port


@pytest.fixture
def config(config: Config, sandbox: RunningSandbox, mail_port: int, ca_file: str) -> Config:
    values = {name: getattr(config, name) for name in config.__dataclass_fields__}
    ours = {
        "wecom_base_url": sandbox.url,
        "wecom_allowed_hosts": (sandbox.url,),
        "mail_allowed_servers": (f"127.0.0.1:{mail_port}",),
        "ca_file": ca_file,
    }
    return Config(**{**values, **ours})


class House:
    """The pages as people use them, and all they were ever shown."""

    def __init__(self, app: Flask, office: Office) -> None:
        self.app, self.office = app, office
        self.visitors: dict[str, Visitor] = {}
        self.shown: list[tuple[str, str]] = []

    def who(self, username: str) -> Visitor:
        if username not in self.visitors:
            visitor = Visitor(self.app)
            visitor.sign_in(username)
            self.visitors[username] = visitor
        return self.visitors[username]

    def post(self, who: str, path: str, /, *, via: str | None = None, **fields: Any) -> int:
        answer = self.who(who).post(path, fields, via=via)
        self.shown.append((path, answer.get_data(as_text=True)))
        self.shown.append((path, str(answer.headers)))
        return answer.status_code

    def get(self, username: str, path: str) -> None:
        content = self.who(username).get(path).get_data()
        if content.startswith(b"PK"):  # a workbook
            with zipfile.ZipFile(io.BytesIO(content)) as book:
                content = b"".join(map(book.read, book.namelist()))
        self.shown.append((f"{username} {path}", content.decode("utf-8", "replace")))

    def id_of(self, kind: ChannelKind) -> int:
        with self.office.database.reading() as session:
            return session.scalars(select(Channel.id).where(Channel.kind == kind)).one()


def set_up(house: House, port: int) -> None:
    """Type the secrets in: rightly, wrongly, and once more."""
    city, url = house.office.cast.regions["city"], house.office.sandbox.webhook_url(ROBOT)
    group: dict[str, Any] = {"name": "市甲局群", "kind": "unit", "region_id": city}
    group["unit_id"] = house.office.cast.units["a"]
    elsewhere = url.replace("127.0.0.1", "elsewhere.example")
    for address in (elsewhere, f"{url}#x", f"{url}&key={NEXT_ROBOT}", f"ftp://x/{ROBOT}"):
        assert house.post("admin", "/channels/new", robot_url=address, **group) == 422
    assert house.post("admin", "/channels/new", robot_url=url, **group) == 302
    assert house.post("admin", "/channels/new", robot_url=url, **group) == 422  # known by its name
    app: dict[str, Any] = {
        "name": "应用",
        "base": house.office.sandbox.url,
        "corpid": "ww1",
        "agentid": "7",
    }
    mail: dict[str, Any] = {
        "name": "邮件",
        "host": "127.0.0.1",
        "port": port,
        "sender": "xcb@example.cn",
    }
    mail |= {"security": "starttls", "username": "xcb"}
    for path, fields, wrong, secret in (
        ("/ways/new-app", app, {"base": "https://elsewhere.example"}, APP),
        ("/ways/new-mail", mail, {"security": "plain"}, MAIL),
    ):
        assert house.post("lead", path, typed_secret=secret, **{**fields, **wrong}) == 422
        assert house.post("lead", path, typed_secret=secret, **fields) == 302
    house.office.sandbox.apps.add_app("ww1", APP, 7)


def use(house: House) -> None:
    """Send by all three, well and badly."""
    office = house.office
    robot = house.id_of(ChannelKind.UNIT)
    echo = json.dumps({"errcode": 40058, "errmsg": f"bad {ROBOT}"})
    office.sender = WecomRobot.from_config(office.config)
    office.set(digests_per_day=5)
    for number, fault in enumerate(
        ("", "http500", "body", "accept_then_drop", "redirect", "93000")
    ):
        if fault:
            office.sandbox.script_fault(fault, endpoint="send", body=echo)
        office.queue(number)
        office.deliver()
        house.post("admin", f"/channels/{robot}/test", via="/channels")
        office.clock.advance(A_WHILE)
        if fault == "redirect":
            address = office.sandbox.webhook_url(NEXT_ROBOT)
            path = f"/channels/{robot}/address"
            assert house.post("admin", path, robot_url=address) == 302
    for kind in (ChannelKind.APP, ChannelKind.MAIL):
        house.visitors.clear()  # a sign-in lasts half an hour
        for fault in ("", "40001", "http500", "accept_then_drop"):
            if fault and kind is ChannelKind.APP:
                office.sandbox.script_fault(fault, endpoint="gettoken")
                office.sandbox.apps.end_tokens()
            house.post("lead", f"/ways/{house.id_of(kind)}/test", via="/ways")
            office.clock.advance(A_WHILE)


def break_down(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the code itself fail with a secret in hand, and in the error's own words."""
    robot = house.id_of(ChannelKind.UNIT)
    house.visitors.clear()

    def fail(_self: object, url: str, *_more: object) -> None:
        held = url  # among the locals of the trace
        raise RuntimeError(f"no way to {held}")

    with monkeypatch.context() as patch:
        patch.setattr(WecomRobot, "send", fail)
        patch.setattr(Mailer, "send", fail)
        house.office.sender = WecomRobot(Way(allowed_hosts=()))
        house.office.queue(99)
        house.office.deliver()
        assert house.post("admin", f"/channels/{robot}/test", via="/channels") == 500
        way = house.id_of(ChannelKind.MAIL)
        assert house.post("lead", f"/ways/{way}/test", via="/ways") == 500


def look_around(house: House) -> None:
    """Let everybody open what there is to see."""
    adapter = house.app.url_map.bind("localhost")
    rows = {"channel_id": house.id_of(ChannelKind.UNIT), "way_id": house.id_of(ChannelKind.APP)}
    rows["entry_id"] = 1
    for rule in adapter.map.iter_rules():
        if "GET" not in (rule.methods or ()) or rule.endpoint.split(".")[0] not in ROOMS:
            continue
        if not rule.arguments <= set(rows):
            continue
        path = re.sub(r"<(?:\w+:)?(\w+)>", lambda found: str(rows[found[1]]), rule.rule)
        for username in EACH_ROLE:
            house.get(username, path)
    for username, path in DOWNLOADS:
        house.get(username, path)


def come_back_too_late(house: House) -> None:
    """Send forms with a sign-in that is over: what was typed is kept on its way."""
    robot, way = house.id_of(ChannelKind.UNIT), house.id_of(ChannelKind.APP)
    house.office.clock.advance(timedelta(days=2))
    address = house.office.sandbox.webhook_url(ROBOT)
    assert house.post("admin", f"/channels/{robot}/address", robot_url=address) == 401
    assert house.post("lead", f"/ways/{way}/edit", typed_secret=APP) == 401


def dump_of(database: Database) -> Iterator[str]:
    """Yield the database as its own tools and as its file tell it."""
    url = make_url(database.url)
    if not database.is_sqlite:
        binaries = _binaries()
        program = str(binaries / "pg_dump") if binaries else "pg_dump"
        plain = url.set(drivername="postgresql").render_as_string(hide_password=False)
        command = [program, "--inserts", plain]
        yield subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return
    file = Path(url.database or "")
    with sqlite3.connect(file) as connection:
        yield "\n".join(connection.iterdump())
    connection.close()
    for part in file.parent.glob(f"{file.name}*"):
        yield part.read_bytes().decode("latin-1")


def test_no_secret_stands_anywhere_but_sealed(
    app: Flask,
    office: Office,
    mail_port: int,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    with office.database.writing() as session:
        lead = session.get_one(Person, office.cast.actor("lead").person_id)
        lead.wecom_userid, lead.email = "lead.one", "lead@example.cn"
        session.commit()
    house = House(app, office)
    with everything_logged() as said:
        set_up(house, mail_port)
        use(house)
        break_down(house, monkeypatch)
        look_around(house)
        come_back_too_late(house)
    log = said.getvalue()
    assert "RuntimeError" in log
    assert "message answered" in log
    assert "INSERT INTO channels" in log
    out = capfd.readouterr()
    assert told(log + out.out + out.err) == []
    assert len(house.shown) > 200
    assert sum("机器人" in text for path, text in house.shown if "export" in path) > 0
    assert {path: told(text) for path, text in house.shown if told(text)} == {}
    with office.database.reading() as session:
        trail = session.scalars(select(AuditEntry)).all()
        sealed = session.scalars(select(Channel.sealed_url)).all()
    assert {"channel_added", "channel_rotated", "channel_tested"} <= {row.action for row in trail}
    assert told(repr([vars(row) for row in trail])) == []
    assert told("".join(office.sealer.open(one) for one in sealed)) == [NEXT_ROBOT, APP, MAIL]
    dumps = list(dump_of(office.database))
    assert any("sealed_url" in dump for dump in dumps)
    for dump in dumps:
        assert told(dump) == []
