"""Commands about the trail."""

import json

import click
from flask.cli import AppGroup

from tracker.audit.anchors import anchor_path
from tracker.audit.verifying import verify
from tracker.web.database import config, database

audit_group = AppGroup("audit", help="审计留痕。")


@audit_group.command("verify")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON。")
def verify_command(*, as_json: bool) -> None:
    """逐条核对审计记录是否被改动、删除、调换或截断；有问题时退出码为 1。"""
    with database().reading() as session:
        verdict = verify(session, anchor_path(config().data_dir), config().secret_keys)
    if as_json:
        click.echo(json.dumps({"ok": verdict.broken is None, **vars(verdict)}, ensure_ascii=False))
        if verdict.broken is not None:
            raise SystemExit(1)
        return
    if verdict.broken is not None:
        raise click.ClickException(f"审计记录不完整，从第 {verdict.broken} 条起。{verdict.problem}")
    click.echo(f"审计记录完整：共 {verdict.count} 条，与 {verdict.anchors} 个锚点一致。")
    click.echo(f"末尾校验值：{verdict.chain}")
