"""First tables: raw rows and what is derived from them, wishes, promises."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "checkpoints",
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("generation", sa.String(length=32), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("tail_hash", sa.String(length=32), nullable=False),
        sa.PrimaryKeyConstraint("source", name="pk_checkpoints"),
    )
    op.create_table(
        "contacts",
        sa.Column("id", sa.String(length=150), nullable=False),
        sa.Column("line", sa.String(length=80), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("language", sa.String(length=40), nullable=False),
        sa.Column("sub_line", sa.String(length=80), nullable=False),
        sa.Column("queue", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("lost_cause", sa.String(length=20), nullable=True),
        sa.Column("wait", sa.Double(), nullable=False),
        sa.Column("talk", sa.Double(), nullable=False),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("evidence", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_contacts"),
    )
    op.create_index("ix_contacts_number", "contacts", ["number", "started_at"])
    op.create_index("ix_contacts_ended_at", "contacts", ["ended_at"])
    op.create_index("ix_contacts_started_at", "contacts", ["started_at"])
    op.create_index("ix_contacts_totals", "contacts", ["line", "sub_line", "outcome"])
    op.create_table(
        "operator_events",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("operator", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("logged_in", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("changed_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_operator_events"),
    )
    op.create_index("ix_operator_events_operator", "operator_events", ["operator", "at"])
    op.create_table(
        "operator_wishes",
        sa.Column("operator", sa.String(length=80), nullable=False),
        sa.Column("logged_in", sa.Boolean(), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.String(length=80), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_by", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("operator", name="pk_operator_wishes"),
    )
    op.create_table(
        "promises",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("spool_id", sa.String(length=150), nullable=False),
        sa.Column("number", sa.String(length=80), nullable=False),
        sa.Column("line", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_promises"),
        sa.UniqueConstraint("spool_id", name="uq_promises_spool_id"),
    )
    op.create_table(
        "raw_rows",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("generation", sa.String(length=32), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("uniqueid", sa.String(length=150), nullable=False),
        sa.Column("linkedid", sa.String(length=150), nullable=False),
        sa.Column("event", sa.String(length=80), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_raw_rows"),
        sa.UniqueConstraint(
            "source", "generation", "offset", name="uq_raw_rows_source_generation_offset"
        ),
    )
    op.create_index("ix_raw_rows_linkedid", "raw_rows", ["linkedid"])
    op.create_index("ix_raw_rows_uniqueid", "raw_rows", ["uniqueid"])
    op.create_table(
        "rejected_rows",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("generation", sa.String(length=32), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=200), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_rejected_rows"),
        sa.UniqueConstraint(
            "source", "generation", "offset", name="uq_rejected_rows_source_generation_offset"
        ),
    )
    op.create_table(
        "legs",
        sa.Column("contact_id", sa.String(length=150), nullable=False),
        sa.Column("uniqueid", sa.String(length=150), nullable=False),
        sa.Column("channel", sa.String(length=150), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("party", sa.String(length=80), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("hangup_cause", sa.Integer(), nullable=True),
        sa.Column("hangup_source", sa.String(length=150), nullable=False),
        sa.Column("evidence", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name="fk_legs_contacts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", "uniqueid", name="pk_legs"),
    )
    op.create_table(
        "segments",
        sa.Column("contact_id", sa.String(length=150), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bridge", sa.String(length=150), nullable=False),
        sa.Column("leg_a", sa.String(length=150), nullable=False),
        sa.Column("leg_b", sa.String(length=150), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name="fk_segments_contacts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", "ordinal", name="pk_segments"),
    )
    op.create_table(
        "visits",
        sa.Column("contact_id", sa.String(length=150), nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("queue", sa.String(length=80), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("wait", sa.Double(), nullable=False),
        sa.Column("operator", sa.String(length=80), nullable=False),
        sa.Column("talk", sa.Double(), nullable=False),
        sa.Column("evidence", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id"], ["contacts.id"], name="fk_visits_contacts", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("contact_id", "ordinal", name="pk_visits"),
    )
    op.create_index("ix_visits_queue", "visits", ["queue", "entered_at"])
    op.create_table(
        "offers",
        sa.Column("contact_id", sa.String(length=150), nullable=False),
        sa.Column("visit", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ordinal", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("operator", sa.String(length=80), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["contact_id", "visit"],
            ["visits.contact_id", "visits.ordinal"],
            name="fk_offers_visits",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("contact_id", "visit", "ordinal", name="pk_offers"),
    )
    op.create_index("ix_offers_operator", "offers", ["operator", "offered_at"])


def downgrade() -> None:
    op.drop_table("offers")
    op.drop_table("visits")
    op.drop_table("segments")
    op.drop_table("legs")
    op.drop_table("rejected_rows")
    op.drop_table("raw_rows")
    op.drop_table("promises")
    op.drop_table("operator_wishes")
    op.drop_table("operator_events")
    op.drop_table("contacts")
    op.drop_table("checkpoints")
