"""The parts of the Noise lab: schedules designed, run from the same seeds and compared; the method in pictures."""
