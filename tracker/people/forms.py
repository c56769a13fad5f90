"""Forms of sign-in and accounts."""

from wtforms import (
    BooleanField,
    DateField,
    PasswordField,
    SelectField,
    StringField,
    SubmitField,
)
from wtforms.validators import EqualTo, Optional, Regexp

from tracker.kernel.permissions import Role
from tracker.web.forms import (
    ChineseForm,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)


class SignInForm(ChineseForm):
    """Name and password."""

    username = StringField(
        "登录名", [required("登录名"), at_most(60), without_nul], filters=[stripped]
    )
    password = PasswordField("密码", [required("密码"), at_most(1024)])
    submit = SubmitField("登录")


class PasswordForm(ChineseForm):
    """The old password and a new one, twice."""

    password = PasswordField("现在的密码", [required("现在的密码")])
    new_password = PasswordField("新密码", [required("新密码"), at_most(128)])
    again = PasswordField(
        "再输一次新密码",
        [required("新密码"), EqualTo("new_password", message="两次输入的新密码不一样。")],
    )
    submit = SubmitField("修改密码")


class AccountForm(ChineseForm):
    """A new sign-in."""

    name = StringField("姓名", [required("姓名"), at_most(60), without_nul], filters=[stripped])
    username = StringField(
        "登录名",
        [
            required("登录名"),
            Regexp(
                r"^[A-Za-z0-9._-]{2,60}$",
                message="登录名用 2 至 60 个字母、数字、点、横线或下划线。",
            ),
        ],
        filters=[stripped],
    )
    mobile = StringField(
        "手机号",
        [Optional(), Regexp(r"^1\d{10}$", message="手机号应为 11 位数字。")],
        filters=[stripped],
    )
    role = SelectField("角色", [chosen("角色")], choices=Role.choices())
    unit_id = SelectField("单位（联络员、主要负责人必选）", coerce=int)
    supervisor_org_id = SelectField("监督部门（日常监督部门必选）", coerce=int)
    submit = SubmitField("新建账号")


class DelegationForm(ChineseForm):
    """授权代理."""

    deputy_id = SelectField("代理人", [chosen("代理人")], coerce=int)
    from_on = DateField("开始日期", [chosen("开始日期")])
    to_on = DateField("结束日期", [chosen("结束日期")])
    reason = StringField(
        "授权事由", [required("授权事由"), at_most(400), without_nul], filters=[stripped]
    )
    submit = SubmitField("授权")


class UseridForm(VersionedForm):
    """The enterprise WeChat account of somebody who signs in."""

    wecom_userid = StringField(
        "企业微信账号",
        [
            Optional(),
            Regexp(
                r"^[A-Za-z0-9._@-]{1,64}$",
                message="企业微信账号由字母、数字和 . _ @ - 组成，请从管理后台复制。",
            ),
        ],
        filters=[stripped],
    )
    submit = SubmitField("保存")


class WecomSignInForm(VersionedForm):
    """企业微信登录; the fields bear the names of what is kept."""

    is_on = BooleanField("开启企业微信登录")
    way_id = SelectField("企业微信应用", coerce=int, validate_choice=False)
    with_counties = BooleanField("下级地区的人员也在这个企业微信中")
    in_app_url = StringField(
        "企业微信内打开时的授权地址", [at_most(200), without_nul], filters=[stripped]
    )
    scan_url = StringField("电脑扫码登录地址", [at_most(200), without_nul], filters=[stripped])
    submit = SubmitField("保存")
