"""The simulator as a Flask program."""

import threading

from flask import Flask

from tracker.wecom_sandbox.api import make_api
from tracker.wecom_sandbox.app_api import make_app_api
from tracker.wecom_sandbox.apps import AppHost
from tracker.wecom_sandbox.control import make_control
from tracker.wecom_sandbox.host import RobotHost
from tracker.wecom_sandbox.pages import make_pages
from tracker.wecom_sandbox.sign_in_pages import make_sign_in_pages

MAX_REQUEST_BYTES = 64 * 1024 * 1024  # beyond what the host refuses by its own rules


def create_app(host: RobotHost, apps: AppHost, stopping: threading.Event) -> Flask:
    """The program around both far ends; `stopping` releases requests that a fault holds."""
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = MAX_REQUEST_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.register_blueprint(make_api(host, stopping))
    app.register_blueprint(make_control(host, apps))
    app.register_blueprint(make_app_api(apps, stopping))
    app.register_blueprint(make_sign_in_pages(apps, stopping))
    app.register_blueprint(make_pages(host, apps))
    return app
