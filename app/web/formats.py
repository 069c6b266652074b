"""Dates, times and yen as residents read them; also the filters of the templates."""

import base64
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from flask import Flask, g

from app.kernel.calendar_jp import weekday_ja
from app.kernel.clock import TOKYO
from app.kernel.spans import MINUTES_OF_A_DAY
from app.web.words import _


def zone() -> ZoneInfo:
    """Return the zone of the municipality this request is for."""
    municipality = g.get("municipality")
    return municipality.zone if municipality else TOKYO


def local(instant: datetime) -> datetime:
    """Return an instant in the municipality's zone."""
    return instant.astimezone(zone())


def ja_date(value: date | datetime) -> str:
    """Return 2026年12月5日（土）."""
    day = local(value).date() if isinstance(value, datetime) else value
    return _(
        "%(year)s年%(month)s月%(day)s日（%(weekday)s）",
        year=day.year,
        month=day.month,
        day=day.day,
        weekday=weekday_ja(day),
    )


def ja_day(value: date | datetime) -> str:
    """Return 12月5日（土）."""
    day = local(value).date() if isinstance(value, datetime) else value
    return _(
        "%(month)s月%(day)s日（%(weekday)s）",
        month=day.month,
        day=day.day,
        weekday=weekday_ja(day),
    )


def ja_minute(minute: int) -> str:
    """Return 9時 or 9時30分 for a minute of the day; the end of the day is 24時."""
    hour, rest = divmod(minute, 60)
    if rest:
        return _("%(hour)s時%(minute)s分", hour=hour, minute=rest)
    return _("%(hour)s時", hour=hour)


def ja_time(value: datetime) -> str:
    """Return 13時 or 13時30分."""
    moment = local(value)
    return ja_minute(moment.hour * 60 + moment.minute)


def ja_moment(value: datetime) -> str:
    """Return 2026年12月5日（土）9時; midnight is 24時 of the day before, as deadlines are said."""
    moment = local(value)
    if moment.hour == moment.minute == 0:
        return f"{ja_date(moment.date() - timedelta(days=1))}{ja_minute(MINUTES_OF_A_DAY)}"
    return f"{ja_date(moment.date())}{ja_time(value)}"


def ja_until(value: datetime) -> str:
    """Return the day that a deadline at its end still includes: 2026年12月5日（土）."""
    return ja_date(local(value - timedelta(seconds=1)).date())


def ja_minutes_span(from_minute: int, to_minute: int) -> str:
    """Return 13時から15時まで."""
    return _("%(a)sから%(b)sまで", a=ja_minute(from_minute), b=ja_minute(to_minute))


def ja_length(minutes: int) -> str:
    """Return 2時間, 30分 or 1時間30分."""
    hours, rest = divmod(minutes, 60)
    if not hours:
        return _("%(n)s分", n=rest)
    return _("%(n)s時間", n=hours) + (_("%(n)s分", n=rest) if rest else "")


def ja_span(starts_at: datetime, ends_at: datetime) -> str:
    """Return 13時から15時まで（2時間）."""
    first = local(starts_at)
    minutes = int((ends_at - starts_at).total_seconds()) // 60
    start = first.hour * 60 + first.minute
    span = ja_minutes_span(start, start + minutes)
    return _("%(span)s（%(length)s）", span=span, length=ja_length(minutes))


def yen(value: int) -> str:
    """Return 1,200円; free is 0円."""
    return _("%(n)s円", n=f"{value:,}")


def clock_time(value: datetime) -> str:
    """Return 14時35分, always with minutes, as a time until which something is kept."""
    moment = local(value)
    return _("%(hour)s時%(minute)s分", hour=moment.hour, minute=f"{moment.minute:02d}")


def register(app: Flask) -> None:
    """Give the templates these filters."""
    for filter_ in (
        ja_date, ja_day, ja_minute, ja_time, ja_moment, ja_until, ja_length, yen, clock_time,
    ):  # fmt: skip
        app.jinja_env.filters[filter_.__name__] = filter_
    app.jinja_env.globals.update(ja_span=ja_span, ja_minutes_span=ja_minutes_span)
    app.jinja_env.filters["local"] = local


def without_zone(moment: datetime) -> datetime:
    """Return a moment by the municipality's clock, as spreadsheets know it: without a zone."""
    return local(moment).replace(tzinfo=None)


def minute_of_use(on: date, moment: datetime) -> int:
    """Return the minute of the day of a use; its end is 24:00, not 0:00 of the next."""
    there = local(moment)
    return (there.date() - on).days * 1440 + there.hour * 60 + there.minute


def jpeg_link(jpeg: bytes) -> str:
    """Return a picture as a link that needs no address: it goes where its page goes."""
    return "data:image/jpeg;base64," + base64.b64encode(jpeg).decode("ascii")
