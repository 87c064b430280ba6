"""A comparison as files: every molecule as a row of a table, or everything that was asked for and found, as JSON."""

import json
from typing import Any

from gpff_app.noise_lab.comparison import Comparison
from gpff_app.noise_lab.schedules import LETTERS
from gpff_app.noise_lab.significance import verdict
from gpff_app.order_json import recipe_as_dict
from gpff_app.reproduce import python_code
from gpff_core import __version__
from gpff_core.formats import csv_table
from gpff_core.formats.records import Record


def as_csv(comparison: Comparison) -> str:
    """One row a molecule, with the schedule it came from and the provenance of its run."""
    return csv_table.render(
        [
            Record(sample, leg.run.provenance, {"schedule": LETTERS[leg.place], "name": schedule.title})
            for leg in comparison.legs
            if leg.finished
            for schedule in (comparison.plan.schedules[leg.place],)
            for sample in leg.run.samples
        ]
    )


def as_json(comparison: Comparison) -> str:
    """Schedules with what they asked for and how they did, the contests between them, and every molecule."""
    plan = comparison.plan
    said = {
        "program": f"GPFF Studio {__version__}",
        "formula": plan.composition.formula,
        "molecules_per_seed": plan.n_molecules,
        "seeds": list(plan.seeds),
        "schedules": [_schedule(comparison, place) for place in range(len(plan.schedules))],
        "contests": _contests(comparison),
        "molecules": _molecules(comparison),
    }
    return json.dumps(said, ensure_ascii=False, indent=1)


def _schedule(comparison: Comparison, place: int) -> dict[str, Any]:
    plan, walk, score = comparison.plan, comparison.walks[place], comparison.score(place)
    legs = [leg for leg in comparison.legs if leg.place == place]
    return {
        "schedule": LETTERS[place],
        "name": plan.schedules[place].title,
        "recipe": recipe_as_dict(plan.schedules[place].recipe(plan.seed)),
        "sigma_asked": walk.asked.tolist(),
        "noise_added": walk.added.tolist(),
        "calls_at_most": walk.most_calls,
        "valid": score.valid.as_dict(),
        "unique": score.unique.as_dict(),
        "novel": score.novel.as_dict(),
        "calls": score.calls,
        "seconds": score.seconds,
        "runs": [
            {"seed": leg.seed, "finished": leg.finished, "problem": leg.problem, **leg.run.provenance.as_dict()}
            for leg in legs
        ],
        "python": python_code(plan.order(place, plan.seed), plan.seeds),
    }


def _contests(comparison: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "first": LETTERS[contest.first],
            "second": LETTERS[contest.second],
            "both_valid": contest.pairs.both,
            "only_first_valid": contest.pairs.only_first,
            "only_second_valid": contest.pairs.only_second,
            "neither_valid": contest.pairs.neither,
            "p_mcnemar_exact": contest.pairs.p_value,
            "p_holm": contest.p_value,
            "in_words": " ".join(
                verdict(LETTERS[contest.first], LETTERS[contest.second], contest.pairs, contest.p_value)
            ),
        }
        for contest in comparison.contests()
    ]


def _molecules(comparison: Comparison) -> list[dict[str, Any]]:
    return [
        {
            "schedule": LETTERS[leg.place],
            "seed": leg.seed,
            **sample.facts(),
            "positions": [[round(float(x), 6) for x in place] for place in sample.positions],
        }
        for leg in comparison.legs
        if leg.finished
        for sample in leg.run.samples
    ]


def titles_of(comparison: Comparison) -> list[str]:
    """What the schedules are called: letter and name."""
    return [f"{LETTERS[i]} · {schedule.title}" for i, schedule in enumerate(comparison.plan.schedules)]
