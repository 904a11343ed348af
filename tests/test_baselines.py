"""The two yardsticks, as published."""

import numpy as np
import pytest

from efficiency.baselines import (
    ecologits_board_j_per_token,
    ecologits_boards,
    ecologits_j_per_token,
    ecologits_request_j,
    limit_times_time_j_per_token,
)
from efficiency.cases import cases_from_rows, read_cases

TOKENS = {"metric": "energy_per_output_token", "unit": "J/token"}


def test_limit_times_time():
    row = {"model": "m", "gpu": "NVIDIA A100-SXM4-40GB", "n_gpus": 4, "tokens_per_s": 800} | TOKENS
    assert limit_times_time_j_per_token(cases_from_rows([row]))[0] == pytest.approx(4 * 400 / 800)
    assert np.isnan(limit_times_time_j_per_token(cases_from_rows([row | {"tokens_per_s": None}]))[0])


def test_ecologits_by_hand():
    """The published regression: (1.1665e-6 exp(-0.0112 x 64) P + 4.0529e-5) Wh per token and board."""
    watt_hours = 1.1665273170451914e-06 * np.exp(-0.011205921025579175 * 64) * 70 + 4.052928146734005e-05
    assert ecologits_board_j_per_token(70e9, 70e9) == pytest.approx(4 * 3600 * watt_hours)
    time_s = 6.785088094353663e-04 * 70 + 3.119310311688259e-04 * 64 + 1.9473717579473387e-02
    server_j = 100 * time_s * 1200 * 4 / 8 / 64
    whole = 1.2 * (server_j + 100 * 4 * 3600 * watt_hours)
    assert ecologits_request_j(70e9, 70e9, 100, pue=1.2) == pytest.approx(whole)


def test_ecologits_takes_boards_in_powers_of_two():
    # 1.2 x 2 bytes x P over 80 GB: 33e9 parameters just fit one board, 34e9 do not.
    sizes = np.array([1e9, 33e9, 34e9, 70e9, 405e9])
    assert ecologits_boards(sizes).tolist() == [1, 1, 2, 4, 16]
    assert ecologits_boards(405e9, weight_bits=4) == 4


def test_ecologits_grows_with_size_and_falls_with_the_batch():
    sizes = np.geomspace(1e8, 1e12, 9)
    assert (np.diff(ecologits_board_j_per_token(sizes, sizes)) > 0).all()
    assert (np.diff(ecologits_board_j_per_token(8e9, 8e9, batch=np.array([1, 8, 64]))) < 0).all()


def test_a_dense_model_states_its_size_once():
    rows = [{"model": "m", "gpu": "g", name: 8e9} | TOKENS for name in ("params_total", "params_active")]
    one, other = ecologits_j_per_token(cases_from_rows(rows))
    assert one == other == ecologits_board_j_per_token(8e9, 8e9)


def test_both_miss_the_published_cases_as_reported(shared_folder):
    cases = read_cases(shared_folder / "measured" / "cases.csv")
    cases = cases.take(np.array([u == "J/token" and s == "gpu" for u, s in zip(cases.unit, cases.scope, strict=True)]))
    for yardstick, median in ((limit_times_time_j_per_token, 0.20), (ecologits_j_per_token, 0.38)):
        errors = np.abs(np.log10(yardstick(cases) / cases.value))
        assert np.nanmedian(errors) == pytest.approx(median, abs=0.035)
