"""Staff are invited, hold single roles, and prove themselves by two proofs or a passkey."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

TENANT = "nullif(current_setting('app.tenant_id', true), '')::int"
MOMENT = postgresql.TIMESTAMP(timezone=True)
ROLES = ("reception", "registrar", "cashier", "setup", "attendance", "auditor", "administrator")
KINDS = ",".join(repr(one) for one in ROLES)
# What the two roles of before could do, as single roles.
BEFORE = {"manager": ("reception", "cashier", "attendance"), "clerk": ROLES}
RIGHTS = {
    "staff": "select, insert, update",
    "staff_role": "select, insert, delete",
    "staff_invitation": "select, insert, update",
}
GLOBAL_RIGHTS = {
    "staff_proof": "select, insert, update",
    "recovery_code": "select, insert, update, delete",
    "passkey": "select, insert, update, delete",
    "wrong_try": "select, insert, delete",
}


def upgrade() -> None:
    _sessions()
    _proofs()
    _members()
    _invitations()
    for table in ("staff", "staff_role", "staff_invitation"):
        _guard(table)
    for table, rights in {**RIGHTS, **GLOBAL_RIGHTS}.items():
        op.execute(f"grant {rights} on {table} to kaikan_web")


def _sessions() -> None:
    op.add_column(
        "signed_in", sa.Column("is_staff", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.alter_column("signed_in", "is_staff", server_default=None)
    for name in ("seen_at", "proved_at"):
        op.add_column("signed_in", sa.Column(name, MOMENT))
        op.execute(f"update signed_in set {name} = created_at")
        op.alter_column("signed_in", name, nullable=False)


def _proofs() -> None:
    account = sa.ForeignKeyConstraint
    op.create_table(
        "staff_proof",
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("password_hash", sa.Text()),
        sa.Column("sealed_secret", sa.Text()),
        sa.Column("last_step", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", MOMENT, nullable=False),
        account(["account_id"], ["account.id"], name=op.f("fk_staff_proof_account_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_staff_proof")),
    )
    op.create_table(
        "recovery_code",
        *_key("recovery_code"),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("used_at", MOMENT),
        account(["account_id"], ["account.id"], name=op.f("fk_recovery_code_account_id")),
        sa.UniqueConstraint(
            "account_id", "code_hash", name=op.f("uq_recovery_code_account_id_code_hash")
        ),
    )
    op.create_table(
        "passkey",
        *_key("passkey"),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("credential", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("used_at", MOMENT),
        account(["account_id"], ["account.id"], name=op.f("fk_passkey_account_id")),
        sa.UniqueConstraint("credential", name=op.f("uq_passkey_credential")),
    )
    op.create_index("ix_passkey_account", "passkey", ["account_id"])
    op.create_table(
        "wrong_try",
        *_key("wrong_try"),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("is_known_device", sa.Boolean(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
    )
    op.create_index("ix_wrong_try_email", "wrong_try", ["email", "at"])
    op.create_index("ix_wrong_try_network", "wrong_try", ["network", "at"])


def _members() -> None:
    """One row a member and one a role, made of one row for both."""
    op.execute("alter table staff no force row level security")  # else its owner sees no row
    op.execute("create temporary table staff_before on commit drop as select * from staff")
    op.drop_table("staff")
    op.create_table(
        "staff",
        *_tenant_key("staff"),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("ended_at", MOMENT),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_staff_account_id")),
        sa.UniqueConstraint("tenant_id", "account_id", name=op.f("uq_staff_tenant_id_account_id")),
    )
    op.create_table(
        "staff_role",
        *_tenant_key("staff_role"),
        sa.Column("staff_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.BigInteger()),
        sa.Column("room_id", sa.BigInteger()),
        sa.CheckConstraint(f"role in ({KINDS})", name=op.f("ck_staff_role_role")),
        sa.CheckConstraint(
            "room_id is null or facility_id is not null", name=op.f("ck_staff_role_room_of_a_hall")
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "staff_id"], ["staff.tenant_id", "staff.id"],
            name=op.f("fk_staff_role_tenant_id_staff_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"], ["facility.tenant_id", "facility.id"],
            name=op.f("fk_staff_role_tenant_id_facility_id"),
        ),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id", "room_id"],
            ["room.tenant_id", "room.facility_id", "room.id"],
            name=op.f("fk_staff_role_tenant_id_facility_id_room_id"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "staff_id", "role", "facility_id", "room_id",
            name=op.f("uq_staff_role_tenant_id_staff_id_role_facility_id_room_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip
    op.execute(
        "insert into staff (tenant_id, account_id, name, created_at)"
        " select tenant_id, account_id, min(name), now() from staff_before"
        " group by tenant_id, account_id order by min(id)"
    )
    for before, roles in BEFORE.items():
        for role in roles:
            op.execute(
                "insert into staff_role (tenant_id, staff_id, role, facility_id)"
                f" select distinct s.tenant_id, s.id, '{role}', b.facility_id"
                " from staff_before b"
                " join staff s on s.tenant_id = b.tenant_id and s.account_id = b.account_id"
                f" where b.role = '{before}' on conflict do nothing"
            )


def _invitations() -> None:
    op.create_table(
        "staff_invitation",
        *_tenant_key("staff_invitation"),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("roles", postgresql.JSONB(none_as_null=True), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("is_anew", sa.Boolean(), nullable=False),
        sa.Column("invited_by", sa.BigInteger()),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("expires_at", MOMENT, nullable=False),
        sa.Column("accepted_at", MOMENT),
        sa.Column("withdrawn_at", MOMENT),
    )
    op.create_index("ix_staff_invitation_email", "staff_invitation", ["tenant_id", "email"])


def downgrade() -> None:
    for table in ("staff", "staff_role"):
        op.execute(f"alter table {table} no force row level security")
    op.execute(
        "create temporary table staff_after on commit drop as"
        " select distinct s.tenant_id, s.account_id, s.name, r.facility_id,"
        " case when r.facility_id is null then 'clerk' else 'manager' end as role"
        " from staff s join staff_role r on r.tenant_id = s.tenant_id and r.staff_id = s.id"
        " where s.ended_at is null"
    )
    for table in ("staff_invitation", "staff_role", "staff", *GLOBAL_RIGHTS):
        op.drop_table(table)
    for column in ("is_staff", "seen_at", "proved_at"):
        op.drop_column("signed_in", column)
    _one_row_for_both()
    op.execute(
        "insert into staff (tenant_id, account_id, role, facility_id, name)"
        " select tenant_id, account_id, role, facility_id, name from staff_after"
    )
    _guard("staff")
    op.execute("grant select on staff to kaikan_web")


def _one_row_for_both() -> None:
    op.create_table(
        "staff",
        *_tenant_key("staff"),
        sa.Column("account_id", sa.BigInteger(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("facility_id", sa.BigInteger()),
        sa.Column("name", sa.Text(), nullable=False),
        sa.CheckConstraint("role in ('manager','clerk')", name=op.f("ck_staff_role")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_staff_account_id")),
        sa.ForeignKeyConstraint(
            ["tenant_id", "facility_id"],
            ["facility.tenant_id", "facility.id"],
            name=op.f("fk_staff_tenant_id_facility_id"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "account_id", "role", "facility_id",
            name=op.f("uq_staff_tenant_id_account_id_role_facility_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )  # fmt: skip


def _guard(table: str) -> None:
    op.execute(f"alter table {table} enable row level security")
    op.execute(f"alter table {table} force row level security")
    op.execute(
        f"create policy tenant_isolation on {table}"
        f" using (tenant_id = {TENANT}) with check (tenant_id = {TENANT})"
    )


def _key(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    ]


def _tenant_key(table: str) -> list[sa.schema.SchemaItem]:
    return [
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.ForeignKeyConstraint(["tenant_id"], ["tenant.id"], name=op.f(f"fk_{table}_tenant_id")),
        sa.PrimaryKeyConstraint("tenant_id", "id", name=op.f(f"pk_{table}")),
    ]
