"""What is overdue, or not any more, wakes the doors of a booking as its state does."""

from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

BEFORE = (
    "create trigger wake_doors after update of state on booking"
    " for each row when (old.state is distinct from new.state and new.state <> 'draft')"
    " execute function wake_doors_of_booking()"
)
NOW = (
    "create trigger wake_doors after update of state, due_at on booking"
    " for each row when (new.state <> 'draft' and (old.state is distinct from new.state"
    " or old.due_at is distinct from new.due_at))"
    " execute function wake_doors_of_booking()"
)


def upgrade() -> None:
    op.execute("drop trigger wake_doors on booking")
    op.execute(NOW)


def downgrade() -> None:
    op.execute("drop trigger wake_doors on booking")
    op.execute(BEFORE)
