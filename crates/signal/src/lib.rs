//! Signal processing: samples to repetitions, metrics and verdicts. Pure and deterministic.
