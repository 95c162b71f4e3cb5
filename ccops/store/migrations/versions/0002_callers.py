"""What is known of callers, disturbances, blocks, the ledger of announcements; promises in full."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.rename_table("promises", "promises_0001")
    op.create_table(
        "promises",
        sa.Column("id", KEY, nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("call", sa.String(length=150), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("line", sa.String(length=80), nullable=False),
        sa.Column("queue", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("arrived_at", MOMENT, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_promises_0002"),
        sa.UniqueConstraint("source", name="uq_promises_source"),
    )
    op.execute(
        "INSERT INTO promises"
        " (source, kind, call, number, line, queue, language, arrived_at, at)"
        " SELECT spool_id, 'fallback', '', number, line, '', '', at, at FROM promises_0001"
        " ORDER BY id"
    )
    op.drop_table("promises_0001")
    op.create_index("ix_promises_call", "promises", ["call"])
    op.create_table(
        "callers",
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("slow", sa.Boolean(), nullable=False),
        sa.Column("seen_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_callers"),
    )
    op.create_index("ix_callers_seen_at", "callers", ["seen_at"])
    op.create_table(
        "disturbances",
        sa.Column("id", KEY, nullable=False),
        sa.Column("line", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("texts", sa.JSON(), nullable=False),
        sa.Column("stops_calls", sa.Boolean(), nullable=False),
        sa.Column("resumes_at", MOMENT, nullable=True),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("started_by", sa.String(length=80), nullable=False),
        sa.Column("ended_at", MOMENT, nullable=True),
        sa.Column("ended_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_disturbances"),
    )
    op.create_index("ix_disturbances_started_at", "disturbances", ["started_at"])
    op.create_index("ix_disturbances_ended_at", "disturbances", ["ended_at"])
    op.create_table(
        "blocks",
        sa.Column("id", KEY, nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("blocked_at", MOMENT, nullable=False),
        sa.Column("blocked_by", sa.String(length=80), nullable=False),
        sa.Column("until", MOMENT, nullable=True),
        sa.Column("lifted_at", MOMENT, nullable=True),
        sa.Column("lifted_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_blocks"),
    )
    op.create_index("ix_blocks_number", "blocks", ["number", "blocked_at"])
    op.create_table(
        "announcements",
        sa.Column("id", KEY, nullable=False),
        sa.Column("call", sa.String(length=150), nullable=False),
        sa.Column("queue", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=8), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("waited", sa.Double(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("operators", sa.Double(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=True),
        sa.Column("promised", sa.Double(), nullable=True),
        sa.Column("spoken", sa.Integer(), nullable=True),
        sa.Column("variant", sa.String(length=40), nullable=False),
        sa.Column("fate", sa.String(length=20), nullable=False),
        sa.Column("happened", sa.Double(), nullable=True),
        sa.Column("actual", sa.Double(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_announcements"),
        sa.UniqueConstraint("call", "at", name="uq_announcements_call_at"),
    )
    op.create_index("ix_announcements_at", "announcements", ["at"])


def downgrade() -> None:
    op.drop_table("announcements")
    op.drop_table("blocks")
    op.drop_table("disturbances")
    op.drop_table("callers")
    op.drop_index("ix_promises_call", "promises")
    op.rename_table("promises", "promises_0002")
    op.create_table(
        "promises",
        sa.Column("id", KEY, nullable=False),
        sa.Column("spool_id", sa.String(length=150), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("line", sa.String(length=80), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_promises"),
        sa.UniqueConstraint("spool_id", name="uq_promises_spool_id"),
    )
    op.execute(
        "INSERT INTO promises (spool_id, number, line, at)"
        " SELECT source, number, line, at FROM promises_0002 ORDER BY id"
    )
    op.drop_table("promises_0002")
