"""What the Board's people write: commentary and actions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the three tables; what is there stays as it is."""
    op.create_table(
        "board_commentary",
        sa.Column("area", sa.String, nullable=False),
        sa.Column("standard", sa.String, nullable=False),
        sa.Column("period", sa.String, nullable=False),
        sa.Column("measure", sa.String, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("written_at", sa.DateTime, nullable=False),
        sa.Column("snapshot_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("area", "standard", "period", "measure", "number", name="pk_board_commentary"),
        comment="The line beside a KPI in a period; every version stays.",
    )
    op.create_table(
        "board_action",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("raised_in", sa.String, nullable=False),
        sa.Column("raised_until", sa.Date, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_board_action"),
        comment="An action of the Board, and the period on whose screen it was raised.",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_board_action_area", "board_action", ["area"])
    op.create_table(
        "board_action_version",
        sa.Column("action_id", sa.Integer, nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("owner", sa.String, nullable=False),
        sa.Column("due_on", sa.Date, nullable=False),
        sa.Column("measure", sa.String, nullable=True),
        sa.Column("state", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("changed_until", sa.Date, nullable=False),
        sa.Column("author", sa.String, nullable=False),
        sa.Column("written_at", sa.DateTime, nullable=False),
        sa.PrimaryKeyConstraint("action_id", "number", name="pk_board_action_version"),
        sa.ForeignKeyConstraint(["action_id"], ["board_action.id"], name="fk_board_action_version_action_id"),
        comment="What an action said and how it stood; every version stays.",
    )
