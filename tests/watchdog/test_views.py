"""/readyz and /metrics: what they say, and to whom."""

from dataclasses import replace
from datetime import timedelta

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from jobs.context import JobContext
from jobs.running import run_slot
from jobs.schedule import lead
from tests.notifications.office import Office
from tests.visitor import Visitor
from tracker import create_app
from tracker.kernel.config import Config
from tracker.kernel.errors import ConfigError, DomainError
from tracker.notifications.rules import ChannelKind

TOKEN = "a-token-of-sixteen-bytes"


def read(app: Flask, address: str = "127.0.0.1", **headers: str) -> TestResponse:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return app.test_client().get("/metrics", headers=named, environ_base={"REMOTE_ADDR": address})


def figures(app: Flask) -> dict[str, float]:
    lines = read(app).get_data(as_text=True).splitlines()
    assert all(
        line.startswith(("# HELP tracker_", "# TYPE tracker_", "tracker_")) for line in lines
    )
    pairs = (line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
    return {name: float(value) for name, value in pairs}


def test_readiness_tells_of_database_schema_storage_and_jobs(
    visitor: Visitor, office: Office, context: JobContext
) -> None:
    answer = visitor.get("/readyz")
    assert (answer.status_code, answer.json) == (
        200,
        {
            "database": True,
            "migrations": True,
            "storage": True,
            "jobs": {
                "ok": False,
                "pushing": True,
                "leader_age_seconds": None,
                "last_run_at": None,
            },
        },
    )
    lead(context)
    run_slot("count", lambda _context, _now: 1, "slot", context, now=office.clock.now())
    jobs = visitor.get("/readyz").json["jobs"]  # type: ignore[index]
    assert jobs["ok"] is True
    assert 0 <= jobs["leader_age_seconds"] < 5
    assert jobs["last_run_at"] == office.clock.now().isoformat(timespec="seconds")


def test_the_figures_are_those_of_the_database(
    app: Flask, office: Office, context: JobContext
) -> None:
    office.channel("own", ChannelKind.UNIT, unit="a")
    office.queue(1)
    office.sandbox.script_fault("40058")
    office.deliver()
    office.queue(2)
    office.deliver()
    office.queue(3, 4)
    office.clock.advance(timedelta(seconds=90))
    lead(context)
    run_slot("good", lambda _context, _now: 1, "slot", context, now=office.clock.now())
    run_slot("bad", refuse, "slot", context, now=office.clock.now())
    found = figures(app)
    kind = "sqlite" if office.database.is_sqlite else "postgresql"
    assert found[f'tracker_info{{database="{kind}"}}'] == 1
    assert found["tracker_messages_queued"] == 2
    assert found["tracker_oldest_message_age_seconds"] == 90
    assert [
        found[f'tracker_deliveries{{state="{state}"}}'] for state in ("sent", "failed", "uncertain")
    ] == [1, 1, 0]
    assert found['tracker_robots{state="active"}'] == 1
    assert found["tracker_pushing"] == found["tracker_leader_alive"] == 1
    assert 0 <= found["tracker_leader_age_seconds"] < 5
    at = round(office.clock.now().timestamp())
    for job, is_ok in (("good", 1), ("bad", 0)):
        assert found[f'tracker_job_last_run_timestamp_seconds{{job="{job}"}}'] == at
        assert found[f'tracker_job_last_run_ok{{job="{job}"}}'] == is_ok


def refuse(_context: JobContext, _now: object) -> int:
    raise DomainError("不行。")


def test_figures_name_no_unit_no_group_and_no_key(app: Flask, office: Office) -> None:
    channel_id = office.channel("own-secret-key", ChannelKind.UNIT, unit="a", name="甲群")
    office.queue(1)
    office.deliver()
    text = read(app).get_data(as_text=True)
    mark = office.get_channel(channel_id).key_mark
    assert "tracker_messages_queued" in text
    for secret in ("甲", "own-secret-key", mark[:8], "T-0001"):
        assert secret not in text


@pytest.mark.parametrize("address", ["10.0.0.9", "::ffff:10.0.0.9", "not an address"])
def test_from_another_machine_nothing_is_there_without_the_token(
    app: Flask, address: str, office: Office
) -> None:
    assert read(app, address).status_code == 404
    assert read(app, address, Authorization="Bearer ").status_code == 404
    assert read(app, address, Authorization=f"Bearer {TOKEN}").status_code == 404


def test_with_the_token_it_is_there_from_anywhere(config: Config, office: Office) -> None:
    app = create_app(
        replace(config, metrics_token=TOKEN), clock=office.clock, store=office.database
    )
    assert read(app, "10.0.0.9", Authorization=f"Bearer {TOKEN}").status_code == 200
    for wrong in ("", "Bearer ", f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer é"):
        assert read(app, "10.0.0.9", Authorization=wrong).status_code == 404
    assert read(app, "127.0.0.1").status_code == 200


@pytest.mark.parametrize("header", ["X_Forwarded_For", "Forwarded", "X_Real_IP", "Via"])
def test_what_a_proxy_of_this_machine_hands_on_is_not_this_machine(
    app: Flask, office: Office, header: str
) -> None:
    assert read(app).status_code == 200
    assert read(app, **{header: "127.0.0.1"}).status_code == 404


def test_a_short_token_is_refused_at_the_start() -> None:
    with pytest.raises(ConfigError, match="TRACKER_METRICS_TOKEN 太短"):
        Config.from_env({"TRACKER_SECRET_KEY": "x" * 32, "TRACKER_METRICS_TOKEN": "short"})
