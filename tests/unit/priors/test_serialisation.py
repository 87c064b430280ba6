"""Priors as JSON: exact both ways, and one sentence for everything that is not a prior."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gpff_core.errors import GpffError
from gpff_core.priors import (
    PRIORS,
    SHAPES,
    Blobs,
    Covariance,
    Curve,
    Isotropic,
    Motif,
    Motifs,
    PointCloud,
    Prior,
    Shape,
    Typical,
)
from gpff_core.priors.serialisation import LONGEST_TEXT, describe_priors, prior_as_json, prior_from_json
from tests.unit.priors.examples import EVERY

lengths = st.floats(1e-3, 100)
coordinates = st.floats(-1e4, 1e4)
points = st.lists(st.tuples(coordinates, coordinates, coordinates), min_size=2, max_size=8, unique=True).map(tuple)
atoms = st.lists(st.tuples(st.integers(1, 94), st.tuples(*[coordinates] * 3)), min_size=1, max_size=8)
priors: st.SearchStrategy[Prior] = st.one_of(
    st.builds(Isotropic, lengths),
    st.builds(Covariance, *[st.floats(1, 9)] * 3, *[st.floats(-0.3, 0.3)] * 3),
    st.builds(Typical, lengths),
    st.builds(Shape, st.tuples(*[st.floats(0.01, 1)] * 3), lengths, st.booleans()),
    st.builds(PointCloud, points, lengths),
    st.builds(Curve, points, lengths, st.booleans()),
    st.builds(Blobs, st.lists(st.tuples(lengths, *[coordinates] * 3, lengths), min_size=1, max_size=5).map(tuple)),
    st.builds(lambda a, s: Motif(tuple(n for n, _ in a), tuple(x for _, x in a), s), atoms, st.floats(0, 100)),
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(prior=priors)
def test_a_prior_comes_back_to_the_last_bit(prior: Prior) -> None:
    assert prior_from_json(prior_as_json(prior)) == prior
    assert prior_as_json(prior_from_json(prior_as_json(prior))) == prior_as_json(prior)


@pytest.mark.parametrize("prior", EVERY, ids=str)
def test_every_example_comes_back(prior: Prior) -> None:
    assert prior_from_json(prior_as_json(prior)) == prior


def test_the_text_is_what_a_person_would_write() -> None:
    text = '{"prior": "shape", "ratios": [0.85, 0.13, 0.02], "sigma": 1.5, "hold": true}'
    assert prior_as_json(Shape(SHAPES["rod"], 1.5, hold=True)) == text
    assert prior_from_json(text) == prior_from_json('{"prior": "shape", "ratios": "rod", "hold": true}')
    assert prior_from_json('{"prior": "isotropic", "sigma": 10}') == Isotropic(10.0)
    assert prior_from_json('{"prior": "typical"}') == Typical()


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "could not be read as JSON"),
        ("{", "could not be read as JSON"),
        ('{"prior": "typical"} {}', "could not be read as JSON"),
        ('{"prior": "isotropic", "sigma": 1' + "0" * 5000 + "}", "could not be read as JSON"),
        ('{"prior": ' + "[" * 100_000, "could not be read as JSON"),
        ("[1, 2]", r"is the JSON \[1, 2\]"),
        ("{}", "does not name its prior"),
        ('{"sigma": 1}', "does not name its prior"),
        ('{"prior": "sphere"}', 'names the prior "sphere"'),
        ('{"prior": ["shape"]}', r'names the prior \["shape"\]'),
        ('{"prior": "isotropic"}', "needs the setting sigma"),
        ('{"prior": "isotropic", "sigm": 1, "sigma": 1}', 'has no setting "sigm"'),
        ('{"prior": "isotropic", "sigma": 1, "sigma": 2}', 'gives "sigma" twice'),
        ('{"prior": "isotropic", "sigma": NaN}', "contains NaN"),
        ('{"prior": "isotropic", "sigma": -Infinity}', "contains -Infinity"),
        ('{"prior": "isotropic", "sigma": 1e999}', "is inf Å"),
        ('{"prior": "isotropic", "sigma": 1' + "0" * 400 + "}", "must be a number"),
        ('{"prior": "isotropic", "sigma": "1"}', 'sigma of the prior isotropic is "1"; it must be a number'),
        ('{"prior": "isotropic", "sigma": true}', "is true; it must be a number"),
        ('{"prior": "isotropic", "sigma": null}', "is null; it must be a number"),
        ('{"prior": "shape", "ratios": "sausage"}', 'is "sausage"; it must be .* or one of rod, disc, ball'),
        ('{"prior": "shape", "ratios": [1, 2]}', r"is \[1, 2\]; it must be a list of 3 numbers"),
        ('{"prior": "shape", "ratios": [1, 1, 1], "hold": 1}', "is 1; it must be true or false"),
        (
            '{"prior": "curve", "points": [[0, 0], [1, 1, 1]]}',
            r"is \[0, 0\]; it must be a list, each entry a list of 3",
        ),
        ('{"prior": "curve", "points": {"x": 1}}', "it must be a list"),
        ('{"prior": "motif", "numbers": [6.5], "positions": [[0, 0, 0]]}', "is 6.5; it must be .* a whole number"),
        ('{"prior": "point-cloud", "points": [' + "[0, 0, 0]," * 100_000 + "[0, 0, 0]]}", "has 100001 points"),
        (" " * (LONGEST_TEXT + 1), "characters; give at most"),
    ],
    ids=lambda value: value[:40],
)
def test_what_is_no_prior_gets_one_sentence(text: str, reason: str) -> None:
    with pytest.raises(GpffError, match=reason) as refusal:
        prior_from_json(text)
    message = str(refusal.value)
    assert "\n" not in message
    assert message.endswith(".")
    assert len(message) < 400


@given(
    name=st.sampled_from(list(PRIORS)),
    settings=st.dictionaries(
        st.sampled_from(
            ["sigma", "ratios", "hold", "points", "spread", "closed", "blobs", "numbers", "positions", "xx"]
        ),
        json_values,
        max_size=4,
    ),
)
def test_any_json_is_a_prior_or_is_refused_politely(name: str, settings: dict[str, Any]) -> None:
    with contextlib.suppress(GpffError):
        assert type(prior_from_json(json.dumps({"prior": name, **settings}))) is PRIORS[name]


@given(text=st.text(max_size=50))
def test_any_text_is_a_prior_or_is_refused_politely(text: str) -> None:
    with pytest.raises(GpffError):
        prior_from_json(text)


@pytest.mark.parametrize("depth", [100, 900, 990, 5000])
def test_deep_nesting_is_refused_politely(depth: int) -> None:
    with pytest.raises(GpffError):
        prior_from_json('{"prior": "curve", "points": ' + "[" * depth + "]" * depth + "}")


def test_every_prior_is_described_with_what_its_settings_may_be() -> None:
    described = {description.name: description for description in describe_priors()}
    assert list(described) == list(PRIORS)
    for description in described.values():
        assert description.summary.endswith(".")
        assert ". " not in description.summary
    assert described["shape"].settings == {
        "ratios": "a list of 3 numbers or one of rod, disc, ball",
        "sigma": "a number (default 1.5)",
        "hold": "true or false (default false)",
    }
    assert described["motif"].settings["numbers"] == "a list, each entry a whole number"


def test_structures_of_a_file_have_no_json() -> None:
    with pytest.raises(GpffError, match="There is no JSON of motifs"):
        prior_as_json(Motifs((Motif((1,), ((0.0, 0.0, 0.0),)),)))
