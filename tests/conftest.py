"""Fixtures: real databases, a clock that stands still, the application and its visitors."""

import copy
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from playwright.sync_api import Browser, sync_playwright

from tests.databases import PostgresqlTemplate, SqliteTemplate, postgresql_server
from tests.factories.cast import Cast
from tests.fakes.clock import ManualClock
from tests.real_parts import require_program
from tests.visitor import Visitor
from tests.warm_start import (
    CastTemplate,
    cast_template,
    remember_addresses,
    remember_statements,
    remember_templates,
)
from tracker import create_app
from tracker.kernel.clock import at_local
from tracker.kernel.config import Config
from tracker.kernel.db import Database
from tracker.kernel.migrate import upgrade

settings.register_profile(
    "tracker",
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("tracker")

MONDAY = date(2026, 11, 16)
START = at_local(MONDAY, 9)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplate:
    template = SqliteTemplate(tmp_path_factory.mktemp("sqlite"))
    _migrate(template.url)
    return template


@pytest.fixture(scope="session")
def postgresql_template() -> Iterator[PostgresqlTemplate]:
    with postgresql_server() as url:
        template = PostgresqlTemplate(url)
        _migrate(template.url)
        yield template


@pytest.fixture(scope="session", autouse=True)
def _warm_start(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        remember_addresses(patch)
        remember_templates(patch, tmp_path_factory.mktemp("templates"))
        remember_statements(patch)
        yield


@pytest.fixture(scope="session")
def sqlite_cast(
    sqlite_template: SqliteTemplate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CastTemplate]:
    with cast_template(sqlite_template, tmp_path_factory.mktemp("cast"), now=START) as made:
        yield made


@pytest.fixture(scope="session")
def postgresql_cast(
    postgresql_template: PostgresqlTemplate, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[CastTemplate]:
    with cast_template(postgresql_template, tmp_path_factory.mktemp("cast"), now=START) as made:
        yield made


def _migrate(url: str) -> None:
    database = Database(url)
    upgrade(database)
    database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated database of each kind: empty, or with the cast where the test asks for it."""
    if "people" in request.fixturenames:
        template = request.getfixturevalue(f"{request.param}_cast").template
    else:
        template = request.getfixturevalue(f"{request.param}_template")
    with template.copy(tmp_path) as url:
        yield url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url, pool_size=5)
    yield database
    database.dispose()


@pytest.fixture
def clock() -> ManualClock:
    """Monday 2026-11-16, 09:00 in Beijing."""
    return ManualClock(START)


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Config:
    return make_config(database_url, tmp_path / "data")


def make_config(database_url: str, data_dir: Path, **changes: object) -> Config:
    data_dir.mkdir(exist_ok=True)
    values: dict[str, object] = {
        "database_url": database_url,
        "data_dir": data_dir,
        "secret_keys": ("test-secret-key-of-at-least-32-bytes!",),
        "trusted_hosts": ("127.0.0.1", "localhost"),
        **changes,
    }
    return Config(**values)  # type: ignore[arg-type]


@pytest.fixture
def app(config: Config, clock: ManualClock, database: Database) -> Flask:
    app = create_app(config, clock=clock, store=database)
    app.testing = False
    return app


@pytest.fixture
def people(database: Database, request: pytest.FixtureRequest) -> Cast:
    """The fixed cast: a city, two counties, units, and one sign-in of every role."""
    kind = "sqlite" if database.is_sqlite else "postgresql"
    made: CastTemplate = request.getfixturevalue(f"{kind}_cast")
    return copy.deepcopy(made.cast)


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """A browser nobody has signed in with."""
    return Visitor(app)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One real Chromium a process: two drivers cannot live in the same one."""
    path = require_program(
        "chromium", "chromium-browser", package="chromium fonts-wqy-microhei libatomic1"
    )
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--disable-gpu"])
        yield chromium
        chromium.close()
