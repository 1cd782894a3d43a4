"""Times and amounts as text, for machines and for people."""

from decimal import Decimal


def iso_duration(minutes: int) -> str:
    """Minutes as an ISO 8601 duration: 90 is "PT1H30M".

    Two days are "PT48H": readers of recipes expect hours and minutes, and many know nothing else.
    """
    hours, rest = divmod(minutes, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest or not hours else "")


def duration(minutes: int) -> str:
    """Minutes as people say them: 85 is "1 h 25 min"."""
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = (
        f"{days} day{'s' if days > 1 else ''}" if days else "",
        f"{hours} h" if hours else "",
        f"{rest} min" if rest or not minutes else "",
    )
    return " ".join(filter(None, parts))


def decimal(number: float) -> str:
    """A number with all its digits and no exponent: 1e-7 is "0.0000001", 4.0 is "4"."""
    return f"{Decimal(repr(number)).normalize():f}"
