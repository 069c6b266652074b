"""The tables of reports: questions that are kept, letters about them, files that are being made."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    LargeBinary,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, mapped_column

from app.db.base import Base, TenantOwned

WAITING, WORKING, DONE, FAILED = "waiting", "working", "done", "failed"


class SavedReport(TenantOwned, Base):
    """A question to the usage reports that somebody asks again and again."""

    __tablename__ = "saved_report"
    __table_args__ = (UniqueConstraint("tenant_id", "account_id", "name"),)

    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"))
    name: Mapped[str]
    question: Mapped[dict[str, Any]]  # the fields of its form, as they stand in an address
    period: Mapped[str]  # days, or which days they are seen from today (app.web.usage_saved)
    is_mailed: Mapped[bool]  # about the last month, each month
    saved_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class ReportMailing(TenantOwned, Base):
    """One letter about a saved report and a month: told twice, it is one."""

    __tablename__ = "report_mailing"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "report_id"], ["saved_report.tenant_id", "saved_report.id"]
        ),
        UniqueConstraint("tenant_id", "report_id", "month"),
    )

    report_id: Mapped[int] = mapped_column(BigInteger)
    month: Mapped[date]  # its first day


class ReviewReminder(TenantOwned, Base):
    """One letter to one of the staff about what was late on a day: told twice, it is one."""

    __tablename__ = "review_reminder"
    __table_args__ = (UniqueConstraint("tenant_id", "account_id", "on_date"),)

    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"))
    on_date: Mapped[date]


class MadeFile(TenantOwned, Base):
    """A file that takes longer than a page may: asked for, made by the worker, kept for a day."""

    __tablename__ = "made_file"
    __table_args__ = (
        CheckConstraint("state in ('waiting','working','done','failed')", name="state"),
        Index("ix_made_file_asked", "tenant_id", "asked_at"),
    )

    account_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("account.id"))
    kind: Mapped[str]  # app.web.making.MAKERS
    question: Mapped[dict[str, Any]]
    disposition: Mapped[str]  # what it is called, as a header
    state: Mapped[str] = mapped_column(default=WAITING)
    rows_done: Mapped[int] = mapped_column(default=0)
    rows_all: Mapped[int]
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime]
    done_at: Mapped[datetime | None]


class MadeFilePiece(TenantOwned, Base):
    """A part of a finished file: never is a whole one in memory."""

    __tablename__ = "made_file_piece"
    __table_args__ = (
        ForeignKeyConstraint(
            ["tenant_id", "file_id"], ["made_file.tenant_id", "made_file.id"], ondelete="CASCADE"
        ),
        UniqueConstraint("tenant_id", "file_id", "place"),
    )

    file_id: Mapped[int] = mapped_column(BigInteger)
    place: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
