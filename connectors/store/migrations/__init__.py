"""The store's schema, revision by revision (Alembic). Run by `connectors.store.upgrading`, in one transaction."""
