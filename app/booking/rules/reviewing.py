"""Which uses staff permit before they are certain, and by when they answer (使用許可の審査)."""

from datetime import date, timedelta

from app.booking.policy import Review, Terms


def review_of(
    terms: Terms, *, room: str, applicant_class: str | None, purpose: str | None
) -> Review | None:
    """Return the rule by which staff permit a use, that with the shortest time; None: no permit."""
    found = [
        one
        for one in terms.reviews
        if (not one.rooms or room in one.rooms)
        and (not one.classes or applicant_class in one.classes)
        and (not one.purposes or purpose in one.purposes)
    ]
    return min(found, key=lambda one: one.days, default=None)


def answer_by(review: Review, *, requested_on: date, use_day: date) -> date:
    """Return the last day on which staff answer: within the time of the rule, and before the use.

    Never earlier than the day of the request.
    """
    last = min(requested_on + timedelta(days=review.days), use_day - timedelta(days=1))
    return max(last, requested_on)
