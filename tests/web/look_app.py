"""The smallest Flask app that can show the look, for the tests of templates and static files."""

from pathlib import Path
from types import SimpleNamespace

from flask import Flask, flash, render_template
from flask_wtf import CSRFProtect

from tracker.web import headers
from tracker.web.style_guide import sample_form

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "tracker" / "web" / "static"
TEMPLATES = ROOT / "templates"

NAV = [
    SimpleNamespace(label=label, url=f"#{label}", active=label == "整改任务")
    for label in ["工作台", "巡察轮次", "反馈问题", "整改任务", "提醒", "周报", "统计"]
]
WHO = SimpleNamespace(
    name="癸示例",
    role_label="巡察办经办人",
    place="虚构市样例县",
    sign_out_url="/sign-out",
    password_url="/password",
)


def make_look_app() -> Flask:
    """Return an app with the style guide at /, a form at /plain and an error page at /error."""
    app = Flask(__name__, template_folder=str(TEMPLATES), static_folder=str(STATIC))
    app.config.update(SECRET_KEY="only for tests of the look", TESTING=True, WTF_I18N_ENABLED=False)
    CSRFProtect(app)
    headers.init_app(app)
    app.jinja_env.globals["submission_token"] = lambda: "only-for-the-look"

    @app.get("/")
    def index() -> str:
        flash("已保存，等待主要负责人审签。", "ok")
        return render_template(
            "style_guide/index.html",
            form=sample_form(checked=False),
            checked_form=sample_form(checked=True),
            nav=NAV,
            who=WHO,
            as_of="2026-11-20",
        )

    @app.get("/error")
    def error() -> str:
        return render_template(
            "errors/error.html",
            status=404,
            title="没有找到这个页面",
            sentence="地址可能有误，或者这条记录不在您的查看范围内。请从工作台重新进入。",
            reference="q7f3-20ce",
            back_url="/",
        )

    return app
