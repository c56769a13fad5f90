"""Configuration from the environment, read once, checked once."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from tracker.kernel.errors import ConfigError

SQLITE_DEFAULT = "sqlite:///var/tracker.db"
WECOM_HOST = "https://qyapi.weixin.qq.com"
MINIMUM_SECRET_BYTES = 32
MINIMUM_TOKEN_BYTES = 16


@dataclass(frozen=True, kw_only=True)
class Config:
    """Everything an operator can set. Durations name their unit."""

    database_url: str
    data_dir: Path
    secret_keys: tuple[str, ...]
    base_url: str = "http://127.0.0.1:8000"
    mobile_url: str | None = "http://127.0.0.1:8000"
    trusted_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    wecom_base_url: str = WECOM_HOST
    wecom_allowed_hosts: tuple[str, ...] = (WECOM_HOST,)
    mail_allowed_servers: tuple[str, ...] = ()
    http_proxy: str | None = None
    ca_file: str | None = None
    host: str = "127.0.0.1"
    port: int = 8000
    log_format: str = "text"
    metrics_token: str | None = None
    """Who may read /metrics from another machine; without one only this machine may."""
    role_picker: bool = False
    """Sign-in by role from a list: demonstration data on loopback only."""

    @property
    def is_sqlite(self) -> bool:
        """Whether the database is the one-office file."""
        return self.database_url.startswith("sqlite")

    @property
    def is_https(self) -> bool:
        """Whether people reach us over TLS; decides the cookie's name and Secure flag."""
        return self.base_url.startswith("https://")

    @property
    def evidence_dir(self) -> Path:
        """Where evidence files live."""
        return self.data_dir / "evidence"

    @property
    def results_dir(self) -> Path:
        """Where files that were made in the background wait to be fetched."""
        return self.data_dir / "results"

    @property
    def preview_dir(self) -> Path:
        """Where pages drawn for looking at are kept; all of it can be drawn again."""
        return self.data_dir / "previews"

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None) -> "Config":
        """Read the TRACKER_* variables. Raises ConfigError naming the variable that is wrong."""
        env = os.environ if environ is None else environ
        data_dir = Path(env.get("TRACKER_DATA_DIR", "var"))
        database_url = env.get("TRACKER_DATABASE_URL") or _default_database(data_dir, env)
        base_url = env.get("TRACKER_BASE_URL", "http://127.0.0.1:8000").rstrip("/")
        mobile = env.get("TRACKER_MOBILE_URL", base_url)
        wecom = env.get("TRACKER_WECOM_BASE_URL", WECOM_HOST).rstrip("/")
        return cls(
            database_url=_checked_database(database_url),
            data_dir=data_dir,
            secret_keys=_secret_keys(env, database_url, data_dir),
            base_url=base_url,
            mobile_url=None if mobile == "none" else mobile.rstrip("/"),
            trusted_hosts=_split(env.get("TRACKER_TRUSTED_HOSTS")) or (_host(base_url),),
            trusted_proxies=_split(env.get("TRACKER_TRUSTED_PROXIES")),
            wecom_base_url=wecom,
            wecom_allowed_hosts=_split(env.get("TRACKER_WECOM_ALLOWED_HOSTS")) or (wecom,),
            mail_allowed_servers=_split(env.get("TRACKER_MAIL_ALLOWED_SERVERS")),
            http_proxy=env.get("TRACKER_HTTP_PROXY") or None,
            ca_file=env.get("TRACKER_CA_FILE") or None,
            host=env.get("TRACKER_HOST", "127.0.0.1"),
            port=_integer(env, "TRACKER_PORT", 8000),
            log_format=env.get("TRACKER_LOG_FORMAT", "text"),
            metrics_token=_metrics_token(env),
            role_picker=env.get("TRACKER_DEMO_ROLE_PICKER") == "1",
        )


def _default_database(data_dir: Path, env: Mapping[str, str]) -> str:
    return f"sqlite:///{data_dir}/tracker.db" if "TRACKER_DATA_DIR" in env else SQLITE_DEFAULT


def _checked_database(url: str) -> str:
    if url.startswith(("sqlite:///", "postgresql+psycopg://")):
        return url
    raise ConfigError(
        "TRACKER_DATABASE_URL 只支持 sqlite:///… 或 postgresql+psycopg://…，请修改后重新启动。"
    )


def _secret_keys(env: Mapping[str, str], database_url: str, data_dir: Path) -> tuple[str, ...]:
    given = _split(env.get("TRACKER_SECRET_KEY"))
    if not given and not database_url.startswith("sqlite"):
        raise ConfigError("使用 PostgreSQL 时必须设置 TRACKER_SECRET_KEY（至少 32 字节）。")
    keys = given or (_kept_key(data_dir),)
    if any(len(key.encode()) < MINIMUM_SECRET_BYTES for key in keys):
        raise ConfigError("TRACKER_SECRET_KEY 太短：每个密钥至少 32 字节，多个用逗号分开。")
    return keys


def _kept_key(data_dir: Path) -> str:
    """Return the key of the one-office set-up, made once with mode 0600."""
    path = data_dir / "secret.key"
    data_dir.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as file:
        key = secrets.token_hex(32)
        file.write(key)
    return key


def _metrics_token(env: Mapping[str, str]) -> str | None:
    token = env.get("TRACKER_METRICS_TOKEN") or None
    if token is not None and len(token.encode()) < MINIMUM_TOKEN_BYTES:
        raise ConfigError(
            "TRACKER_METRICS_TOKEN 太短：至少 16 字节；不填则只有本机可以读取 /metrics。"
        )
    return token


def _split(value: str | None) -> tuple[str, ...]:
    return tuple(part.strip().rstrip("/") for part in (value or "").split(",") if part.strip())


def _host(url: str) -> str:
    host = urlsplit(url).hostname
    if not host:
        raise ConfigError("TRACKER_BASE_URL 不是网址，例如 http://10.0.0.5:8000。")
    return host


def _integer(env: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(env.get(name, default))
    except ValueError:
        raise ConfigError(f"{name} 应是整数，现在是“{env[name]}”。") from None
