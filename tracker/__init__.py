"""巡察整改跟踪系统: the application, readable top to bottom."""

from flask import Flask
from flask_wtf import CSRFProtect

from tracker import rooms
from tracker.kernel import logs
from tracker.kernel.clock import Clock, SystemClock
from tracker.kernel.config import Config
from tracker.kernel.crypto import Sealer
from tracker.kernel.db import Database
from tracker.web import access, database, errors, filters, headers, navigation, submissions
from tracker.web.proxies import TrustedProxies

MAX_REQUEST_BYTES = 60 * 1024 * 1024


def create_app(
    config: Config | None = None, *, clock: Clock | None = None, store: Database | None = None
) -> Flask:
    """Return the application. Importing or creating it touches no database."""
    config = config or Config.from_env()
    logs.configure(config.log_format)
    app = Flask(__name__, template_folder="../templates", static_folder="web/static")
    app.config.update(
        SECRET_KEY=config.secret_keys[0],
        SECRET_KEY_FALLBACKS=list(config.secret_keys[1:]),
        TRUSTED_HOSTS=[*config.trusted_hosts, "127.0.0.1", "localhost"],
        MAX_CONTENT_LENGTH=MAX_REQUEST_BYTES,
        MAX_FORM_MEMORY_SIZE=8 * 1024 * 1024,
        SESSION_COOKIE_NAME="__Host-session" if config.is_https else "session",
        SESSION_COOKIE_SECURE=config.is_https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_I18N_ENABLED=False,
    )
    app.wsgi_app = TrustedProxies(app.wsgi_app, config.trusted_proxies)  # type: ignore[method-assign]
    app.extensions["tracker_sealer"] = Sealer(config.secret_keys)
    database.init_app(app, store or Database(config.database_url), clock or SystemClock(), config)
    headers.init_app(app)
    errors.init_app(app)
    access.init_app(app)
    csrf = CSRFProtect(app)
    app.before_request(csrf.protect)
    submissions.init_app(app)
    filters.init_app(app)
    navigation.init_app(app)
    rooms.init_app(app, config)
    return app
