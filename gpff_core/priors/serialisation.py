"""Priors as JSON, such as {"prior": "shape", "ratios": [0.85, 0.13, 0.02], "sigma": 1.5, "hold": true}.

`prior` is a name from `PRIORS`, the other names are that prior's settings; those with a default may be left out, and
ratios may be given by a name from `SHAPES`.
"""

import dataclasses
import json
from collections.abc import Mapping
from typing import Any, Final, NamedTuple, get_args, get_type_hints

from gpff_core.errors import GpffError
from gpff_core.priors import PRIORS, SHAPES, Prior, Shape

LONGEST_TEXT: Final = 16_000_000
"""Characters; as many points as a prior may have need less."""

NAMED_VALUES: Final[dict[tuple[type[Prior], str], Mapping[str, Any]]] = {(Shape, "ratios"): SHAPES}
"""Settings whose value may be given by a name."""


class PriorDescription(NamedTuple):
    """A prior's name, one sentence about it, and in words what each of its settings may be."""

    name: str
    summary: str
    settings: dict[str, str]


def describe_priors() -> list[PriorDescription]:
    """Every prior there is, from the docstrings and fields of their classes."""
    return [PriorDescription(name, _summary(kind), _settings(kind)) for name, kind in PRIORS.items()]


def prior_as_json(prior: Prior) -> str:
    """One line of JSON that `prior_from_json` turns into an equal prior, to the last bit."""
    name = {kind: name for name, kind in PRIORS.items()}.get(type(prior))
    if name is None:
        raise GpffError(f"There is no JSON of {prior}; it is described by the file that its structures come from.")
    settings = {field.name: getattr(prior, field.name) for field in _fields(type(prior))}
    return json.dumps({"prior": name, **settings}, allow_nan=False)


def prior_from_json(text: str) -> Prior:
    """The prior, validated; GpffError says what is wrong with the text."""
    given = _parsed(text)
    name = given.pop("prior", None)
    if not isinstance(name, str) or name not in PRIORS:
        said = "does not name its prior" if name is None else f"names the prior {_short(name)}, which there is not"
        raise GpffError(f'The JSON {said}; give "prior" as one of {", ".join(PRIORS)}.')
    kind = PRIORS[name]
    unknown = sorted(set(given) - {field.name for field in _fields(kind)})
    missing = [f.name for f in _fields(kind) if f.default is dataclasses.MISSING and f.name not in given]
    if unknown or missing:
        fault = f"has no setting {_short(unknown[0])}" if unknown else f"needs the setting {missing[0]}"
        raise GpffError(f"The prior {name} {fault}; its settings are {', '.join(_settings(kind))}.")
    hints = get_type_hints(kind)
    return kind(**{setting: _value(value, hints[setting], kind, name, setting) for setting, value in given.items()})


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > LONGEST_TEXT:
        raise GpffError(
            f"The prior's JSON has {len(text)} characters; give at most {LONGEST_TEXT}, for example with fewer points."
        )
    try:
        given = json.loads(text, object_pairs_hook=_without_repeats, parse_constant=_refuse_constant)
    except GpffError:
        raise
    except (ValueError, RecursionError) as error:
        raise GpffError(f"The prior could not be read as JSON ({error}); check brackets, commas and quotes.") from error
    if not isinstance(given, dict):
        raise GpffError(f'The prior is the JSON {_short(given)}; give an object such as {{"prior": "typical"}}.')
    return given


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    given = dict(pairs)
    if len(given) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise GpffError(f"The prior's JSON gives {_short(repeated)} twice; leave one of them out.")
    return given


def _refuse_constant(constant: str) -> None:
    raise GpffError(f"The prior's JSON contains {constant}; all its numbers must be finite.")


def _value(given: Any, hint: Any, kind: type[Prior], name: str, setting: str) -> Any:
    """A setting's value in its type."""
    named = NAMED_VALUES.get((kind, setting), {})
    if isinstance(given, str) and given in named:
        return named[given]
    try:
        return _converted(given, hint)
    except TypeError as error:
        wanted = _settings(kind)[setting]
        raise GpffError(f"The setting {setting} of the prior {name} is {error}; it must be {wanted}.") from error


def _converted(given: Any, hint: Any) -> Any:
    """JSON's value as the type a field is declared with; TypeError shows the part that is not of that type."""
    entries = get_args(hint)
    if entries and isinstance(given, list):
        hints = [entries[0]] * len(given) if entries[-1] is Ellipsis else entries
        if len(hints) == len(given):
            return tuple(_converted(entry, part) for entry, part in zip(given, hints, strict=True))
    elif type(given) is hint:
        return given
    elif hint is float and type(given) is int and abs(given) < 2**53:
        return float(given)
    raise TypeError(_short(given))


def _fields(kind: Any) -> tuple[dataclasses.Field[Any], ...]:
    return dataclasses.fields(kind)


def _summary(kind: type[Prior]) -> str:
    return " ".join((kind.__doc__ or "").split("\n\n")[0].split())


def _settings(kind: type[Prior]) -> dict[str, str]:
    hints = get_type_hints(kind)
    words = {}
    for field in _fields(kind):
        text = _in_words(hints[field.name])
        names = NAMED_VALUES.get((kind, field.name))
        text += f" or one of {', '.join(names)}" if names else ""
        text += "" if field.default is dataclasses.MISSING else f" (default {json.dumps(field.default)})"
        words[field.name] = text
    return words


def _in_words(hint: Any) -> str:
    simple = {float: "a number", int: "a whole number", bool: "true or false", str: "a text"}
    if hint in simple:
        return simple[hint]
    entry, *others = get_args(hint)
    if others == [Ellipsis]:
        return f"a list, each entry {_in_words(entry)}"
    return f"a list of {1 + len(others)} numbers"


def _short(value: Any) -> str:
    text = json.dumps(value)
    return text if len(text) <= 40 else f"{text[:37]}..."
