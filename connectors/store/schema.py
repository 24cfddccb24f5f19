"""The store's tables. A change here needs a new revision in `migrations/versions/` and its id in `CURRENT`."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

CURRENT = "0004"
"""The revision these tables are at; held here so that a page can compare without loading Alembic."""

VERSION_TABLE = "store_version"


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment, kept as UTC without a zone: SQLite would drop the zone, PostgreSQL would answer in the session's."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """To UTC; a moment without a time zone is refused, since it could mean any."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        """Back, in UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


metadata = sa.MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    }
)

definition_set = sa.Table(
    "definition_set",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("document", sa.JSON, nullable=False),
    comment="Measures, rules, fields and standards as declared; kept once for all snapshots that share them.",
)

snapshot = sa.Table(
    "snapshot",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("area", sa.String, nullable=False),
    sa.Column("as_at", sa.Date, nullable=False),
    sa.Column("made_at", UtcDateTime, nullable=False),
    sa.Column("product_version", sa.String, nullable=False),
    sa.Column("fingerprint", sa.String, nullable=False),
    # Unique: a snapshot has one successor, so two refreshes that both started from it cannot both be stored.
    sa.Column("previous_id", sa.Integer, sa.ForeignKey("snapshot.id"), nullable=True, unique=True),
    sa.Column("standards", sa.JSON, nullable=False),
    sa.Column("sources", sa.JSON, nullable=False),
    sa.Column("notes", sa.JSON, nullable=False),
    sa.Column("definitions_sha256", sa.String(64), sa.ForeignKey("definition_set.sha256"), nullable=False),
    sa.Index(None, "area", "id"),
    comment="One refresh of one area.",
    # Never the number of a snapshot that has been removed: pages and people refer to snapshots by it.
    sqlite_autoincrement=True,
)

frame_content = sa.Table(
    "frame_content",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("chunks", sa.Integer, nullable=False),
    comment="One frame as a Parquet file, named by the SHA-256 of its bytes.",
)

