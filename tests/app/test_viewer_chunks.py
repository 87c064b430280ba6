"""Frames go to the browser once, in chunks that overlap, and all again when it asks."""

import numpy as np

from gpff_app.recording import Frame, Recording
from gpff_app.viewer import PUSHES_THAT_OVERLAP, _Sent


def grow(recording: Recording, n: int) -> None:
    for _ in range(n):
        recording.add((0,), Frame(np.zeros((1, 3), np.float32), np.zeros((1, 3), np.float32), np.ones(1, np.float32)))


def test_a_frame_travels_with_several_pushes_and_then_no_more() -> None:
    recording, sent = Recording("run", [("H",)], 5), _Sent("run")
    first_frames = []
    for _ in range(PUSHES_THAT_OVERLAP + 2):
        grow(recording, 2)
        (chunk,) = sent.next_chunks(recording)
        first_frames.append(chunk["first"])
    assert first_frames == [0, 0, 0, 2, 4]


def test_nothing_is_sent_again_at_later_reruns() -> None:
    recording, sent = Recording("run", [("H",)], 5), _Sent("run")
    grow(recording, 5)
    counts = [len(sent.next_chunks(recording)) for _ in range(PUSHES_THAT_OVERLAP + 2)]
    assert counts == [1] * PUSHES_THAT_OVERLAP + [0, 0]
    sent.pushes.clear()  # the browser says it has nothing
    (chunk,) = sent.next_chunks(recording)
    assert chunk["first"] == 0
