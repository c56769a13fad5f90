"""The menu: one table; each person sees the entries the role may open."""

from dataclasses import dataclass, replace
from itertools import groupby

from flask import Flask, current_app, request, url_for
from flask_login import current_user

from tracker.kernel.permissions import Permission, may
from tracker.kernel.settings import get_setting, region_scope
from tracker.web.database import db


@dataclass(frozen=True)
class Entry:
    """One entry of the menu. `switch`: the setting of the own region that has to be on for it;
    `group`: the heading it stands under where the menu is long."""

    label: str
    endpoint: str
    permission: Permission
    simple_label: str | None = None
    under: tuple[str, ...] = ()
    """Other addresses whose pages belong to the entry."""
    switch: str | None = None
    group: str | None = None


@dataclass(frozen=True)
class NavLink:
    """An entry as a page shows it; a group of a long menu has `links` and no address."""

    label: str
    url: str
    active: bool
    links: tuple["NavLink", ...] = ()


@dataclass(frozen=True, kw_only=True)
class Who:
    """The signed-in person as the page's head shows them."""

    name: str
    role_label: str
    place: str
    sign_out_url: str
    password_url: str | None


OVERSIGHT = (
    "/visit-findings",
    "/assessments",
    "/assessment-sheets",
    "/assessment-grades",
    "/spot-checks",
    "/spot-check-items",
    "/spot-check-questions",
)
WORK, TOURS, MATTERS, OFFICE = "整改", "巡察", "函件移交", "管理"
LONGEST_FLAT = 10
MENU = (
    Entry("工作台", "home.index", Permission.HOME_READ, "工作台"),
    Entry("整改任务", "rectification.tasks", Permission.TASK_READ, "问题台账"),
    Entry("本月填报", "rectification.fill_in", Permission.TASK_REPORT),
    Entry("审核", "rectification.reviews", Permission.TASK_RETURN),
    Entry("会签", "rectification.cosign_reviews", Permission.TASK_COSIGN),
    Entry("统计", "statistics.figures", Permission.FIGURE_READ),
    Entry("报告", "reports.reports", Permission.REPORT_READ, "报表"),
    Entry("提醒", "reminders.overview", Permission.REMINDER_READ, "提醒"),
    Entry("按月报告", "rectification.monthly_reports", Permission.TASK_READ, group=WORK),
    Entry("整改方案", "rectification.plans", Permission.TASK_READ, group=WORK),
    Entry("单位材料", "rectification.documents", Permission.TASK_READ, group=WORK),
    Entry("督办事项", "rectification.watches", Permission.WATCH_READ, group=WORK),
    Entry("待复查", "rectification.long_term_reviews", Permission.LONG_TERM_REVIEW, group=WORK),
    Entry("台账导入", "ledger.imports", Permission.LEDGER_IMPORT, group=WORK),
    Entry("办理时长", "rectification.court", Permission.COURT_READ, group=WORK),
    Entry("监督检查", "letters.visits", Permission.VISIT_READ, under=OVERSIGHT, group=TOURS),
    Entry("反馈问题", "feedback.feedbacks", Permission.ROUND_READ, group=TOURS),
    Entry("巡察轮次", "rounds.rounds", Permission.ROUND_READ, group=TOURS),
    Entry("全覆盖", "statistics.coverage", Permission.STATISTICS_READ, group=TOURS),
    Entry("函件", "letters.letters", Permission.LETTER_READ, group=MATTERS),
    Entry("约谈", "letters.interviews", Permission.INTERVIEW_READ, group=MATTERS),
    Entry("问责", "letters.accountabilities", Permission.ACCOUNTABILITY_READ, group=MATTERS),
    Entry("岗位交接", "handover.received_posts", Permission.POST_CHANGE_ACKNOWLEDGE, group=MATTERS),
    Entry("意见建议", "handover.advices", Permission.ADVICE_READ, group=MATTERS),
    Entry("线索", "handover.clues", Permission.CLUE_READ, switch="clues_on", group=MATTERS),
    Entry("人员变动", "handover.post_changes", Permission.POST_CHANGE_READ, group=MATTERS),
    Entry("县区报送", "county_submissions.submissions", Permission.SUBMISSION_READ, group=MATTERS),
    Entry("报送登记", "dispatches.dispatches", Permission.DISPATCH_READ, group=MATTERS),
    Entry("总结段落", "summaries.summaries", Permission.STATISTICS_READ, group=MATTERS),
    Entry("发送记录", "notifications.deliveries", Permission.DELIVERY_READ, group=OFFICE),
    Entry("通道健康", "notifications.channel_health", Permission.DELIVERY_READ, group=OFFICE),
    Entry("群机器人", "notifications.channels", Permission.CHANNEL_MANAGE, group=OFFICE),
    Entry("发送到本人", "notifications.ways", Permission.WAY_MANAGE, group=OFFICE),
    Entry("单位", "administration.units", Permission.ORGANIZATION_EDIT, group=OFFICE),
    Entry("人员", "administration.persons", Permission.ORGANIZATION_EDIT, group=OFFICE),
    Entry("人员账号", "people.accounts", Permission.ACCOUNT_MANAGE, group=OFFICE),
    Entry("线索授权", "handover.clue_policies", Permission.GRANT_MANAGE, group=OFFICE),
    Entry("工作日历", "administration.calendar", Permission.CALENDAR_READ, group=OFFICE),
    Entry("地区", "administration.regions", Permission.ACCOUNT_MANAGE, group=OFFICE),
    Entry("权限诊断", "diagnosis.access_diagnosis", Permission.ACCESS_DIAGNOSE, group=OFFICE),
    Entry("审计留痕", "audit.entries", Permission.AUDIT_READ, group=OFFICE),
    Entry("文件校验", "administration.file_checks", Permission.SYSTEM_SETTINGS, group=OFFICE),
    Entry("授权代理", "people.delegations", Permission.DELEGATION_READ, group=OFFICE),
    Entry("企业微信登录", "people.wecom_sign_in", Permission.SYSTEM_SETTINGS, group=OFFICE),
    Entry("工作模式", "administration.office_mode", Permission.SYSTEM_SETTINGS, group=OFFICE),
)


