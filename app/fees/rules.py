"""What a use costs: (facts, tariff) -> lines that add up, or what the rule leaves open. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from app.fees.policy import (
    Citation,
    HourlyPrice,
    OpenQuestion,
    PeriodPrice,
    Price,
    Tariff,
    TogetherPrice,
)


@dataclass(frozen=True, slots=True)
class Use:
    """The facts of one room's use on one day that a fee may depend on."""

    room: str  # slug
    minutes: int  # of the slots, gaps not counted
    periods: tuple[tuple[str, str], ...]  # (id, name) of named periods; empty in unit divisions
    gaps: tuple[int, ...]  # places of the periods that an included gap follows
    gap_yen: int | None  # price of each, from the division; None: no rule decides it
    is_weekend_or_holiday: bool
    applicant_class: str
    admission_yen: int = 0  # the highest ticket price; 0 is free admission
    is_for_profit: bool = False


@dataclass(frozen=True, slots=True)
class QuoteLine:
    """One line of a fee: what for, how it was worked out, how much, and where that is written."""

    rule: str
    label: str
    arithmetic: str
    yen: int
    citation: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A fee whose lines add up to its total; tax is included."""

    lines: tuple[QuoteLine, ...]

    @property
    def total_yen(self) -> int:
        """Return what is to be paid."""
        return sum(line.yen for line in self.lines)


@dataclass(frozen=True, slots=True)
class Undetermined:
    """The rule does not decide this fee; `because` says what is missing, for people."""

    rule: str
    because: str


def quote(tariff: Tariff, use: Use) -> Quote | Undetermined:
    """Return the fee of one use, or which rule leaves it open; it never guesses."""
    for question in tariff.open_questions:
        if _applies(question, use):
            return Undetermined(question.id, question.because)
    if use.periods:
        return _by_periods(tariff, use)
    return _by_hours(tariff, use)


def total(quotes: Sequence[Quote]) -> Quote:
    """Return one quote with the lines of all."""
    return Quote(tuple(line for one in quotes for line in one.lines))


def _applies(question: OpenQuestion, use: Use) -> bool:
    if question.rooms and use.room not in question.rooms:
        return False
    if question.classes and use.applicant_class not in question.classes:
        return False
    if question.when == "always":
        return True
    if question.when == "for_profit":
        return use.is_for_profit
    return use.admission_yen >= max(question.admission_yen, 1)


def _prices(tariff: Tariff, use: Use) -> Iterator[Price]:
    """Yield the prices that cover the use; those that name the class or day kind come first."""
    fitting = [
        price
        for price in tariff.prices
        if use.room in price.rooms
        and (not price.classes or use.applicant_class in price.classes)
        and price.days in ("any", "weekend_or_holiday" if use.is_weekend_or_holiday else "weekday")
    ]
    yield from sorted(fitting, key=lambda price: (not price.classes, price.days == "any"))


def _by_hours(tariff: Tariff, use: Use) -> Quote | Undetermined:
    for price in _prices(tariff, use):
        if isinstance(price, HourlyPrice):
            hours = -(-use.minutes // 60)  # 1時間未満は1時間とする: the price names hours only
            text = f"{price.yen:,}円 × {hours}時間"
            return Quote((QuoteLine(price.id, "基本", text, price.yen * hours, _cited(price)),))
    return _no_price(use)


@dataclass(frozen=True, slots=True)
class _Piece:
    """Periods that one price covers, from the `first` of a use up to before `until`."""

    first: int
    until: int
    line: QuoteLine


def _by_periods(tariff: Tariff, use: Use) -> Quote | Undetermined:
    ways = list(_ways(list(_prices(tariff, use)), use, 0))
    if not ways:
        return _no_price(use)
    fewest = min(len(way) for way in ways)
    widest = [way for way in ways if len(way) == fewest]  # a printed combination goes before parts
    if len({sum(piece.line.yen for piece in way) for way in widest}) > 1:
        return Undetermined(
            "several-prices", "この組み合わせには、料金の読み方がいくつかあります。"
        )
    lines = [piece.line for piece in widest[0]]
    between = [gap for gap in use.gaps if any(gap == piece.until - 1 for piece in widest[0])]
    if between and use.gap_yen is None:
        because = "区分と区分の間の時間の料金は、公表された表に定めがありません。"
        return Undetermined("gap", because)
    if between and use.gap_yen:
        text = f"{use.gap_yen:,}円 × {len(between)}回"
        lines.append(QuoteLine("gap", "続けて使う間の時間", text, use.gap_yen * len(between), ""))
    return Quote(tuple(lines))


def _ways(prices: Sequence[Price], use: Use, first: int) -> Iterator[tuple[_Piece, ...]]:
    """Yield every way to cover the periods from `first` on with prices of the table."""
    if first == len(use.periods):
        yield ()
        return
    for piece in _pieces(prices, use, first):
        for rest in _ways(prices, use, piece.until):
            yield (piece, *rest)


def _pieces(prices: Sequence[Price], use: Use, first: int) -> Iterator[_Piece]:
    period, name = use.periods[first]
    seen: set[int] = set()  # of several prices for the same periods the most particular holds
    for price in prices:
        label, yen, until = name, 0, first + 1
        if isinstance(price, PeriodPrice) and period in price.yen:
            yen = price.yen[period]
        elif isinstance(price, TogetherPrice) and _begins(price, use, first):
            label, yen, until = price.name, price.yen, first + len(price.periods)
        else:
            continue
        if until not in seen:
            seen.add(until)
            line = QuoteLine(price.id, f"基本（{label}）", f"{yen:,}円", yen, _cited(price))
            yield _Piece(first, until, line)


def _begins(price: TogetherPrice, use: Use, first: int) -> bool:
    following = tuple(period for period, _ in use.periods[first : first + len(price.periods)])
    return following == price.periods


def _no_price(use: Use) -> Undetermined:
    return Undetermined("no-price", "この使い方の料金は、表に定めがありません。")


def _cited(price: Price) -> str:
    return cited(price.citation)


def cited(citation: Citation) -> str:
    """Return a citation as one text: the source, then the place in it."""
    return " ".join(part for part in (citation.source, citation.place) if part)
