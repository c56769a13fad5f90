"""Commands about figures."""

import getpass
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Region
from tracker.organizations.queries import region_by_code
from tracker.rounds.models import Round, Term
from tracker.statistics.asked import COMPARED, Asked, UnknownFilterError, ask
from tracker.statistics.filters import Filter
from tracker.statistics.queries.query import FigureQuery, readable_regions, terms_of
from tracker.statistics.rules import Figure
from tracker.statistics.service import latest_round, measure_all
from tracker.statistics.shapes import as_data
from tracker.web.database import database, today

stats_group = AppGroup("stats", help="统计数据。")
Command = TypeVar("Command", bound=Callable[..., Any])
OF_ONE_REGION = frozenset({Filter.TERM, Filter.ROUND, Filter.UNIT, Filter.THEME, Filter.PLACE})
"""Filters whose words mean something else in another region."""
OPTIONS = {
    Filter.TERM: ("--term", "只看这一届，写届数，如 7。"),
    Filter.ROUND: ("--round", "只看这一轮，写轮次代码。"),
    Filter.ROUND_KIND: ("--round-kind", "只看这一巡察类型，如 专项。"),
    Filter.THEME: ("--theme", "只看这一主题的轮次。"),
    Filter.SOURCE: ("--source", "只看这一反馈来源，如 中央巡视。"),
    Filter.UNIT: ("--unit", "只看这个单位，写单位代码。"),
    Filter.TAG: ("--tag", "只看带这个标签的问题，如 民生。"),
    Filter.CATEGORY: ("--category", "只看这一类单位，如 乡镇（街道）。"),
    Filter.LEVEL: ("--level", "只看位于这一级的单位。"),
    Filter.PLACE: ("--place", "只看位于这个地区的单位，写地区代码。"),
    Filter.SINCE: ("--since", "只看这一天起发生的，如 2026-01-01。"),
}


class Block(NamedTuple):
    """The figures of one region, of one round of it where `tour` is set."""

    region: Region
    tour: Round | None
    asked: Asked
    figures: list[Figure]


def _filter_options(command: Command) -> Command:
    for one, (option, words) in reversed(OPTIONS.items()):
        command = click.option(option, one.value, default="", help=words)(command)
    return command


@stats_group.command("show")
@click.option("--as-of", "as_of", type=click.DateTime(["%Y-%m-%d"]), help="数据截至日，默认今天。")
@click.option("--region", "region_code", help="地区代码，默认全部地区。")
@_filter_options
@click.option("--year-on-year", COMPARED, is_flag=True, help="与上年同期比较，默认自年初起。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def show(
    as_of: datetime | None,
    region_code: str | None,
    as_json: bool,
    year_on_year: bool,
    **typed: str,
) -> None:
    """显示各地区本届及最近一轮的统计数据；写了条件的，只显示符合条件的。"""
    day = as_of.date() if as_of else today()
    if year_on_year:
        typed[COMPARED] = "1"
    try:
        with database().reading() as session:
            blocks = _blocks(session, region_code, day, typed)
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(_data(blocks, day), ensure_ascii=False, indent=2))
    else:
        _print(blocks, day)


def _blocks(
    session: Session, region_code: str | None, day: date, typed: Mapping[str, str]
) -> list[Block]:
    actor = Actor(name=f"cli:{getpass.getuser()}")
    blocks: list[Block] = []
    for region in _regions(session, region_code, typed, actor):
        query = FigureQuery(actor=actor, region_id=region.id, as_of=day)
        blocks.append(_block(session, region, query, typed))
        tour = None if any(typed.values()) else latest_round(session, region.id, as_of=day)
        if tour is not None:
            of_round = replace(query, round_id=tour.id)
            blocks.append(_block(session, region, of_round, typed))
    return blocks


def _regions(
    session: Session, code: str | None, typed: Mapping[str, str], actor: Actor
) -> list[Region]:
    if code or any(typed.get(one.value) for one in OF_ONE_REGION):
        return [region_by_code(session, code)]
    return list(session.scalars(readable_regions(actor)))


def _block(session: Session, region: Region, query: FigureQuery, typed: Mapping[str, str]) -> Block:
    number = typed.get(Filter.TERM)
    if number:
        typed = {**typed, Filter.TERM.value: str(_term_id(session, region, number))}
    asked = ask(session, query, typed)
    figures = measure_all(session, asked.query, with_year_before=asked.is_compared)
    round_id = asked.query.round_id
    return Block(region, session.get(Round, round_id) if round_id else None, asked, figures)


def _term_id(session: Session, region: Region, number: str) -> int:
    terms = list(session.scalars(terms_of(region.id)))
    found: Term | None = next((term for term in terms if str(term.number) == number), None)
    if found is None:
        known = "、".join(str(term.number) for term in terms) or "（还没有届次）"
        raise UnknownFilterError(f"没有第“{number}”届，可选：{known}。")
    return found.id


def _data(blocks: list[Block], day: date) -> dict[str, Any]:
    said = blocks[0].asked.said if blocks else {}
    return {
        "as_of": day.isoformat(),
        "filters": {one.value: words for one, words in said.items()},
        "figures": [
            {
                "region": block.region.code,
                "round": block.tour and block.tour.code,
                **as_data(figure),
            }
            for block in blocks
            for figure in block.figures
        ],
    }


def _print(blocks: list[Block], day: date) -> None:
    click.echo(f"数据截至 {day}")
    for block in blocks:
        click.echo(f"\n{block.region.name} · {block.tour.name if block.tour else '本届'}")
        if block.asked.said:
            click.echo(f"  {block.asked.words}")
        for figure in block.figures:
            _print_figure(figure)


def _print_figure(figure: Figure) -> None:
    reading, name = figure.reading, figure.definition.name
    why = f"，{reading.reason}" if reading.reason else ""
    click.echo(f"  {name}：{figure.text}（{reading.basis.label}{why.rstrip('。')}）")
    if figure.change_text:
        click.echo(f"    上年同期 {figure.before_text}，{figure.change_text}")
    for part in reading.parts:
        click.echo(f"    {part.label}：{figure.part_text(part)}")
