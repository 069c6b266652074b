"""The first tables: municipalities, facilities, people, bookings, letters, ledger, audit."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("create extension if not exists btree_gist")
    op.execute("create sequence booking_count")
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("email", name=op.f("uq_account_email")),
    )
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("is_known_device", sa.Boolean(), nullable=False),
        sa.Column("wrong_tries", sa.Integer(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("used_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_attempt")),
    )
    op.create_index(
        "ix_sign_in_attempt_email", "sign_in_attempt", ["email", "created_at"], unique=False
    )
    op.create_index(
        "ix_sign_in_attempt_network", "sign_in_attempt", ["network", "created_at"], unique=False
    )
    op.create_table(
        "tenant",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kana", sa.Text(), nullable=False),
        sa.Column("zone", sa.Text(), nullable=False),
        sa.Column("catalogue_revision", sa.Integer(), nullable=False),
        sa.CheckConstraint("code ~ '^[0-9]{6}$'", name=op.f("ck_tenant_code_has_six_digits")),
        sa.CheckConstraint(
            "slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'", name=op.f("ck_tenant_slug_fits_a_path")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tenant")),
        sa.UniqueConstraint("code", name=op.f("uq_tenant_code")),
        sa.UniqueConstraint("slug", name=op.f("uq_tenant_slug")),
    )
    op.create_table(
        "api_token",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("rights", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("revoked_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_api_token_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_api_token")),
        sa.UniqueConstraint(
            "tenant_id", "token_hash", name=op.f("uq_api_token_tenant_id_token_hash")
        ),
    )
    op.create_table(
        "audit_entry",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("token_id", sa.Integer(), nullable=True),
        sa.Column("request_id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.Integer(), nullable=False),
        sa.Column(
            "facts", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.CheckConstraint(
            "actor_kind in ('resident','staff','program','service')",
            name=op.f("ck_audit_entry_actor"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_audit_entry_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_audit_entry")),
    )
    op.create_index(
        "ix_audit_entry_subject",
        "audit_entry",
        ["tenant_id", "subject", "subject_id", "at"],
        unique=False,
    )
    op.create_table(
        "booking",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("number", sa.Text(), nullable=True),
        sa.Column("basket_key", sa.Text(), nullable=True),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("is_by_staff", sa.Boolean(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("touched_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("extended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("submitted_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("due_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("applicant_class", sa.Text(), nullable=True),
        sa.Column("applicant_name", sa.Text(), nullable=True),
        sa.Column("applicant_kana", sa.Text(), nullable=True),
        sa.Column("applicant_phone", sa.Text(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=True),
        sa.Column("people", sa.Integer(), nullable=True),
        sa.Column("shown_name", sa.Text(), nullable=True),
        sa.Column("notes", sa.Text(), nullable=True),
        sa.Column(
            "answers", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.Column("fee_yen", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(state = 'draft') = (number is null)", name=op.f("ck_booking_submitted_has_a_number")
        ),
        sa.CheckConstraint(
            "state <> 'provisional' or due_at is not null",
            name=op.f("ck_booking_provisional_is_due"),
        ),
        sa.CheckConstraint(
            "state = 'draft' or (account_id is not null or is_by_staff)",
            name=op.f("ck_booking_has_an_applicant"),
        ),
        sa.CheckConstraint(
            "state in ('draft', 'provisional', 'confirmed', 'cancelled', 'lapsed', 'used')",
            name=op.f("ck_booking_state"),
        ),
        sa.CheckConstraint("fee_yen >= 0", name=op.f("ck_booking_fee")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_booking_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_booking")),
        sa.UniqueConstraint(
            "tenant_id", "basket_key", name=op.f("uq_booking_tenant_id_basket_key")
        ),
        sa.UniqueConstraint("tenant_id", "number", name=op.f("uq_booking_tenant_id_number")),
    )
    op.create_index(
        "ix_booking_account", "booking", ["tenant_id", "account_id", "submitted_at"], unique=False
    )
    op.create_index(
        "ix_booking_drafts",
        "booking",
        ["tenant_id", "touched_at"],
        unique=False,
        postgresql_where=sa.text("state = 'draft'"),
    )
    op.create_index(
        "ix_booking_due",
        "booking",
        ["tenant_id", "due_at"],
        unique=False,
        postgresql_where=sa.text("state = 'provisional'"),
    )
    op.create_index(
        "ix_booking_origin",
        "booking",
        ["tenant_id", "origin"],
        unique=False,
        postgresql_where=sa.text("origin is not null"),
    )
    op.create_table(
        "delivery",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("template", sa.Text(), nullable=False),
        sa.Column("subject_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("promised_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("done_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint("state in ('promised','sent','failed')", name=op.f("ck_delivery_state")),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_delivery_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_delivery")),
        sa.UniqueConstraint(
            "tenant_id",
            "template",
            "subject_id",
            name=op.f("uq_delivery_tenant_id_template_subject_id"),
        ),
    )
    op.create_index("ix_delivery_state", "delivery", ["tenant_id", "state"], unique=False)
    op.create_table(
        "facility",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kana", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("is_demonstration", sa.Boolean(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_facility_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_facility")),
        sa.UniqueConstraint("tenant_id", "slug", name=op.f("uq_facility_tenant_id_slug")),
    )
    op.create_table(
        "idempotent_answer",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("token_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("request_hash", sa.Text(), nullable=False),
        sa.Column("asked_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "answer", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_idempotent_answer_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_idempotent_answer")),
        sa.UniqueConstraint(
            "tenant_id", "token_id", "key", name=op.f("uq_idempotent_answer_tenant_id_token_id_key")
        ),
    )
    op.create_table(
        "policy_version",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("published_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "document", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_policy_version_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_policy_version")),
        sa.UniqueConstraint(
            "tenant_id",
            "effective_from",
            "published_at",
            name=op.f("uq_policy_version_tenant_id_effective_from_published_at"),
        ),
    )
    op.create_table(
        "resident",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kana", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("applicant_class", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_resident_account_id")
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_resident_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_resident")),
        sa.UniqueConstraint(
            "tenant_id", "account_id", name=op.f("uq_resident_tenant_id_account_id")
        ),
    )
    op.create_table(
        "signed_in",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_signed_in_account_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signed_in")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_signed_in_token_hash")),
    )
    op.create_index("ix_signed_in_account", "signed_in", ["account_id"], unique=False)
    op.create_table(
        "closure",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.CheckConstraint(
            "kind in ('closure','public_use','maintenance')", name=op.f("ck_closure_kind")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_closure_tenant_id_facility_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_closure_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_closure")),
    )
    op.create_table(
        "facility_change",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("changed_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_facility_change_tenant_id_facility_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "facility_id", "id", name=op.f("pk_facility_change")),
    )
    op.create_index(
        "ix_facility_change_changed_at",
        "facility_change",
        ["tenant_id", "changed_at"],
        unique=False,
    )
    op.create_table(
        "ledger_entry",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("booking_line_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("yen", sa.Integer(), nullable=False),
        sa.Column("entered_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=True),
        sa.Column("method", sa.Text(), nullable=True),
        sa.CheckConstraint(
            "(kind in ('charge','refund') and yen >= 0)"
            " or (kind in ('release','payment') and yen <= 0)",
            name=op.f("ck_ledger_entry_sign"),
        ),
        sa.CheckConstraint(
            "kind in ('charge','release','payment','refund')", name=op.f("ck_ledger_entry_kind")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("fk_ledger_entry_tenant_id_booking_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_ledger_entry_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_ledger_entry")),
    )
    op.create_index(
        "ix_ledger_entry_booking", "ledger_entry", ["tenant_id", "booking_id"], unique=False
    )
    op.create_table(
        "room",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kana", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("min_people", sa.Integer(), nullable=False),
        sa.Column("purposes", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("buffer_minutes", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("is_listed", sa.Boolean(), nullable=False),
        sa.CheckConstraint("buffer_minutes between 0 and 720", name=op.f("ck_room_buffer")),
        sa.CheckConstraint("capacity is null or capacity > 0", name=op.f("ck_room_capacity")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_room_tenant_id_facility_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_room_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_room")),
        sa.UniqueConstraint(
            "tenant_id", "facility_id", "id", name=op.f("uq_room_tenant_id_facility_id_id")
        ),
        sa.UniqueConstraint(
            "tenant_id", "facility_id", "slug", name=op.f("uq_room_tenant_id_facility_id_slug")
        ),
    )
    op.create_table(
        "rule_version",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=False),
        sa.Column("published_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column(
            "document", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=False
        ),
        sa.CheckConstraint(
            "subject in ('calendar','terms','fees')", name=op.f("ck_rule_version_subject")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_rule_version_tenant_id_facility_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_rule_version_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_rule_version")),
        sa.UniqueConstraint(
            "tenant_id",
            "facility_id",
            "subject",
            "effective_from",
            "published_at",
            name=op.f("uq_rule_version_tenant_id_facility_id_subject_effective_from_published_at"),
        ),
    )
    op.create_table(
        "space",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_space_tenant_id_facility_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_space_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_space")),
        sa.UniqueConstraint(
            "tenant_id", "facility_id", "slug", name=op.f("uq_space_tenant_id_facility_id_slug")
        ),
    )
    op.create_table(
        "staff",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("role in ('manager','clerk')", name=op.f("ck_staff_role")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_staff_account_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_staff_tenant_id_facility_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_staff_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_staff")),
        sa.UniqueConstraint(
            "tenant_id",
            "account_id",
            "role",
            "facility_id",
            name=op.f("uq_staff_tenant_id_account_id_role_facility_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_table(
        "booking_line",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("booking_id", sa.BigInteger(), nullable=False),
        sa.Column("facility_id", sa.BigInteger(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("starts_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("fee_yen", sa.Integer(), nullable=True),
        sa.Column(
            "quote", postgresql.JSONB(none_as_null=True, astext_type=sa.Text()), nullable=True
        ),
        sa.Column("terms_version_id", sa.BigInteger(), nullable=True),
        sa.Column("fees_version_id", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.CheckConstraint(
            "state in ('held', 'active', 'cancelled', 'lapsed')", name=op.f("ck_booking_line_state")
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_booking_line_order")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_id"],
            ["booking.tenant_id", "booking.id"],
            name=op.f("fk_booking_line_tenant_id_booking_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id", "room_id"],
            ["room.tenant_id", "room.facility_id", "room.id"],
            name=op.f("fk_booking_line_tenant_id_facility_id_room_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id"], ["tenant.id"], name=op.f("fk_booking_line_tenant_id")
        ),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_booking_line")),
    )
    op.create_index(
        "ix_booking_line_booking", "booking_line", ["tenant_id", "booking_id"], unique=False
    )
    op.create_index(
        "ix_booking_line_facility_day",
        "booking_line",
        ["tenant_id", "facility_id", "on_date"],
        unique=False,
    )
    op.create_table(
        "room_space",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("room_id", sa.BigInteger(), nullable=False),
        sa.Column("space_id", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tenant_id", "room_id"],
            ["room.tenant_id", "room.id"],
            name=op.f("fk_room_space_tenant_id_room_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "space_id"],
            ["space.tenant_id", "space.id"],
            name=op.f("fk_room_space_tenant_id_space_id"),
        ),
        sa.PrimaryKeyConstraint("tenant_id", "room_id", "space_id", name=op.f("pk_room_space")),
    )
    op.create_table(
        "occupancy",
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("space_id", sa.BigInteger(), nullable=False),
        sa.Column("starts_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("ends_at", postgresql.TIMESTAMP(timezone=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("booking_line_id", sa.BigInteger(), nullable=True),
        sa.Column("closure_id", sa.BigInteger(), nullable=True),
        sa.Column("expires_at", postgresql.TIMESTAMP(timezone=True), nullable=True),
        sa.Column("live", sa.Boolean(), nullable=False),
        postgresql.ExcludeConstraint(
            (sa.column("tenant_id"), "="),
            (sa.column("space_id"), "="),
            (sa.text("tstzrange(starts_at, ends_at, '[)')"), "&&"),
            where=sa.text("live"),
            using="gist",
            name="ex_occupancy_space_taken_once",
        ),
        sa.CheckConstraint(
            "(kind = 'hold') = (expires_at is not null)", name=op.f("ck_occupancy_a_hold_expires")
        ),
        sa.CheckConstraint(
            "ends_at <= starts_at + interval '36 hours'", name=op.f("ck_occupancy_at_most_36_hours")
        ),
        sa.CheckConstraint(
            "kind in ('hold', 'booking', 'closure', 'public_use', 'maintenance')",
            name=op.f("ck_occupancy_kind"),
        ),
        sa.CheckConstraint(
            "(booking_line_id is null) <> (closure_id is null)",
            name=op.f("ck_occupancy_has_one_owner"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_occupancy_order")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "booking_line_id"],
            ["booking_line.tenant_id", "booking_line.id"],
            name=op.f("fk_occupancy_tenant_id_booking_line_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "closure_id"],
            ["closure.tenant_id", "closure.id"],
            name=op.f("fk_occupancy_tenant_id_closure_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "space_id"],
            ["space.tenant_id", "space.id"],
            name=op.f("fk_occupancy_tenant_id_space_id"),
        ),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f("fk_occupancy_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f("pk_occupancy")),
    )
    op.create_index(
        "ix_occupancy_line", "occupancy", ["tenant_id", "booking_line_id"], unique=False
    )
    op.create_index(
        "ix_occupancy_lookup",
        "occupancy",
        ["tenant_id", "space_id", "starts_at"],
        unique=False,
        postgresql_where=sa.text("live"),
    )


def downgrade() -> None:
    op.drop_index("ix_occupancy_lookup", table_name="occupancy", postgresql_where=sa.text("live"))
    op.drop_index("ix_occupancy_line", table_name="occupancy")
    op.drop_table("occupancy")
    op.drop_table("room_space")
    op.drop_index("ix_booking_line_facility_day", table_name="booking_line")
    op.drop_index("ix_booking_line_booking", table_name="booking_line")
    op.drop_table("booking_line")
    op.drop_table("staff")
    op.drop_table("space")
    op.drop_table("rule_version")
    op.drop_table("room")
    op.drop_index("ix_ledger_entry_booking", table_name="ledger_entry")
    op.drop_table("ledger_entry")
    op.drop_index("ix_facility_change_changed_at", table_name="facility_change")
    op.drop_table("facility_change")
    op.drop_table("closure")
    op.drop_index("ix_signed_in_account", table_name="signed_in")
    op.drop_table("signed_in")
    op.drop_table("resident")
    op.drop_table("policy_version")
    op.drop_table("idempotent_answer")
    op.drop_table("facility")
    op.drop_index("ix_delivery_state", table_name="delivery")
    op.drop_table("delivery")
    op.drop_index(
        "ix_booking_origin", table_name="booking", postgresql_where=sa.text("origin is not null")
    )
    op.drop_index(
        "ix_booking_due", table_name="booking", postgresql_where=sa.text("state = 'provisional'")
    )
    op.drop_index(
        "ix_booking_drafts", table_name="booking", postgresql_where=sa.text("state = 'draft'")
    )
    op.drop_index("ix_booking_account", table_name="booking")
    op.drop_table("booking")
    op.drop_index("ix_audit_entry_subject", table_name="audit_entry")
    op.drop_table("audit_entry")
    op.drop_table("api_token")
    op.drop_table("tenant")
    op.drop_index("ix_sign_in_attempt_network", table_name="sign_in_attempt")
    op.drop_index("ix_sign_in_attempt_email", table_name="sign_in_attempt")
    op.drop_table("sign_in_attempt")
    op.drop_table("account")
    op.execute("drop sequence booking_count")
