"""What a co-ordinator does about a thing that is owed, and the history of it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; what an older store holds stays as it is."""
    op.create_table(
        "chase",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("assigned_to", sa.String, nullable=True),
        sa.Column("asked_on", sa.Date, nullable=True),
        sa.Column("snoozed_until", sa.Date, nullable=True),
        sa.Column("snooze_reason", sa.String, nullable=True),
        sa.Column("note", sa.String, nullable=True),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("agency", sa.String, nullable=True),
        sa.Column("level", sa.String, nullable=True),
        sa.Column("due_on", sa.Date, nullable=True),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sa.Column("changed_by", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_chase"),
        sa.UniqueConstraint("area", "key", name="uq_chase_area"),
        comment="How each thing on the worklist that somebody has acted on stands now.",
        sqlite_autoincrement=True,
    )
    op.create_table(
        "chase_event",
        sa.Column("chase_id", sa.Integer, nullable=False),
        sa.Column("version", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("action", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=True),
        sa.Column("day", sa.Date, nullable=True),
        sa.Column("snapshot_id", sa.Integer, nullable=True),
        sa.PrimaryKeyConstraint("chase_id", "version", name="pk_chase_event"),
        sa.ForeignKeyConstraint(["chase_id"], ["chase.id"], name="fk_chase_event_chase_id"),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name="fk_chase_event_snapshot_id"),
        comment="Every step taken, in order; rows are only ever added.",
    )
