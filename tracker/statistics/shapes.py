"""Figures as plain data: the same shape for the command line, files and the API."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

from tracker.kernel.formats import Number
from tracker.statistics.rules import Figure, exact


def as_data(figure: Figure) -> dict[str, Any]:
    """Return a figure as JSON-ready values: numbers as numbers, `text` as it is printed."""
    reading, definition = figure.reading, figure.definition
    return {
        "code": definition.code,
        "name": definition.name,
        "group": definition.group.value,
        "definition": definition.wording,
        "unit": definition.unit.label,
        "kind": definition.kind.value,
        "basis": reading.basis.value,
        "numerator": _number(reading.numerator),
        "denominator": _number(reading.denominator),
        "value": _number(figure.value),
        "text": figure.text,
        "reason": reading.reason or None,
        "year_before": _before(figure),
        "parts": [
            {
                "key": part.key,
                "label": part.label,
                "basis": part.basis.value,
                "numerator": _number(part.numerator),
                "denominator": _number(part.denominator),
                "text": figure.part_text(part),
                "note": part.note or None,
            }
            for part in reading.parts
        ],
    }


def _before(figure: Figure) -> dict[str, Any] | None:
    """Return the same span a year earlier; None of a figure that is not compared."""
    if figure.before is None:
        return None
    reading = figure.before.reading
    return {
        "since": figure.before.since.isoformat(),
        "as_of": figure.before.as_of.isoformat(),
        "numerator": _number(reading.numerator),
        "denominator": _number(reading.denominator),
        "text": figure.before_text,
        "change": figure.change_text or None,
        "reason": reading.reason or None,
    }


def _number(value: Number | None) -> int | float | None:
    if value is None or isinstance(value, int):
        return value
    whole = exact(value)
    if isinstance(value, Fraction) and not isinstance(whole, int):
        return float(round(whole, 6))
    return whole if isinstance(whole, int) else float(Decimal(whole))
