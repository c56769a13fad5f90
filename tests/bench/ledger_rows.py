"""A large ledger in our own columns, as offices fill them in: long texts, merged issues, days as text and
as serial numbers. The same rows each time."""

from collections.abc import Iterator
from datetime import date, timedelta

from tracker.ledger.columns import COLUMNS, Field

Cell = str | int | float | date | None

MERGED_EVERY, MERGED_ROWS = 20, 3
MERGED_FIELDS = (Field.UNIT, Field.ISSUE_NO, Field.ISSUE, Field.DETAIL)
OPENINGS = ("理论学习中心组学习不够深入", "落实意识形态工作责任制有差距", "执行中央八项规定精神不严", "公务用车管理不规范",
            "工程项目招投标把关不严", "干部选拔任用程序有缺项", "基层党组织生活不正常", "巡察整改主体责任压得不实")  # fmt: skip
DETAILS = ("2025年以来，该单位有关会议记录不全，研究部署多、督促检查少，个别事项以会议落实会议，以文件落实文件，未见跟踪问效的痕迹。",
           "抽查2024年至2025年凭证，发现部分报销附件不齐、审批手续倒签，有关负责人对问题认识不到位，整改推动迟缓。",
           "走访座谈反映，群众诉求办理时限把握不严，存在答复不及时、回访不到位的情况，台账登记与实际办理不一致。")  # fmt: skip
MEASURES = ("1.修订完善有关制度；\n2.开展专项自查，逐项销账；\n3.组织专题培训，落实到人。",
            "召开党组会专题研究，明确责任领导和完成时限，每月调度一次，形成长效机制。",
            "对照问题逐条核查，立行立改；对历史遗留问题建立台账，分类处置。")  # fmt: skip
LEADERS = ("张建国", "李秀英", "欧阳修远", "阿依古丽·买买提", "王志强")
OWNERS = ("刘洋、陈静", "赵磊", "孙丽（13900000001）、周涛", "吴敏\n郑凯", "钱 进")
DUES: tuple[Cell, ...] = ("2026年12月底前", "2026.11.30", date(2026, 10, 31), 46356, "长期坚持", "立行立改",
                          "2027年上半年", "集中整改期内", "2026年9月30日前完成并长期坚持")  # fmt: skip
PROGRESS = "已召开专题会议研究部署，制定整改方案，明确责任分工，目前各项措施按计划推进，下一步将加强督导检查。"
FIRST_DAY = date(2026, 3, 1)


def ledger_rows(count: int) -> Iterator[tuple[Cell, ...]]:
    """Give so many rows below the header."""
    for number in range(count):
        told = _row(number)
        yield tuple(told.get(column.field) for column in COLUMNS)


def merged_tops(count: int) -> range:
    """Return the places of the rows, from 0, that begin an issue merged over MERGED_ROWS rows."""
    return range(0, count - MERGED_ROWS, MERGED_EVERY)


def _row(number: int) -> dict[Field, Cell]:
    below = number % MERGED_EVERY in range(1, MERGED_ROWS)
    issue = {} if below else _issue(number)
    closed = number % 4 == 0
    done_on = FIRST_DAY + timedelta(days=number % 120)
    return {
        **issue,
        Field.SERIAL: number + 1,
        Field.MEASURE: f"{MEASURES[number % 3]}（第{number + 1}项）",
        Field.GOAL: "问题清零，制度健全，长期坚持",
        Field.LEAD_LEADER: LEADERS[number % 5],
        Field.LEAD_DEPT: f"第{number % 12}科",
        Field.SUPPORT_DEPTS: "办公室、财务科" if number % 3 else None,
        Field.OWNER: OWNERS[number % 5],
        Field.PHONE: f"139{number % 100_000_000:08d}",
        Field.DUE: DUES[number % len(DUES)],
        Field.KIND: ("限期", "长期", "立行立改")[number % 3],
        Field.PROGRESS: f"{PROGRESS}（{number % 5_000}）" if number % 2 else PROGRESS,
        Field.COMPLETION: "已完成" if closed else ("未完成", "基本完成", "取得阶段性成效")[number % 3],
        Field.DONE_ON: _spelled(done_on, number) if closed else None,
        Field.EVIDENCE: "会议记录、学习笔记、整改报告" if number % 2 else None,
        Field.INSTITUTIONS: number % 4,
        Field.ACCOUNTABILITY: f"{number % 3}人次" if number % 5 else None,
        Field.RECOVERED: number % 100 / 10 if number % 7 == 0 else None,
        Field.CLOSED: "是" if closed else "否",
        Field.CLOSED_ON: _spelled(done_on + timedelta(days=20), number) if closed else None,
        Field.UNFINISHED: None if closed else "涉及历史遗留问题，需分步推进，下步将加强协调。",
        Field.REMARK: "无" if number % 6 == 0 else None,
    }  # fmt: skip


def _issue(number: int) -> dict[Field, Cell]:
    return {
        Field.ROUND: "十三届市委第三轮巡察",
        Field.TEAM: f"第{number % 8 + 1}巡察组",
        Field.UNIT: f"第{number % 90}试验局",
        Field.ISSUE_NO: f"{number % 90 + 1}-{number:05d}",
        Field.CATEGORY_1: "党的领导方面",
        Field.CATEGORY_2: "学习贯彻方面",
        Field.NATURE: "个性",
        Field.ISSUE: f"{OPENINGS[number % 8]}，第{number + 1}项工作存在差距",
        Field.DETAIL: f"{DETAILS[number % 3]}（{number + 1}）",
        Field.CAUSE: "思想认识有偏差，责任压得不实，制度执行不严" if number % 2 else None,
    }


def _spelled(day: date, number: int) -> Cell:
    """Write a day as offices do: a real date, with points, in Chinese, as a serial number."""
    spelled = (day, f"{day.year}.{day.month}.{day.day}", f"{day.year}年{day.month}月{day.day}日")
    return (*spelled, (day - date(1899, 12, 30)).days)[number % 4]
