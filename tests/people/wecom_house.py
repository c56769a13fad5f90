"""The product with its simulator, and what a browser does between the two to sign in."""

import re
from collections.abc import Iterator
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from flask import Flask
from sqlalchemy import select

from tests.notifications.conftest import office, sandbox
from tests.notifications.office import Office
from tests.visitor import Visitor
from tracker.kernel.config import Config
from tracker.notifications.channels.app import TOKENS
from tracker.notifications.rules import ChannelKind
from tracker.people.models import Person, User, UserSession
from tracker.people.rules import WecomRefusal
from tracker.wecom_sandbox.server import RunningSandbox

__all__ = ["office", "sandbox"]
R = WecomRefusal


@pytest.fixture
def config(config: Config, sandbox: RunningSandbox) -> Config:
    """The product goes out to the simulator."""
    values = {name: getattr(config, name) for name in config.__dataclass_fields__}
    hosts = {"wecom_base_url": sandbox.url, "wecom_allowed_hosts": (sandbox.url,)}
    return Config(**{**values, **hosts})


@pytest.fixture(autouse=True)
def tokens() -> Iterator[None]:
    yield
    TOKENS._known.clear()


@pytest.fixture
def way(office: Office) -> int:
    return office.way(ChannelKind.APP)


@pytest.fixture
def house(app: Flask, office: Office, way: int) -> "House":
    """Signing in through the city's application is on; the clerk is `Zhang.San` there."""
    house = House(app, office)
    house.name("clerk", "Zhang.San")
    house.switch_on(way)
    return house


class House:
    """The product with its simulator, and what a browser does between the two."""

    def __init__(self, app: Flask, office: Office) -> None:
        self.app, self.office = app, office
        self.database = office.database

    def name(self, username: str, userid: str | None) -> None:
        with self.database.writing() as session:
            user = session.scalars(select(User).where(User.username == username)).one()
            session.get_one(Person, user.person_id).wecom_userid = userid
            session.commit()
        if userid:
            self.office.sandbox.apps.name_member(userid)

    def switch_on(self, way: int, **fields: Any) -> Visitor:
        url = self.office.sandbox.url
        admin = Visitor(self.app)
        admin.sign_in("admin")
        given = {
            "is_on": "1",
            "way_id": str(way),
            "in_app_url": f"{url}/connect/oauth2/authorize",
            "scan_url": f"{url}/wwopen/sso/qrConnect",
            **fields,
        }
        answer = admin.post("/wecom-sign-in", given)
        assert answer.status_code == 302, admin.text
        return admin

    def agree(self, visitor: Visitor, userid: str, *, agent: str = "", target: str = "/") -> str:
        """Go to the authorize page as a browser does, click a member; return the way back."""
        page = requests.get(self.start(visitor, agent=agent, target=target), timeout=5)
        assert page.status_code == 200
        links = [
            unescape(link) for link in re.findall(r'href="(/sign-in-sandbox/[^"]+)"', page.text)
        ]
        (link,) = [each for each in links if userid in each]
        answer = requests.get(self.office.sandbox.url + link, allow_redirects=False, timeout=5)
        back = urlsplit(answer.headers["Location"])
        assert back.netloc == "127.0.0.1:8000"
        return f"{back.path}?{back.query}"

    def start(self, visitor: Visitor, *, agent: str = "", target: str = "/") -> str:
        headers = {"User-Agent": agent}
        path = f"/sign-in/wecom?{urlencode({'next': target})}"
        answer = visitor.get(path, headers=headers)
        assert answer.status_code == 302
        return str(answer.headers["Location"])

    def come_in(self, userid: str, **how: str) -> Visitor:
        visitor = Visitor(self.app)
        visitor.get(self.agree(visitor, userid, **how))
        return visitor

    def signed_in(self) -> list[int]:
        """Return who has a session that somebody began through enterprise WeChat."""
        with self.database.reading() as session:
            query = select(UserSession.user_id).where(UserSession.ended_at.is_(None))
            admin = self.office.cast.users["admin"]
            return [each for each in session.scalars(query) if each != admin]


def refusal(visitor: Visitor, back: str, *, follow: bool = True) -> WecomRefusal:
    answer = visitor.get(back)
    assert answer.status_code == 302
    there = urlsplit(answer.headers["Location"])
    assert there.path == "/sign-in"
    why = R(parse_qs(there.query)["wecom"][0])
    if follow:
        assert visitor.get(answer.headers["Location"]).status_code == 200
        assert why.label in unescape(visitor.text)
    return why
