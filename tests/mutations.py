"""Damage to files and texts, as transfers, editors and ill will do it; the same seed does the same damage."""

import copy
import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

HUGE = (b"999999999", b"-1", b"nan", b"inf", b"1e308", b"0", b"2147483648", b"-99999999999999999999", b"0.0000001")
NONSENSE = (
    *(None, True, False, 0, -1, 2.5, 10**30, 1e308, float("nan"), float("inf")),
    *("", "nonsense", "\ud800", "\0", "/etc/passwd", "<img src=x onerror=alert(1)>", "7", "x" * 10_000),
    *([], [[]], {}, {"name": {}}, [None] * 1000),
)
NUMBER = re.compile(rb"-?\d+(?:\.\d*)?")


def mutants(seeds: Sequence[bytes], n: int, seed: int) -> Iterator[bytes]:
    """n damaged versions of some good files, each with one to four injuries."""
    chance = random.Random(seed)
    for _ in range(n):
        data = chance.choice(seeds)
        for _ in range(chance.randint(1, 4)):
            data = chance.choice(INJURIES)(data, chance)
        yield data


def json_mutants(seeds: Sequence[bytes], n: int, seed: int) -> Iterator[bytes]:
    """n versions of some good JSON documents that are JSON still: one to four of their values are nonsense."""
    chance = random.Random(seed)
    for _ in range(n):
        document = [json.loads(chance.choice(seeds))]
        for _ in range(chance.randint(1, 4)):
            _replace_value(document, chance)
        yield json.dumps(document[0]).encode()


def _replace_value(document: list[Any], chance: random.Random) -> None:
    """Replace a value somewhere inside, at each depth as likely to stay as to go on."""
    place: Any = document
    while True:
        key = chance.choice(list(place) if isinstance(place, dict) else range(len(place)))
        is_leaf = not place[key] or not isinstance(place[key], dict | list)
        if is_leaf or (place is not document and chance.random() < 0.2):
            place[key] = copy.deepcopy(chance.choice(NONSENSE))
            return
        place = place[key]


def flip_bytes(data: bytes, chance: random.Random) -> bytes:
    changed = bytearray(data)
    for _ in range(chance.randint(1, 8) if changed else 0):
        changed[chance.randrange(len(changed))] = chance.randrange(256)
    return bytes(changed)


def cut_end(data: bytes, chance: random.Random) -> bytes:
    return data[: chance.randint(0, len(data))]


def cut_piece(data: bytes, chance: random.Random) -> bytes:
    start, end = sorted(chance.randint(0, len(data)) for _ in range(2))
    return data[:start] + data[end:]


def repeat_piece(data: bytes, chance: random.Random) -> bytes:
    start = chance.randint(0, len(data))
    piece = data[start : start + chance.randint(1, 400)]
    return data[:start] + piece * chance.choice((2, 3, 50)) + data[start:]


def drop_line(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    lines.pop(chance.randrange(len(lines)))
    return b"\n".join(lines)


def double_line(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    place = chance.randrange(len(lines))
    return b"\n".join([*lines[:place], *[lines[place]] * chance.choice((2, 2, 1000)), *lines[place + 1 :]])


def swap_lines(data: bytes, chance: random.Random) -> bytes:
    lines = data.split(b"\n")
    first, second = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[first], lines[second] = lines[second], lines[first]
    return b"\n".join(lines)


def replace_number(data: bytes, chance: random.Random) -> bytes:
    found = list(NUMBER.finditer(data[:100_000]))
    if not found:
        return data
    hit = chance.choice(found)
    return data[: hit.start()] + chance.choice(HUGE) + data[hit.end() :]


def insert_null(data: bytes, chance: random.Random) -> bytes:
    place = chance.randint(0, len(data))
    return data[:place] + b"\0" * chance.choice((1, 1, 64)) + data[place:]


def insert_markup(data: bytes, chance: random.Random) -> bytes:
    place = chance.randint(0, len(data))
    return data[:place] + b"<img src=x onerror=alert(1)>" + data[place:]


def recode(data: bytes, chance: random.Random) -> bytes:
    text = data.decode("latin-1")
    return text.encode(chance.choice(("utf-16", "utf-32", "utf-8-sig", "utf-7")))


def other_line_ends(data: bytes, chance: random.Random) -> bytes:
    return data.replace(b"\n", chance.choice((b"\r\n", b"\r", b"")))


INJURIES: Sequence[Callable[[bytes, random.Random], bytes]] = (
    flip_bytes,
    cut_end,
    cut_piece,
    repeat_piece,
    drop_line,
    double_line,
    swap_lines,
    replace_number,
    replace_number,
    insert_null,
    insert_markup,
    recode,
    other_line_ends,
)
