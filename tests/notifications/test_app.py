"""Application messages: the token, and what the answers of the host mean."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from tests.fakes.clock import ManualClock
from tracker.kernel.errors import DomainError
from tracker.notifications.accounts import AppAccount, check_app, read_app, sealable
from tracker.notifications.channels import ChannelError, Receipt
from tracker.notifications.channels.app import Tokens, WecomApp
from tracker.notifications.channels.personal import Letter
from tracker.notifications.channels.transport import Way
from tracker.notifications.rules import Failure
from tracker.wecom_sandbox.server import RunningSandbox

SECRET = "app-secret-9999"


def account(sandbox: RunningSandbox, **changes: object) -> AppAccount:
    values = {"base": sandbox.url, "corpid": "ww1", "agentid": 7, "secret": SECRET, **changes}
    return AppAccount(**values)  # type: ignore[arg-type]


@pytest.fixture
def tokens(sandbox: RunningSandbox) -> Tokens:
    sandbox.apps.add_app("ww1", SECRET, 7)
    return Tokens()


def send(
    sandbox: RunningSandbox,
    tokens: Tokens,
    text: str = "您好",
    to: str = "zhang",
    **changes: object,
) -> Receipt:
    sender = WecomApp(Way(allowed_hosts=(sandbox.url,)), tokens)
    return sender.send(sealable(account(sandbox, **changes)), Letter(to, text, "261116-1"))


def failure(sandbox: RunningSandbox, tokens: Tokens, **changes: object) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        send(sandbox, tokens, **changes)  # type: ignore[arg-type]
    return caught.value


def fetched(sandbox: RunningSandbox) -> int:
    return len(sandbox.apps.attempts("gettoken"))


def test_a_token_is_fetched_once_for_many_messages_and_many_threads(
    sandbox: RunningSandbox, tokens: Tokens
) -> None:
    begin = threading.Barrier(8)

    def one(no: int) -> None:
        begin.wait(10)
        send(sandbox, tokens, f"文本{no}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(8)))
    assert fetched(sandbox) == 1
    assert len(sandbox.apps.messages("zhang")) == 8


def test_a_token_that_is_over_before_its_time_is_fetched_anew_once(
    sandbox: RunningSandbox, tokens: Tokens
) -> None:
    send(sandbox, tokens, "一")
    sandbox.apps.end_tokens()
    send(sandbox, tokens, "二")
    assert fetched(sandbox) == 2
    assert [one.content for one in sandbox.apps.messages("zhang")] == ["一", "二"]


@pytest.mark.parametrize("errcode", ["40014", "42001"])
def test_a_host_that_knows_no_token_at_all_is_asked_twice_and_no_more(
    sandbox: RunningSandbox, tokens: Tokens, errcode: str
) -> None:
    sandbox.script_fault(errcode, endpoint="message", times=10)
    assert failure(sandbox, tokens).kind is Failure.BUSY
    assert fetched(sandbox) == 2
    assert len(sandbox.apps.attempts("message")) == 2


@pytest.mark.parametrize("answers_0", [True, False])
def test_somebody_the_host_does_not_know_is_no_success_whatever_the_errcode(
    sandbox: RunningSandbox, tokens: Tokens, answers_0: bool
) -> None:
    sandbox.apps.remove_member("nobody")
    sandbox.apps.answers_0_to_nobody = answers_0
    error = failure(sandbox, tokens, to="nobody")
    assert (error.kind, error.errcode) == (Failure.PERSONAL, 0 if answers_0 else 81013)
    assert error.answer == "企业微信里没有这个成员，请核对 userid"


@pytest.mark.parametrize(
    ("errcode", "endpoint", "kind", "words"),
    [
        ("60020", "message", Failure.BROKEN, "企业可信IP"),
        ("60020", "gettoken", Failure.BROKEN, "企业可信IP"),
        ("45009", "message", Failure.PAUSED, "过于频繁"),
        ("45009", "gettoken", Failure.PAUSED, "过于频繁"),
        ("-1", "message", Failure.BUSY, "自动重试"),
        ("40056", "message", Failure.BROKEN, "AgentId"),
        ("40058", "message", Failure.REFUSED, "invalid Request Parameter"),
        ("accept_then_drop", "gettoken", Failure.UNAVAILABLE, "no answer"),
        ("http500", "gettoken", Failure.UNAVAILABLE, "HTTP 500"),
        ("html", "message", Failure.UNAVAILABLE, "without an errcode"),
        ("redirect", "message", Failure.UNAVAILABLE, "HTTP 307"),
    ],
)
def test_each_answer_has_its_class_and_says_what_to_do(
    sandbox: RunningSandbox,
    tokens: Tokens,
    errcode: str,
    endpoint: str,
    kind: Failure,
    words: str,
) -> None:
    sandbox.script_fault(errcode, endpoint=endpoint)
    error = failure(sandbox, tokens)
    assert error.kind is kind
    assert words in error.answer
    assert SECRET not in str(error)


def test_a_wrong_secret_and_a_wrong_application_put_the_channel_out_of_use(
    sandbox: RunningSandbox, tokens: Tokens
) -> None:
    assert failure(sandbox, tokens, secret="wrong").errcode == 40001
    assert failure(sandbox, tokens, agentid=8).errcode == 40056


def test_what_the_host_would_cut_is_not_sent(sandbox: RunningSandbox, tokens: Tokens) -> None:
    assert failure(sandbox, tokens, text="督" * 683).kind is Failure.REFUSED
    assert sandbox.apps.attempts() == []
    send(sandbox, tokens, "督" * 682)
    assert sandbox.apps.messages()[0].content == "督" * 682


def test_the_same_words_again_within_half_an_hour_reach_the_member_once(
    sandbox: RunningSandbox, tokens: Tokens, clock: ManualClock
) -> None:
    sandbox.script_fault("accept_then_drop", endpoint="message")
    assert failure(sandbox, tokens).kind is Failure.UNCERTAIN
    clock.advance(timedelta(minutes=5))
    assert send(sandbox, tokens).errcode == 0
    assert len(sandbox.apps.messages("zhang")) == 1


def test_a_host_that_is_not_listed_is_not_called(sandbox: RunningSandbox) -> None:
    sender = WecomApp(Way(allowed_hosts=("https://qyapi.weixin.qq.com",)), Tokens())
    with pytest.raises(ChannelError) as caught:
        sender.send(sealable(account(sandbox)), Letter("zhang", "您好", "1"))
    assert caught.value.kind is Failure.BROKEN
    assert sandbox.apps.attempts() == []


def test_an_account_is_read_as_it_was_sealed_and_shows_no_secret(sandbox: RunningSandbox) -> None:
    kept = account(sandbox)
    assert read_app(sealable(kept)) == kept
    assert SECRET not in repr(kept)
    assert kept.tail == "9999"


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"base": "ftp://x"}, "不是网址"),
        ({"base": "https://qyapi.weixin.qq.com/cgi-bin"}, "只写到主机和端口"),
        ({"base": "https://user:pw@qyapi.weixin.qq.com"}, "只写到主机和端口"),
        ({"base": "https://elsewhere.example"}, "允许名单"),
        ({"corpid": "a b"}, "企业 ID"),
        ({"secret": ""}, "Secret"),
    ],
)
def test_an_account_that_cannot_work_is_refused_with_a_sentence(
    sandbox: RunningSandbox, changes: dict[str, str], sentence: str
) -> None:
    given = account(sandbox, **{"base": "https://qyapi.weixin.qq.com", **changes})
    with pytest.raises(DomainError, match=sentence):
        check_app(given, allowed_hosts=["https://qyapi.weixin.qq.com"])
