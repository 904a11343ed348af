"""Boards by the names people give them, and what physics says of each."""

import math
from pathlib import Path

import numpy as np
import pytest

from efficiency.boards import Board, board, board_of
from efficiency.cases import cases_from_rows, read_cases
from efficiency.coefficients import bounds, coefficients
from efficiency.facts import FactError, entities, facts
from efficiency.serving_energy import floor_share, joule_per_flop
from efficiency.serving_jobs import jobs
from efficiency.serving_work import constants

CHIPS = tuple(key.removeprefix("chip.") for key, entity in entities().items() if entity.kind == "chip")


def usable(key: str) -> bool:
    try:
        board_of(key)
    except FactError:
        return False
    return True


BOARDS = tuple(filter(usable, CHIPS))


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("NVIDIA H100 80GB HBM3 (SXM)", "h100"),
        ("NVIDIA H100 PCIe 80GB", "h100_pcie"),
        ("H100-NVL", "h100_nvl"),
        ("NVIDIA H800", "h100"),
        ("NVIDIA GH200 480GB", "gh200"),
        ("NVIDIA A100-SXM4-40GB", "a100_40"),
        ("NVIDIA A100-SXM4-80GB", "a100"),
        ("8x NVIDIA A100-SXM4-80GB node (one job)", "a100"),
        ("NVIDIA A100 (form factor not stated)", "a100_40"),
        ("NVIDIA A100-PCIE-40GB", "a100_pcie_40"),
        ("A100 80GB PCIe", "a100_pcie"),
        ("NVIDIA A800 (PCIe per its metadata)", "a800_pcie"),
        ("NVIDIA B200-SXM-180GB", "b200"),
        ("GB200 NVL72", "gb200"),
        ("NVIDIA B300", "b300"),
        ("Tesla V100-SXM2-16GB", "v100"),
        ("Tesla V100-PCIE-16GB", "v100_pcie"),
        ("NVIDIA RTX A6000", "rtx_a6000"),
        ("NVIDIA RTX 6000 Ada Generation", "rtx_6000_ada"),
        ("NVIDIA L40S", "l40s"),
        ("NVIDIA L4", "l4"),
        ("Tesla T4", "t4"),
        ("NVIDIA A10G", "a10g"),
        ("NVIDIA GeForce RTX 4090", "rtx_4090"),
        ("RTX3090Ti", "rtx_3090ti"),
        ("AMD MI250X", "mi250x"),
        ("AMD Instinct MI300X OAM", "mi300x"),
        ("Intel Gaudi2", "gaudi2"),
        ("Google TPU v5e", "tpu_v5e"),
        ("TPU-v4", "tpu_v4"),
        ("h100", "h100"),
        ("RTX4090", "rtx_4090"),
        ("NVIDIA RTXA6000", "rtx_a6000"),
        ("NVIDIA H100 + EPYC 9655", "h100"),
        ("H100SXM5", "h100"),
        ("H100 80GB HBM3, 8 per node", "h100"),
        ("NVIDIA A100-SXM4/80GB", "a100"),
        ("NVIDIA TITAN X 12GB + 2x Xeon E5-2630v3 + 256GB", "titan_x"),
        ("Vera Rubin NVL144", "rubin"),
        ("Google TPU (unstated)", None),
        ("PFN MN-Core", None),
        ("a computer", None),
        ("", None),
    ],
)
def test_a_board_is_known_by_its_names(name: str, key: str | None) -> None:
    assert board(name) == key


@pytest.mark.parametrize(
    "name",
    [
        *("NVIDIA RTX A1000", "Quadro P1000", "Quadro K2000", "B2000", "MI3000", "H1000", "T400", "MI50000", "V1000"),
        *("NVIDIA GeForce RTX 3060 Ti", "RTX 3080 Ti", "RTX3080Ti", "RTX 4080 SUPER", "GeForce RTX 4090 D", "RTX 2080"),
        *("NVIDIA GeForce RTX 4090 Laptop GPU", "RTX 3080 Mobile", "RTX 2080 Ti Max-Q", "TITAN Xp", "Quadro GV100"),
        *("NVIDIA A100X", "A100 MIG 1g.5gb", "H100 1g.10gb", "NVIDIA A30X", "TPU v40", "Gaudi 20", "A60000"),
        *("2x H100 + A100", "H100 and H200", "A100/V100", "1x B200, 1x B300", "RTX 3090 & RTX 4090"),
    ],
)
def test_a_name_that_goes_on_is_another_board(name: str) -> None:
    """Each of these was once read as a board that it is not."""
    assert board(name) is None


