"""The one command of the demonstration."""

from flask.cli import AppGroup

demo_group = AppGroup("demo", help="演示数据。")
