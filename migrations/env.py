"""Alembic's environment: always the connection that `tracker.kernel.migrate` hands over."""

from alembic import context

from tracker.models import metadata


def run() -> None:
    """Run inside the caller's transaction, so that an upgrade is all or nothing."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=metadata,
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
        transactional_ddl=True,
        user_module_prefix="db.",
    )
    with context.begin_transaction():
        context.run_migrations()


run()
