"""Apache Parquet, for data frames: one row per sample, with its coordinates."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from gpff_core.formats.records import Record, columns


def render(records: Sequence[Record]) -> bytes:
    """Every sample as a row: its facts, atomic `numbers` (N,) and `positions` (N, 3) in Å, exact."""
    facts = [record.facts() for record in records]
    table: dict[str, Any] = {name: [row.get(name) for row in facts] for name in columns(records)}
    samples = [record.sample for record in records]
    table["numbers"] = pa.array([list(sample.composition.numbers) for sample in samples], pa.list_(pa.uint8()))
    places = [np.asarray(sample.positions, dtype=np.float32).tolist() for sample in samples]
    table["positions"] = pa.array(places, pa.list_(pa.list_(pa.float32(), 3)))
    file = BytesIO()
    pq.write_table(pa.table(table), file)
    return file.getvalue()
