"""Forms of units, persons, regions."""

from typing import ClassVar

from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    DateField,
    Field,
    HiddenField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    SubmitField,
    TextAreaField,
)
from wtforms.validators import NumberRange, Optional, Regexp, ValidationError

from tracker.notifications.accounts import is_mail_address
from tracker.organizations.rules import OfficeMode, RegionLevel, UnitCategory, UnitChangeKind
from tracker.people.rules import PostKind
from tracker.web.forms import (
    ChineseForm,
    VersionedForm,
    at_most,
    chosen,
    required,
    stripped,
    without_nul,
)

CODE = Regexp(r"^[A-Za-z0-9._-]{1,40}$", message="代码用 1 至 40 个字母、数字、点、横线或下划线。")


def mail_address(_form: object, field: Field) -> None:
    """Take one plain mailbox, and nothing that could stand for several."""
    if not is_mail_address(str(field.data or "")):
        raise ValidationError("请填一个完整的邮箱地址，例如 zhangsan@example.gov.cn。")


class UnitForm(VersionedForm):
    """单位."""

    code = StringField("代码", [required("代码"), CODE], filters=[stripped])
    name = StringField("名称", [required("名称"), at_most(120), without_nul], filters=[stripped])
    short_name = StringField(
        "简称", [required("简称"), at_most(60), without_nul], filters=[stripped]
    )
    category = SelectField("类别", [chosen("类别")], choices=UnitCategory.choices())
    sort_no = IntegerField(
        "排序号",
        [Optional(), NumberRange(0, 999999, message="请填 0 至 999999 的整数。")],
        default=0,
    )
    valid_from = DateField("启用日期", [Optional()])
    valid_to = DateField("停用日期", [Optional()])
    submit = SubmitField("保存")


CHANGES = {kind.value: kind.label for kind in UnitChangeKind if kind is not UnitChangeKind.MOVED}


class UnitChangeForm(VersionedForm):
    """机构变动 of a unit; each kind asks for its own fields."""

    kind = SelectField("变动", [chosen("变动")], choices=CHANGES)
    name = StringField("新名称", [Optional(), at_most(120), without_nul], filters=[stripped])
    short_name = StringField("新简称", [Optional(), at_most(60), without_nul], filters=[stripped])
    successor_id = SelectField("承接单位", coerce=int)
    parent_id = SelectField("新的上级单位", coerce=int)
    effective_on = DateField("生效日期", [chosen("生效日期")])
    document = StringField(
        "依据", [required("依据"), at_most(200), without_nul], filters=[stripped]
    )
    is_estate_seen = BooleanField("合并：已核对上面列出的移交内容")
    submit = SubmitField("登记")


class UnitMoveForm(ChineseForm):
    """划转 of a unit to another region."""

    unit = StringField("单位", [required("单位"), at_most(81), without_nul], filters=[stripped])
    region_id = SelectField("划入地区", [chosen("划入地区")], coerce=int)
    code = StringField("在划入地区的代码", [required("代码"), CODE], filters=[stripped])
    effective_on = DateField("生效日期", [chosen("生效日期")])
    document = StringField(
        "依据", [required("依据"), at_most(200), without_nul], filters=[stripped]
    )
    submit = SubmitField("划转")


class PersonForm(VersionedForm):
    """人员."""

    name = StringField("姓名", [required("姓名"), at_most(60), without_nul], filters=[stripped])
    mobile = StringField(
        "手机号",
        [Optional(), Regexp(r"^1\d{10}$", message="手机号应为 11 位数字。")],
        filters=[stripped],
    )
    wecom_userid = StringField(
        "企业微信账号",
        [
            Optional(),
            Regexp(
                r"^[A-Za-z0-9][A-Za-z0-9._@-]{0,63}$",
                message="企业微信账号以字母或数字开头，由字母、数字和 . _ @ - 组成，请从管理后台复制。",
            ),
        ],
        filters=[stripped],
    )
    email = StringField(
        "邮箱", [Optional(), at_most(254), without_nul, mail_address], filters=[stripped]
    )
    submit = SubmitField("保存")


class RegionForm(VersionedForm):
    """地区."""

    code = StringField("代码", [required("代码"), CODE], filters=[stripped])
    name = StringField("名称", [required("名称"), at_most(80), without_nul], filters=[stripped])
    short_name = StringField(
        "简称", [required("简称"), at_most(40), without_nul], filters=[stripped]
    )
    level = SelectField("级别", [chosen("级别")], choices=RegionLevel.choices())
    submit = SubmitField("保存")


class CountyForm(ChineseForm):
    """县（市、区）."""

    code = StringField("代码", [required("代码"), CODE], filters=[stripped])
    name = StringField("名称", [required("名称"), at_most(40), without_nul], filters=[stripped])
    submit = SubmitField("添加")


class PostForm(ChineseForm):
    """职务."""

    title = StringField(
        "职务名称", [required("职务名称"), at_most(60), without_nul], filters=[stripped]
    )
    kind = SelectField("性质", [chosen("性质")], choices=PostKind.choices())
    submit = SubmitField("添加职务")


class HoldingForm(ChineseForm):
    """任职."""

    name = StringField("姓名", [required("姓名"), at_most(60), without_nul], filters=[stripped])
    mobile = StringField(
        "手机号",
        [Optional(), Regexp(r"^1\d{10}$", message="手机号应为 11 位数字。")],
        filters=[stripped],
    )
    from_on = DateField("任职日期", [chosen("任职日期")])
    submit = SubmitField("登记任职")


class LeavingForm(VersionedForm):
    """卸任."""

    to_on = DateField("在任最后一天", [chosen("在任最后一天")])
    submit = SubmitField("登记卸任")


class OfficeModeForm(VersionedForm):
    """工作模式."""

    mode = RadioField("工作模式", [chosen("工作模式")], choices=OfficeMode.choices())
    submit = SubmitField("切换")


class NoticeForm(ChineseForm):
    """A year's arrangement: pasted, or as a file. `digest` names the preview that was looked at."""

    ENCODINGS: ClassVar = ("utf-8-sig", "gb18030")
    text = TextAreaField("通知全文，或“日期,类型,名称”列表", [without_nul])
    file = FileField("或者选择文件（.csv、.txt）")
    digest = HiddenField()
    preview = SubmitField("预览")
    confirm = SubmitField("确认保存")

    def given_text(self) -> str:
        """Return the file's text where there is a file, else what stands in the field."""
        if not self.file.data:
            return self.text.data or ""
        content = self.file.data.read()
        for encoding in self.ENCODINGS:
            try:
                return str(content.decode(encoding)).replace("\x00", "")
            except UnicodeDecodeError:
                continue
        return ""
