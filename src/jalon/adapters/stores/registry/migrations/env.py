"""Run by Alembic with the connection that `open` made."""

from alembic import context

from jalon.adapters.stores.registry.schema import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot alter a table otherwise
    transaction_per_migration=True,
)
with context.begin_transaction():
    context.run_migrations()