frame_chunk = sa.Table(
    "frame_chunk",
    metadata,
    sa.Column("sha256", sa.String(64), sa.ForeignKey("frame_content.sha256"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("data", sa.LargeBinary, nullable=False),
    comment="The bytes of a frame, in pieces that both databases take.",
)

snapshot_frame = sa.Table(
    "snapshot_frame",
    metadata,
    sa.Column("snapshot_id", sa.Integer, sa.ForeignKey("snapshot.id"), primary_key=True),
    sa.Column("name", sa.String, primary_key=True),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.String(64), sa.ForeignKey("frame_content.sha256"), nullable=False),
    comment="Which frames a snapshot holds, under which names.",
)

result = sa.Table(
    "result",
    metadata,
    sa.Column("snapshot_id", sa.Integer, sa.ForeignKey("snapshot.id"), primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("standard", sa.String, nullable=False),
    sa.Column("period", sa.String, nullable=False),
    sa.Column("period_kind", sa.String, nullable=False),
    sa.Column("period_start", sa.Date, nullable=False),
    sa.Column("period_end", sa.Date, nullable=False),
    sa.Column("measure", sa.String, nullable=False),
    sa.Column("by", sa.String, nullable=False),
    sa.Column("unit", sa.String),
    sa.Column("met", sa.BigInteger),
    sa.Column("owed", sa.BigInteger),
    sa.Column("unknown", sa.BigInteger),
    sa.Column("rate", sa.Double),
    sa.Column("worst", sa.Double),
    sa.Column("best", sa.Double),
    sa.Column("low", sa.Double),
    sa.Column("high", sa.Double),
    sa.Column("target", sa.Double),
    sa.Column("verdict", sa.String),
    sa.Index(None, "snapshot_id", "standard", "measure"),
    sa.Index(None, "snapshot_id", "standard", "period"),
    comment="The figures; columns as in `connectors.store.snapshots.RESULTS`.",
)

rule_outcome = sa.Table(
    "rule_outcome",
    metadata,
    sa.Column("snapshot_id", sa.Integer, sa.ForeignKey("snapshot.id"), primary_key=True),
    sa.Column("line", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("standard", sa.String, nullable=False),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("severity", sa.String, nullable=False),
    sa.Column("dimension", sa.String, nullable=False),
    sa.Column("table", sa.String, nullable=False),
    sa.Column("field", sa.String),
    sa.Column("status", sa.String, nullable=False),
    sa.Column("rows", sa.BigInteger),
    sa.Column("failing", sa.BigInteger),
    sa.Column("new", sa.BigInteger),
    sa.Column("resolved", sa.BigInteger),
    sa.Column("persisting", sa.BigInteger),
    sa.Index(None, "snapshot_id", "standard"),
    comment="What each rule found; columns as in `connectors.store.snapshots.RULE_OUTCOMES`.",
)

board_commentary = sa.Table(
    "board_commentary",
    metadata,
    sa.Column("area", sa.String, primary_key=True),
    sa.Column("standard", sa.String, primary_key=True),
    sa.Column("period", sa.String, primary_key=True),
    sa.Column("measure", sa.String, primary_key=True),
    # Part of the key: of two who write after the same version, the second is refused.
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("author", sa.String, nullable=False),
    sa.Column("written_at", UtcDateTime, nullable=False),
    sa.Column("snapshot_id", sa.Integer, nullable=False),
    comment="The line beside a KPI in a period; every version stays.",
)

board_action = sa.Table(
    "board_action",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("area", sa.String, nullable=False),
    sa.Column("raised_in", sa.String, nullable=False),
    sa.Column("raised_until", sa.Date, nullable=False),
    sa.Index(None, "area"),
    comment="An action of the Board, and the period on whose screen it was raised.",
    sqlite_autoincrement=True,
)

board_action_version = sa.Table(
    "board_action_version",
    metadata,
    sa.Column("action_id", sa.Integer, sa.ForeignKey("board_action.id"), primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("text", sa.String, nullable=False),
    sa.Column("owner", sa.String, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("measure", sa.String),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("reason", sa.String, nullable=False),
    sa.Column("changed_until", sa.Date, nullable=False),
    sa.Column("author", sa.String, nullable=False),
    sa.Column("written_at", UtcDateTime, nullable=False),
    comment="What an action said and how it stood; every version stays.",
)

chase = sa.Table(
    "chase",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("area", sa.String, nullable=False),
    sa.Column("key", sa.String, nullable=False),
    # Counts the steps taken: who changes a thing says which version was seen, and a step can be taken from it only once.
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.String, nullable=False),
    sa.Column("assigned_to", sa.String),
    sa.Column("asked_on", sa.Date),
    sa.Column("snoozed_until", sa.Date),
    sa.Column("snooze_reason", sa.String),
    sa.Column("note", sa.String),
    # What it was about, for when no snapshot shows it any longer.
    sa.Column("kind", sa.String, nullable=False),
    sa.Column("title", sa.String, nullable=False),
    sa.Column("agency", sa.String),
    sa.Column("level", sa.String),
    sa.Column("due_on", sa.Date),
    sa.Column("changed_at", UtcDateTime, nullable=False),
    sa.Column("changed_by", sa.String, nullable=False),
    sa.UniqueConstraint("area", "key"),
    comment="How each thing on the worklist that somebody has acted on stands now.",
    sqlite_autoincrement=True,
)

chase_event = sa.Table(
    "chase_event",
    metadata,
    sa.Column("chase_id", sa.Integer, sa.ForeignKey("chase.id"), primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", UtcDateTime, nullable=False),
    sa.Column("author", sa.String, nullable=False),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("text", sa.String),
    sa.Column("day", sa.Date),
    sa.Column("snapshot_id", sa.Integer, sa.ForeignKey("snapshot.id")),
    comment="Every step taken, in order; rows are only ever added.",
)

accepted_finding = sa.Table(
    "accepted_finding",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("area", sa.String, nullable=False),
    sa.Column("rule", sa.String, nullable=False),
    sa.Column("table", sa.String, nullable=False),
    # Empty, not null, where a finding has none: two nulls are not equal to a database.
    sa.Column("key", sa.String, nullable=False),
    sa.Column("field", sa.String, nullable=False),
    sa.UniqueConstraint("area", "rule", "table", "key", "field"),
    comment="A finding that was ever accepted, by what it is: never by the row in which it stood.",
    sqlite_autoincrement=True,
)

accepted_finding_version = sa.Table(
    "accepted_finding_version",
    metadata,
    sa.Column("finding_id", sa.Integer, sa.ForeignKey("accepted_finding.id"), primary_key=True),
    # Part of the key: of two who decide after the same version, the second is refused.
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("action", sa.String, nullable=False),
    sa.Column("reason", sa.String),
    sa.Column("until_on", sa.Date),
    sa.Column("author", sa.String, nullable=False),
    sa.Column("at", UtcDateTime, nullable=False),
    comment="Every decision to accept a finding or to end that, in order; rows are only ever added.",
)
