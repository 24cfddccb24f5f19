"""Findings that are accepted for a while, and the history of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; what an older store holds stays as it is."""
    op.create_table(
        "accepted_finding",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("table", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("field", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_accepted_finding"),
        sa.UniqueConstraint("area", "rule", "table", "key", "field", name="uq_accepted_finding_area"),
        comment="A finding that was ever accepted, by what it is: never by the row in which it stood.",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "accepted_finding_version",
        sa.Column("finding_id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=True),
        sa.Column("until_on", sa.Date, nullable=True),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("finding_id", "version", name="pk_accepted_finding_version"),
        sa.ForeignKeyConstraint(["finding_id"], ["accepted_finding.id"], name="fk_accepted_finding_version_finding_id"),
        comment="Every decision to accept a finding or to end that, in order; rows are only ever added.",
    )
