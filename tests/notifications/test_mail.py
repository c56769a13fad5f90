"""E-mail against a real SMTP server: encryption, sign-in, and what its answers mean."""

from pathlib import Path

import pytest
import trustme

from tests.notifications.mail_server import Behaviour, mail_server
from tracker.kernel.errors import DomainError
from tracker.notifications.accounts import (
    MailAccount,
    MailSecurity,
    check_mail,
    is_mail_address,
    read_mail,
    sealable,
)
from tracker.notifications.channels import ChannelError, Receipt
from tracker.notifications.channels.mail import Mailer
from tracker.notifications.channels.personal import Letter
from tracker.notifications.channels.transport import Way
from tracker.notifications.rules import Failure

PASSWORD = "mail-password-7777"
LETTER = Letter("zhang@example.cn", "T-0001 市甲局 逾期3天", "261116-1", 2, 3)


def account(port: int, security: MailSecurity = MailSecurity.PLAIN, **changes: str) -> MailAccount:
    sender = changes.pop("sender", "xcb@example.cn")
    return MailAccount(host="127.0.0.1", port=port, security=security, sender=sender, **changes)


def send(given: MailAccount, ca_file: str | None = None) -> Receipt:
    way = Way(allowed_hosts=(given.place,), total_seconds=3.0, ca_file=ca_file)
    return Mailer(way).send(sealable(given), LETTER)


def failure(given: MailAccount, ca_file: str | None = None) -> ChannelError:
    with pytest.raises(ChannelError) as caught:
        send(given, ca_file)
    assert PASSWORD not in str(caught.value)
    return caught.value


@pytest.fixture
def behaviour() -> Behaviour:
    return Behaviour()


def test_a_letter_names_its_number_in_subject_and_id_and_comes_in_utf_8(
    behaviour: Behaviour,
) -> None:
    with mail_server(behaviour) as port:
        for _ in range(2):
            send(account(port))
    first, second = behaviour.mails
    assert first["Subject"] == "巡察整改提醒 编号261116-1（2/3）"
    assert first["Message-ID"] == second["Message-ID"] == "<261116-1.2@example.cn>"
    assert (first["From"], first["To"]) == ("xcb@example.cn", "zhang@example.cn")
    assert first.get_content_charset() == "utf-8"
    assert "市甲局" in first.get_content()


@pytest.mark.parametrize("security", [MailSecurity.STARTTLS, MailSecurity.TLS])
def test_a_server_with_a_private_authority_takes_a_letter_over_tls_with_sign_in(
    behaviour: Behaviour, tmp_path: Path, security: MailSecurity
) -> None:
    behaviour.password = PASSWORD
    authority = trustme.CA()
    ca_file = str(tmp_path / "ca.pem")
    authority.cert_pem.write_to_path(ca_file)
    is_tls = security is MailSecurity.TLS
    with mail_server(behaviour, authority=authority, is_tls=is_tls) as port:
        given = account(port, security, username="xcb", secret=PASSWORD)
        assert send(given, ca_file).errcode == 250
        assert failure(given).kind is Failure.UNAVAILABLE  # nobody vouches for the certificate
        wrong = account(port, security, username="xcb", secret="not-it")
        error = failure(wrong, ca_file)
        assert (error.kind, error.errcode) == (Failure.BROKEN, 535), error.answer
        assert "登录名或密码" in error.answer
    assert len(behaviour.mails) == 1


def test_a_server_without_starttls_is_not_spoken_to_in_the_clear(behaviour: Behaviour) -> None:
    with mail_server(behaviour) as port:
        error = failure(account(port, MailSecurity.STARTTLS))
    assert error.kind is Failure.BROKEN
    assert behaviour.mails == []


@pytest.mark.parametrize(
    ("command", "answer", "kind", "words"),
    [
        ("MAIL", "550 sender not allowed", Failure.BROKEN, "发件人"),
        ("MAIL", "451 later", Failure.BUSY, "自动重试"),
        ("RCPT", "550 no such user", Failure.PERSONAL, "没有这个收件人"),
        ("RCPT", "553 bad address", Failure.PERSONAL, "没有这个收件人"),
        ("RCPT", "450 greylisted", Failure.BUSY, "自动重试"),
        ("RCPT", "530 sign in first", Failure.BROKEN, "要求登录"),
        ("DATA", "554 spam", Failure.REFUSED, "没有接受内容"),
        ("DATA", "452 full", Failure.BUSY, "自动重试"),
    ],
)
def test_each_answer_has_its_class(
    behaviour: Behaviour, command: str, answer: str, kind: Failure, words: str
) -> None:
    behaviour.answers[command] = answer
    with mail_server(behaviour) as port:
        error = failure(account(port))
    assert error.kind is kind
    assert words in error.answer
    assert behaviour.mails == []


def test_an_answer_over_64_kb_is_given_up_before_the_deadline(behaviour: Behaviour) -> None:
    behaviour.after_text = "overlong"
    with mail_server(behaviour) as port:
        assert failure(account(port)).kind is Failure.UNCERTAIN


def test_a_server_that_is_no_longer_listed_is_not_called(behaviour: Behaviour) -> None:
    with mail_server(behaviour) as port, pytest.raises(ChannelError) as caught:
        Mailer(Way(allowed_hosts=())).send(sealable(account(port)), LETTER)
    assert caught.value.kind is Failure.BROKEN
    assert "TRACKER_MAIL_ALLOWED_SERVERS" in caught.value.answer


def test_an_account_is_read_as_it_was_sealed_and_shows_no_password() -> None:
    kept = account(25, MailSecurity.TLS, username="xcb", secret=PASSWORD)
    assert read_mail(sealable(kept)) == kept
    assert PASSWORD not in repr(kept)


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        (account(25, sender="x"), "发件人"),
        (account(26), "允许名单"),
        (account(25, username="xcb"), "要么都填"),
        (account(25, username="xcb", secret=PASSWORD), "不加密时不能发送密码"),
        (MailAccount(host="a/b", port=25, security=MailSecurity.TLS, sender="a@b.cn"), "主机名"),
    ],
)
def test_an_account_that_cannot_work_is_refused(given: MailAccount, sentence: str) -> None:
    with pytest.raises(DomainError, match=sentence):
        check_mail(given, allowed_servers=["127.0.0.1:25"])


@pytest.mark.parametrize("text", ["a.b+c@example.gov.cn", "x@y"])
def test_an_address_is_one_mailbox(text: str) -> None:
    assert is_mail_address(text)


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@", "@b.cn", "a@b.cn,c@d.cn", "甲 <a@b.cn>", "a@b.cn\r\nBcc: c@d.cn", "a..b@c.cn"],
)
def test_nothing_else_is_an_address(text: str) -> None:
    assert not is_mail_address(text)