SETTINGS = Entry("设置", "administration.settings", Permission.HOME_READ)


def init_app(app: Flask) -> None:
    """Give every template `nav`, `who` and `as_of`-free defaults."""
    app.context_processor(_context)


def _context() -> dict[str, object]:
    if not current_user.is_authenticated:
        return {"nav": [], "who": None}
    return {"nav": _links(), "who": _who()}


def _links() -> list[NavLink]:
    """Return the menu; in 简易模式 a short one, with the rest on the page 设置."""
    mine = _mine()
    if current_user.actor.simple_mode:
        mine = [
            (replace(entry, label=entry.simple_label), url)
            for entry, url in mine
            if entry.simple_label
        ]
        mine.append((SETTINGS, url_for(SETTINGS.endpoint)))
    active = _active(mine)
    links = [(entry.group, NavLink(entry.label, url, entry is active)) for entry, url in mine]
    return [link for _group, link in links] if len(links) <= LONGEST_FLAT else _grouped(links)


def _grouped(links: list[tuple[str | None, NavLink]]) -> list[NavLink]:
    """Return a long menu: entries without a group, then the groups; one of a single entry is none."""
    found: list[NavLink] = []
    for group, together in groupby(links, key=lambda pair: pair[0]):
        inner = tuple(link for _group, link in together)
        if group is None or len(inner) == 1:
            found += inner
        else:
            found.append(NavLink(group, "", any(link.active for link in inner), inner))
    return found


def _mine() -> list[tuple[Entry, str]]:
    return [
        (entry, url_for(entry.endpoint))
        for entry in MENU
        if entry.endpoint in current_app.view_functions
        and may(current_user.actor, entry.permission)
        and _is_switched_on(entry)
    ]


def links_beside_the_menu() -> list[NavLink]:
    """Return what 简易模式 keeps out of the menu: the entries of the page 设置."""
    return [NavLink(entry.label, url, False) for entry, url in _mine() if not entry.simple_label]


def _is_switched_on(entry: Entry) -> bool:
    region_id = current_user.actor.region_id
    if entry.switch is None or region_id is None:
        return entry.switch is None
    return get_setting(db(), entry.switch, "0", scope=region_scope(region_id)) == "1"


def _active(entries: list[tuple[Entry, str]]) -> Entry | None:
    """Return the entry whose address the page lies under, else the first of the page's room."""
    under = [
        (len(url), entry)
        for entry, first in entries
        for url in (first, *entry.under)
        if request.path == url or request.path.startswith(url.rstrip("/") + "/")
        if url != "/" or request.path == "/"
    ]
    if under:
        return max(under, key=lambda found: found[0])[1]
    room = (request.endpoint or "").split(".")[0]
    return next((entry for entry, _ in entries if entry.endpoint.split(".")[0] == room), None)


def _who() -> Who:
    return Who(
        name=current_user.name,
        role_label=current_user.role_label,
        place=current_user.place,
        sign_out_url=url_for("people.sign_out"),
        password_url=url_for("people.change_password"),
    )
