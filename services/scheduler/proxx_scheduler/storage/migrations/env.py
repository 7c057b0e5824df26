"""Alembic's entry: runs inside the connection and transaction that `migrate.upgrade` hands over."""

from alembic import context

from proxx_scheduler.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
