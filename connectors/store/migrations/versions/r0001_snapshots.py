"""Snapshots, their frames, results, rule outcomes and definitions."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make every table of a new store."""
    op.create_table(
        "definition_set",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("document", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_definition_set"),
        comment="Measures, rules, fields and standards as declared; kept once for all snapshots that share them.",
    )
    op.create_table(
        "snapshot",
        sa.Column("id", sa.Integer, nullable=False),
        sa.Column("area", sa.String, nullable=False),
        sa.Column("as_at", sa.Date, nullable=False),
        sa.Column("made_at", sa.DateTime, nullable=False),
        sa.Column("product_version", sa.String, nullable=False),
        sa.Column("fingerprint", sa.String, nullable=False),
        sa.Column("previous_id", sa.Integer, nullable=True),
        sa.Column("standards", sa.JSON, nullable=False),
        sa.Column("sources", sa.JSON, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("definitions_sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_snapshot"),
        sa.ForeignKeyConstraint(["previous_id"], ["snapshot.id"], name="fk_snapshot_previous_id"),
        sa.ForeignKeyConstraint(
            ["definitions_sha256"], ["definition_set.sha256"], name="fk_snapshot_definitions_sha256"
        ),
        sa.UniqueConstraint("previous_id", name="uq_snapshot_previous_id"),
        comment="One refresh of one area.",
        sqlite_autoincrement=True,
    )
    op.create_index("ix_snapshot_area_id", "snapshot", ["area", "id"])
    op.create_table(
        "frame_content",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("bytes", sa.BigInteger, nullable=False),
        sa.Column("chunks", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_frame_content"),
        comment="One frame as a Parquet file, named by the SHA-256 of its bytes.",
    )
    op.create_table(
        "frame_chunk",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("number", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("data", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("sha256", "number", name="pk_frame_chunk"),
        sa.ForeignKeyConstraint(["sha256"], ["frame_content.sha256"], name="fk_frame_chunk_sha256"),
        comment="The bytes of a frame, in pieces that both databases take.",
    )
    if op.get_bind().dialect.name == "postgresql":
        # Parquet is compressed already: do not let PostgreSQL try again.
        op.execute("ALTER TABLE frame_chunk ALTER COLUMN data SET STORAGE EXTERNAL")
    op.create_table(
        "snapshot_frame",
        sa.Column("snapshot_id", sa.Integer, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("snapshot_id", "name", name="pk_snapshot_frame"),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name="fk_snapshot_frame_snapshot_id"),
        sa.ForeignKeyConstraint(["sha256"], ["frame_content.sha256"], name="fk_snapshot_frame_sha256"),
        comment="Which frames a snapshot holds, under which names.",
    )
    op.create_table(
        "result",
        sa.Column("snapshot_id", sa.Integer, nullable=False),
        sa.Column("line", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("standard", sa.String, nullable=False),
        sa.Column("period", sa.String, nullable=False),
        sa.Column("period_kind", sa.String, nullable=False),
        sa.Column("period_start", sa.Date, nullable=False),
        sa.Column("period_end", sa.Date, nullable=False),
        sa.Column("measure", sa.String, nullable=False),
        sa.Column("by", sa.String, nullable=False),
        sa.Column("unit", sa.String, nullable=True),
        sa.Column("met", sa.BigInteger, nullable=True),
        sa.Column("owed", sa.BigInteger, nullable=True),
        sa.Column("unknown", sa.BigInteger, nullable=True),
        sa.Column("rate", sa.Double, nullable=True),
        sa.Column("worst", sa.Double, nullable=True),
        sa.Column("best", sa.Double, nullable=True),
        sa.Column("low", sa.Double, nullable=True),
        sa.Column("high", sa.Double, nullable=True),
        sa.Column("target", sa.Double, nullable=True),
        sa.Column("verdict", sa.String),
        sa.PrimaryKeyConstraint("snapshot_id", "line", name="pk_result"),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name="fk_result_snapshot_id"),
        comment="The figures; columns as in `connectors.store.snapshots.RESULTS`.",
    )
    op.create_index("ix_result_snapshot_id_standard_measure", "result", ["snapshot_id", "standard", "measure"])
    op.create_index("ix_result_snapshot_id_standard_period", "result", ["snapshot_id", "standard", "period"])
    op.create_table(
        "rule_outcome",
        sa.Column("snapshot_id", sa.Integer, nullable=False),
        sa.Column("line", sa.Integer, autoincrement=False, nullable=False),
        sa.Column("standard", sa.String, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("severity", sa.String, nullable=False),
        sa.Column("dimension", sa.String, nullable=False),
        sa.Column("table", sa.String, nullable=False),
        sa.Column("field", sa.String, nullable=True),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("rows", sa.BigInteger, nullable=True),
        sa.Column("failing", sa.BigInteger, nullable=True),
        sa.Column("new", sa.BigInteger, nullable=True),
        sa.Column("resolved", sa.BigInteger, nullable=True),
        sa.Column("persisting", sa.BigInteger, nullable=True),
        sa.PrimaryKeyConstraint("snapshot_id", "line", name="pk_rule_outcome"),
        sa.ForeignKeyConstraint(["snapshot_id"], ["snapshot.id"], name="fk_rule_outcome_snapshot_id"),
        comment="What each rule found; columns as in `connectors.store.snapshots.RULE_OUTCOMES`.",
    )
    op.create_index("ix_rule_outcome_snapshot_id_standard", "rule_outcome", ["snapshot_id", "standard"])
