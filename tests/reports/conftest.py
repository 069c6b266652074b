"""What tests of reports begin with: みどり市, for which everything runs."""

from tests.db.conftest import midori

__all__ = ["midori"]
