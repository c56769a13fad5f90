"""The pages: all groups, and one group as its members would see it."""

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from flask import Blueprint, Response, abort, render_template, request
from markupsafe import Markup

from tracker.wecom_sandbox.apps import AppHost
from tracker.wecom_sandbox.clock import BEIJING
from tracker.wecom_sandbox.groups import Group
from tracker.wecom_sandbox.host import RobotHost
from tracker.wecom_sandbox.markup import mention_label, render_markdown, render_text
from tracker.wecom_sandbox.messages import Message

WEEKDAYS = "一二三四五六日"
PAGE_POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
)
REFRESH_SECONDS = 5


@dataclass(frozen=True)
class GroupCard:
    """A group in the list: how many messages it holds and the newest, if any."""

    group: Group
    count: int
    newest: Message | None


def make_pages(host: RobotHost, apps: AppHost) -> Blueprint:
    """`/` and `/groups/<key>`."""
    pages = Blueprint("pages", __name__)
    pages.add_app_template_filter(clock_time)
    pages.add_app_template_filter(shown_content)
    pages.add_app_template_filter(shown_mentions)
    pages.add_app_template_filter(file_size)

    @pages.get("/")
    def groups() -> str:
        return render_template("groups.html", cards=_cards(host), members=apps.members())

    @pages.get("/groups/<key>")
    def group(key: str) -> Response:
        found = host.find_group(key)
        if found is None:
            abort(404)
        days = [
            (day_label(day), list(messages))
            for day, messages in groupby(
                host.messages(key), key=lambda one: one.received_at.astimezone(BEIJING).date()
            )
        ]
        live = "live" in request.args
        page = Response(render_template("group.html", group=found, days=days, live=live))
        if live:
            page.headers["Refresh"] = str(REFRESH_SECONDS)
        return page

    @pages.after_app_request
    def set_policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = PAGE_POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    @pages.app_errorhandler(404)
    def not_found(_error: Exception) -> tuple[str, int]:
        return render_template("not_found.html"), 404

    return pages


def _cards(host: RobotHost) -> list[GroupCard]:
    cards = []
    for group in host.groups():
        messages = host.messages(group.key)
        cards.append(GroupCard(group, len(messages), messages[-1] if messages else None))
    return cards


def day_label(day: date) -> str:
    """The line between two days: 2026年11月20日 星期五."""
    return f"{day.year}年{day.month}月{day.day}日 星期{WEEKDAYS[day.weekday()]}"


def clock_time(instant: datetime) -> str:
    """Hour and minute in Beijing."""
    return f"{instant.astimezone(BEIJING):%H:%M}"


def shown_content(message: Message) -> Markup:
    """The content as HTML: markdown rendered, everything else as text."""
    render = render_markdown if message.msgtype == "markdown" else render_text
    return render(message.content)


def shown_mentions(message: Message) -> list[str]:
    """Who is named beside the content; inline mentions already stand inside it."""
    listed = [
        *message.payload.get("mentioned_list", []),
        *message.payload.get("mentioned_mobile_list", []),
    ]
    return [mention_label(person) for person in dict.fromkeys(listed)]


def file_size(size: int) -> str:
    """Bytes as people read them."""
    if size < 1024:
        return f"{size} B"
    return f"{size / 1024:.1f} KB" if size < 1024 * 1024 else f"{size / 1024 / 1024:.1f} MB"
