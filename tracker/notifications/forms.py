"""Forms of group robots."""

from wtforms import PasswordField, SelectField, StringField, SubmitField

from tracker.notifications.rules import ChannelKind
from tracker.web.forms import ChineseForm, at_most, chosen, required, stripped, without_nul


class AddressForm(ChineseForm):
    """A robot's address: typed, never shown again."""

    robot_url = PasswordField(
        "机器人地址", [required("机器人地址"), at_most(400), without_nul], filters=[stripped]
    )
    submit = SubmitField("保存")


class ChannelForm(AddressForm):
    """A new group."""

    name = StringField("群名称", [required("群名称"), at_most(80), without_nul], filters=[stripped])
    kind = SelectField("类型", [chosen("类型")], choices=ChannelKind.choices())
    region_id = SelectField("地区", [chosen("地区")], coerce=int)
    unit_id = SelectField("单位（仅单位群）", coerce=int)
