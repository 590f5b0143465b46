"""Units of length, mass, volume, time, data and temperature, by their definitions."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Context, Decimal, Inexact
from fractions import Fraction

from .calculator import DIGITS, Number


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit: value * factor + offset is the same in its kind's base unit."""

    kind: str
    factor: Fraction
    offset: Fraction = Fraction(0)


KINDS = {
    "length": "mm .001|cm .01|m metre metres meter meters 1|km kilometres kilometers 1000"
    "|in inch inches .0254|ft foot feet .3048|yd yard yards .9144|mi mile miles 1609.344",
    "mass": "g gram grams .001|kg kilogram kilograms 1|oz ounce ounces .028349523125|lb lbs pound pounds .45359237",
    "volume": "ml .001|l litre litres liter liters 1|gal gallon gallons 3.785411784",
    "time": "s second seconds 1|min minute minutes 60|h hour hours 3600|day days 86400|week weeks 604800",
    "data": "byte bytes 1|kb 1000|mb 1000000|gb 1000000000|kib 1024|mib 1048576|gib 1073741824",
}
"""Kind to its units: names, then the size in the base unit (metre, kilogram, litre, second, byte)."""

TEMPERATURES = {
    ("c", "celsius"): Unit("temperature", Fraction(1), Fraction("273.15")),
    ("f", "fahrenheit"): Unit("temperature", Fraction(5, 9), Fraction("459.67") * 5 / 9),
    ("k", "kelvin"): Unit("temperature", Fraction(1)),
}


class UnitError(ValueError):
    """A conversion that cannot be done, with the reason."""


def _table() -> dict[str, Unit]:
    units = {name: unit for names, unit in TEMPERATURES.items() for name in names}
    for kind, row in KINDS.items():
        for entry in row.split("|"):
            *names, factor = entry.split()
            units.update(dict.fromkeys(names, Unit(kind, Fraction(factor))))
    return units


UNITS = _table()


def convert(amount: Decimal, source: str, target: str) -> Number:
    """`amount` of `source` in `target` units; raises UnitError for an unknown or an unlike unit."""
    old, new = _unit(source), _unit(target)
    if old.kind != new.kind:
        raise UnitError(f"{source} is {old.kind} and {target} is {new.kind}")
    result = (Fraction(amount) * old.factor + old.offset - new.offset) / new.factor
    context = Context(prec=DIGITS)
    value = context.divide(Decimal(result.numerator), Decimal(result.denominator))
    return Number(value=value, exact=not context.flags[Inexact])


def _unit(name: str) -> Unit:
    unit = UNITS.get(name.lower().lstrip("°"))
    if unit is None:
        raise UnitError(f"{name} is not a unit known here")
    return unit
