"""Chemistry: formulas, verdicts on structures, and what the training set already contains."""
