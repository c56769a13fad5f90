"""Commands about figures."""

import getpass
import json
from datetime import date, datetime
from typing import Any

import click
from flask.cli import AppGroup
from sqlalchemy.orm import Session

from tracker.kernel.errors import DomainError
from tracker.kernel.permissions import Actor
from tracker.organizations.models import Region
from tracker.organizations.queries import region_by_code
from tracker.rounds.models import Round
from tracker.statistics.queries.query import FigureQuery, readable_regions
from tracker.statistics.rules import Figure
from tracker.statistics.service import latest_round, measure_all
from tracker.statistics.shapes import as_data
from tracker.web.database import database, today

stats_group = AppGroup("stats", help="统计数据。")
Block = tuple[Region, Round | None, list[Figure]]


@stats_group.command("show")
@click.option("--as-of", "as_of", type=click.DateTime(["%Y-%m-%d"]), help="数据截至日，默认今天。")
@click.option("--region", "region_code", help="地区代码，默认全部地区。")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def show(as_of: datetime | None, region_code: str | None, as_json: bool) -> None:
    """显示各地区本届及最近一轮的统计数据。"""
    day = as_of.date() if as_of else today()
    try:
        with database().reading() as session:
            blocks = _blocks(session, region_code, day)
    except DomainError as error:
        raise click.ClickException(str(error)) from None
    if as_json:
        click.echo(json.dumps(_data(blocks, day), ensure_ascii=False, indent=2))
    else:
        _print(blocks, day)


def _blocks(session: Session, region_code: str | None, day: date) -> list[Block]:
    actor = Actor(name=f"cli:{getpass.getuser()}")
    regions = (
        [region_by_code(session, region_code)]
        if region_code
        else list(session.scalars(readable_regions(actor)))
    )
    blocks: list[Block] = []
    for region in regions:
        query = FigureQuery(actor=actor, region_id=region.id, as_of=day)
        blocks.append((region, None, measure_all(session, query)))
        tour = latest_round(session, region.id, as_of=day)
        if tour is not None:
            of_round = FigureQuery(actor=actor, region_id=region.id, as_of=day, round_id=tour.id)
            blocks.append((region, tour, measure_all(session, of_round)))
    return blocks


def _data(blocks: list[Block], day: date) -> dict[str, Any]:
    return {
        "as_of": day.isoformat(),
        "figures": [
            {"region": region.code, "round": tour and tour.code, **as_data(figure)}
            for region, tour, figures in blocks
            for figure in figures
        ],
    }


def _print(blocks: list[Block], day: date) -> None:
    click.echo(f"数据截至 {day}")
    for region, tour, figures in blocks:
        click.echo(f"\n{region.name}{f' · {tour.name}' if tour else ' · 本届'}")
        for figure in figures:
            basis = figure.reading.basis.label
            click.echo(f"  {figure.definition.name}：{figure.text}（{basis}）")
            for part in figure.reading.parts:
                click.echo(f"    {part.label}：{figure.part_text(part)}")
