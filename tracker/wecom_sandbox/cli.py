"""Command line of the simulator."""

import argparse
import signal
import sys
from collections.abc import Sequence

from tracker.wecom_sandbox.limiter import Window
from tracker.wecom_sandbox.server import PortTakenError, RunningSandbox, start_sandbox


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; 0 when stopped, 1 when the port is taken or a key malformed."""
    wanted = _parser().parse_args(arguments)
    try:
        sandbox = _start(wanted)
    except (PortTakenError, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    for member in wanted.member:
        sandbox.apps.name_member(*_key_and_name(member))
    print(f"企业微信群机器人模拟器已启动：{sandbox.url}/（按 Ctrl+C 停止）", flush=True)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with sandbox:
        try:
            sandbox.wait()
        except KeyboardInterrupt:
            print("模拟器已停止。", flush=True)
    return 0


def _start(wanted: argparse.Namespace) -> RunningSandbox:
    groups = dict(_key_and_name(one) for one in [*wanted.group, *(wanted.keys or [])])
    return start_sandbox(
        wanted.port,
        wanted.window,
        groups=groups,
        open_to_any_key=wanted.keys is None,
        window=Window(wanted.window_mode),
        count_failures=wanted.count_failures,
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tracker.wecom_sandbox",
        description="企业微信群机器人模拟器：消息只留在本机，不会发到真实的企业微信。",
    )
    parser.add_argument("--port", type=_port, default=8001, help="端口，默认 8001，0 为任选")
    parser.add_argument(
        "--window", type=_seconds, default=60.0, metavar="SECONDS", help="频率窗口的秒数，默认 60"
    )
    parser.add_argument("--window-mode", choices=[*Window], default=Window.SLIDING, help="窗口算法")
    parser.add_argument(
        "--count-failures",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="失败的请求是否占用频率",
    )
    parser.add_argument(
        "--keys",
        type=lambda text: text.split(","),
        metavar="KEY[=名称],…",
        help="只接受这些 key（默认接受任何格式正确的 key）",
    )
    parser.add_argument(
        "--group", action="append", default=[], metavar="KEY=名称", help="给一个群命名，可重复"
    )
    parser.add_argument(
        "--member",
        action="append",
        default=[],
        metavar="USERID=姓名",
        help="登录页上的成员，可重复",
    )
    return parser


def _key_and_name(text: str) -> tuple[str, str]:
    key, _, name = text.partition("=")
    return key.strip(), name.strip()


def _port(text: str) -> int:
    port = int(text)
    if not 0 <= port <= 65535:
        raise argparse.ArgumentTypeError("端口须在 0 到 65535 之间")
    return port


def _seconds(text: str) -> float:
    seconds = float(text)
    if not 0 < seconds <= 86400:
        raise argparse.ArgumentTypeError("窗口须大于 0 秒且不超过 86400 秒")
    return seconds
