"""What loading a pack changed, told to the person who did it."""

from dataclasses import dataclass, field


@dataclass(slots=True)
class Summary:
    """What was written, and what somebody should look at."""

    municipality: str
    tenant_id: int
    changes: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[str]:
        """Return the sentences to print."""
        head = f"{len(self.changes)}件を反映しました。" if self.changes else "変更はありません。"
        return [f"{self.municipality}: {head}", *self.changes, *(f"注意 {n}" for n in self.notices)]
