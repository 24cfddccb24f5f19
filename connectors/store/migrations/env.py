"""Runs the revisions on the connection handed over, inside the transaction it has open."""

from __future__ import annotations

from alembic import context

from connectors.store.schema import VERSION_TABLE, metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    version_table=VERSION_TABLE,
    transactional_ddl=True,  # true of PostgreSQL, and of SQLite since the engine begins every transaction itself
    render_as_batch=True,
)
context.run_migrations()