@pytest.mark.parametrize("key", CHIPS)
def test_a_label_and_a_key_mean_their_own_chip(key: str) -> None:
    assert board(key) == key
    if key in BOARDS:
        assert board(entities()[f"chip.{key}"].label) == key


@pytest.mark.parametrize("key", BOARDS)
def test_a_board_is_physical(key: str) -> None:
    found = board_of(key)
    assert isinstance(found, Board)
    assert 0 < found.idle_w < 0.5 * found.tdp_w
    assert 0.4 < found.best_fraction < 1
    assert found.peak_16 > 0 and found.memory_byte > 1e8
    for wide, narrow in ((found.peak_16, found.peak_8), (found.peak_8, found.peak_4)):
        # TPU v6e and some others are no faster in fewer bits; none is slower by more than rounding.
        assert math.isnan(narrow) or math.isnan(wide) or narrow >= 0.99 * wide


@pytest.mark.parametrize("key", BOARDS)
def test_at_its_best_matrix_product_a_board_draws_at_most_its_limit(key: str) -> None:
    job = jobs(cases_from_rows([{"model": "Llama-3.1-8B", "gpu": key, "metric": "energy_per_request"}]))
    found = board_of(key)
    for values in (coefficients("serving").by_name, {n: r.si_high for n, r in bounds("serving").items()}):
        rate = found.best_fraction * found.peak_16
        switching = float(joule_per_flop(values, job, job.peak_16)[0]) * rate
        memory = constants().matrix_memory_share * found.tdp_w
        floor = float(floor_share(values, job)[0]) * found.tdp_w
        assert switching > 0
        assert floor + memory + switching == pytest.approx(found.tdp_w, rel=1e-9)


@pytest.mark.parametrize("key", BOARDS)
@pytest.mark.parametrize("floor", [0.0, 0.05, 0.17, 0.35])
def test_the_active_floor_is_at_least_the_idle_power(key: str, floor: float) -> None:
    job = jobs(cases_from_rows([{"model": "Llama-3.1-8B", "gpu": key, "metric": "energy_per_request"}]))
    assert floor_share({"active_floor": floor}, job)[0] * job.tdp_w[0] >= board_of(key).idle_w * (1 - 1e-12)


def test_the_fitted_floor_lies_above_the_measured_idle_of_the_h100() -> None:
    assert coefficients("serving").by_name["active_floor"] * 700 > facts()["chip.h100.idle_power"].si


def test_boards_of_one_chip_share_what_was_measured_on_it() -> None:
    assert board_of("a100_pcie").best_fraction == board_of("a100").best_fraction
    assert board_of("h100_pcie").idle_w / 350 == pytest.approx(board_of("h100").idle_w / 700)
    assert board_of("rtx_3090").best_fraction == facts()["chip.best_matrix_fraction"].si


def test_a_chip_that_cannot_be_used_says_what_is_missing() -> None:
    with pytest.raises(FactError, match=r"^chip 'rubin': tdp is not published$"):
        board_of("rubin")
    with pytest.raises(FactError, match="16-bit rate"):
        board_of("northpole")
    with pytest.raises(FactError, match="nothing_like_it"):
        board_of("nothing_like_it")


def test_every_measured_accelerator_is_known_or_unnamed(shared_folder: Path) -> None:
    cases = read_cases(shared_folder / "measured" / "cases.csv", strict=False)
    unknown = {name for name in cases.gpu if name and board(name) is None}
    assert unknown <= {"Google TPU (unstated)", "PFN MN-Core"}
    known = np.mean([board(name) is not None for name in cases.gpu])
    assert known > 0.98
