"""Serving language models: what this family predicts, its ledger, and its calibration.

The parts: `serving_jobs` completes cases from the tables, `serving_work` counts bytes, FLOP and seconds of a step,
`serving_energy` prices them, `serving_interval` says how far off that may be, `serving_fit` calibrates.
"""

from efficiency.serving_fit import CrossValidation, cross_validate, fit
from efficiency.serving_predict import FAMILY, ledger, predict, step_s, throughput

__all__ = ["FAMILY", "CrossValidation", "cross_validate", "fit", "ledger", "predict", "step_s", "throughput"]
