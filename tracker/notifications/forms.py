"""Forms of group robots, and of the ways to single persons."""

from wtforms import IntegerField, PasswordField, SelectField, StringField, SubmitField
from wtforms.validators import InputRequired, NumberRange

from tracker.notifications.accounts import Account, AppAccount, MailAccount, MailSecurity
from tracker.notifications.pacing import DIGESTS, LEASE, PAUSE, PER_WINDOW, WINDOW, WORKERS, Dial
from tracker.notifications.rules import GROUPS
from tracker.web.forms import (
    ChineseForm,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)


class AddressForm(ChineseForm):
    """A robot's address: typed, never shown again."""

    robot_url = PasswordField(
        "机器人地址", [required("机器人地址"), at_most(400), without_nul], filters=[stripped]
    )
    submit = SubmitField("保存")


class ChannelForm(AddressForm):
    """A new group."""

    name = StringField("群名称", [required("群名称"), at_most(80), without_nul], filters=[stripped])
    kind = SelectField(
        "类型", [chosen("类型")], choices={kind.value: kind.label for kind in GROUPS}
    )
    region_id = SelectField("地区", [chosen("地区")], coerce=int)
    unit_id = SelectField("单位（仅单位群）", coerce=int)


class WayForm(VersionedForm):
    """A way to single persons. A secret is typed and never shown; left empty it stays."""

    name = StringField("名称", [required("名称"), at_most(80), without_nul], filters=[stripped])

    def account(self, secret: str) -> Account | None:
        """Return the account as typed; `secret` is the one that was kept before."""
        raise NotImplementedError


class AppForm(WayForm):
    """企业微信应用消息."""

    base = StringField(
        "接口地址", [required("接口地址"), at_most(200), without_nul], filters=[stripped]
    )
    corpid = StringField(
        "企业 ID", [required("企业 ID"), at_most(64), without_nul], filters=[stripped]
    )
    agentid = IntegerField(
        "AgentId",
        [
            InputRequired(message="请填写 AgentId。"),
            NumberRange(1, 999_999_999, message="AgentId 是应用详情页上的一串数字，请核对。"),
        ],
    )
    typed_secret = PasswordField("Secret", [at_most(200), without_nul], filters=[stripped])
    submit = SubmitField("保存")

    def account(self, secret: str) -> Account | None:
        """Return the application."""
        return AppAccount(
            base=self.base.data or "",
            corpid=self.corpid.data or "",
            agentid=self.agentid.data or 0,
            secret=self.typed_secret.data or secret,
        )


class MailForm(WayForm):
    """电子邮件."""

    host = StringField(
        "邮件服务器", [required("邮件服务器"), at_most(200), without_nul], filters=[stripped]
    )
    port = IntegerField(
        "端口",
        [
            InputRequired(message="请填写端口。"),
            NumberRange(1, 65535, message="端口在 1 到 65535 之间，请核对。"),
        ],
        default=587,
    )
    security = SelectField("加密方式", [chosen("加密方式")], choices=MailSecurity.choices())
    sender = StringField(
        "发件人邮箱", [required("发件人邮箱"), at_most(254), without_nul], filters=[stripped]
    )
    username = StringField("登录名", [at_most(200), without_nul], filters=[stripped])
    typed_secret = PasswordField("密码或授权码", [at_most(200), without_nul], filters=[stripped])
    submit = SubmitField("保存")

    def account(self, secret: str) -> Account | None:
        """Return the mail server; without a user name the password is forgotten."""
        username = self.username.data or ""
        return MailAccount(
            host=self.host.data or "",
            port=self.port.data or 0,
            security=MailSecurity(self.security.data),
            sender=self.sender.data or "",
            username=username,
            secret=self.typed_secret.data or (secret if username else ""),
        )


class InboxForm(WayForm):
    """站内消息: nothing to set up but its name."""

    submit = SubmitField("保存并启用")

    def account(self, secret: str) -> Account | None:  # noqa: ARG002 - there is none
        """Return nothing: the far end is the product itself."""
        return None


def _number(label: str, least: int, most: int) -> IntegerField:
    return IntegerField(
        label,
        [
            InputRequired(message=f"请填写{label}。"),
            NumberRange(least, most, message=f"请填 {least} 至 {most} 的整数。"),
        ],
    )


def _dial(dial: Dial) -> IntegerField:
    return _number(f"{dial.label}（{dial.unit}）", dial.least, dial.most)


class PaceForm(VersionedForm):
    """发送节奏; the fields bear the keys of the settings."""

    digests_per_day = _dial(DIGESTS)
    quiet_begins = _number("免打扰开始（时）", 0, 24)
    quiet_ends = _number("免打扰结束（时）", 0, 24)
    robot_messages_per_minute = _dial(PER_WINDOW)
    robot_window_seconds = _dial(WINDOW)
    robot_pause_seconds = _dial(PAUSE)
    sending_lease_seconds = _dial(LEASE)
    delivery_workers = _dial(WORKERS)
    submit = SubmitField("保存")
