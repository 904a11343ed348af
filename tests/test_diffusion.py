"""Images and videos: published measurements, laws, and the error on models that the fit had not seen."""

from typing import Any

import numpy as np
import pytest

from efficiency import diffusion
from efficiency.case_chips import ratings
from efficiency.cases import cases_from_rows, read_cases
from efficiency.coefficients import bounds, coefficients
from efficiency.facts import fact
from efficiency.published_notes import stated, with_notes
from tests.diffusion_cases import H100, rows

IMAGE: dict[str, Any] = {
    "model": "black-forest-labs/FLUX.1-dev",
    "gpu": H100,
    "n_gpus": 1,
    "batch": 1,
    "steps": 28,
    "height": 1024,
    "width": 1024,
    "metric": "energy_per_image",
    "unit": "J/image",
    "scope": "gpu",
}
VIDEO = IMAGE | {
    "model": "Wan-AI/Wan2.1-T2V-14B-Diffusers",
    "frames": 81,
    "metric": "energy_per_video",
    "unit": "J/video",
}


def predicted(*table: dict[str, Any], given: bool = False) -> np.ndarray:
    made = diffusion.predict(cases_from_rows(table), given)
    assert made.why_not == ("",) * len(table)
    return made.predicted


def error(made: Any, cases: Any) -> np.ndarray:
    return np.abs(np.log10(made.predicted / cases.value))


def test_published_measurements_are_met():
    cases = cases_from_rows(rows())
    for given, least in ((True, 1.25), (False, 1.5)):
        made = diffusion.predict(cases, given)
        assert made.why_not == ("",) * len(cases)
        assert (error(made, cases) < np.log10(least)).all()
        assert ((made.low < cases.value) & (cases.value < made.high)).all()


def test_a_denoiser_whose_active_parameters_are_not_stated_is_dense():
    table = [IMAGE | {"model": "my own", name: 12e9} for name in ("params_active", "params_total")]
    active, total = predicted(*table)
    assert total == active


@pytest.mark.parametrize(
    ("blank", "said"),
    [
        ("batch", "needs the column batch: what an item costs depends on how many share the launches"),
        ("n_gpus", "needs the column n_gpus: what an item costs depends on how many share"),
        ("steps", "needs the column steps: energy is in proportion to it"),
    ],
)
def test_what_is_missing_is_said_with_the_reason_why_it_is_needed(blank, said):
    made = diffusion.predict(cases_from_rows([IMAGE | {blank: None}]), given=False)
    assert made.why_not[0].startswith(said)


def test_blind_reads_no_measurement():
    told = rows()
    without = [{**row, "latency_s": None, "avg_power_w": None, "value": None} for row in told]
    with_all, blind = (diffusion.predict(cases_from_rows(table), given=False) for table in (told, without))
    assert np.array_equal(with_all.predicted, blind.predicted)
    # Without measured columns, what is given is nothing.
    assert np.array_equal(diffusion.predict(cases_from_rows(without), given=True).predicted, blind.predicted)


def test_a_known_time_is_not_turned_into_the_answer_by_a_known_power():
    told = rows()
    timed = diffusion.predict(cases_from_rows(told), given=True)
    without_power = diffusion.predict(cases_from_rows([{**row, "avg_power_w": None} for row in told]), given=True)
    assert np.array_equal(timed.predicted, without_power.predicted)


def test_a_known_power_alone_leaves_the_time_to_be_predicted():
    without_time = [{**row, "latency_s": None} for row in rows()]
    made = diffusion.predict(cases_from_rows(without_time), given=True)
    doubled = [{**row, "avg_power_w": 2 * row["avg_power_w"]} for row in without_time]  # type: ignore[operator]
    assert diffusion.predict(cases_from_rows(doubled), given=True).predicted == pytest.approx(2 * made.predicted)


@pytest.mark.parametrize("base", [IMAGE, VIDEO], ids=["image", "video"])
@pytest.mark.parametrize("column", ["steps", "height", "width", "frames"])
def test_more_work_costs_more(base, column):
    if column == "frames" and base is IMAGE:
        pytest.skip("an image has one frame")
    start = 16 if column == "steps" else 17 if column == "frames" else 256
    grown = predicted(*({**base, column: start * 2**k - (column == "frames") * (2**k - 1)} for k in range(5)))
    assert (np.diff(grown) > 0).all()


def test_steps_are_paid_for_one_by_one():
    one, two, three = predicted(*({**IMAGE, "steps": steps} for steps in (20, 40, 60)))
    assert three - two == pytest.approx(two - one, rel=0.01)


def test_batches_share_launches():
    energies = predicted(
        *({**IMAGE, "model": "stable-diffusion-v1-5", "batch": 2**k, "height": 512, "width": 512} for k in range(6))
    )
    assert (np.diff(energies) < 0).all()


def test_power_stays_below_the_cap():
    told = [{**base, "batch": 2**k, "n_gpus": n} for base in (IMAGE, VIDEO) for k in range(5) for n in (1, 2, 8)]
    cases = cases_from_rows(told)
    fit = coefficients("diffusion")
    models, chips = diffusion._models(cases), ratings(cases.gpu)
    jobs = diffusion._jobs(cases, chips, models, [""] * len(cases))
    time_s = diffusion.run_s(fit.by_name, jobs.job, jobs.chips)
    share = diffusion.power_share(fit.by_name, jobs.job, time_s, jobs.chips)
    assert (share < fact("power.cap").si).all()
    assert (share > fit.by_name["floor"] * 0.999).all()


def test_chips_add_their_links_and_waiting():
    energies = predicted(*({**VIDEO, "n_gpus": n} for n in (1, 2, 4, 8)))
    assert (np.diff(energies) > 0).all()


def test_a_building_counts_more_than_a_node_and_a_node_more_than_its_boards():
    scopes = [{**IMAGE, "scope": scope} for scope in ("gpu", "node", "facility")]
    made = diffusion.predict(cases_from_rows(scopes), given=False)
    assert (np.diff(made.predicted) > 0).all()
    assert (np.diff(made.high / made.low) > 0).all(), "what is not known widens the interval"
    at_two, at_four = predicted(*({**IMAGE, "scope": "facility", "pue": pue} for pue in (1.0, 2.0)))
    assert at_four == pytest.approx(2 * at_two)
    assert predicted({**IMAGE, "scope": "node"})[0] == pytest.approx(at_two)


def test_a_unit_is_only_a_unit():
    joule, watt_hour = predicted(IMAGE, {**IMAGE, "unit": "Wh/image"})
    assert watt_hour == pytest.approx(joule / 3600)


def test_one_case_is_predicted_as_among_many():
    told = [*rows(), IMAGE, VIDEO]
    together = predicted(*told, given=True)
    assert together.tolist() == [float(predicted(row, given=True)[0]) for row in told]


def test_a_chip_twice_as_good_in_everything_takes_half():
    cases = cases_from_rows([IMAGE | {"batch": 64}])
    models, chips = diffusion._models(cases), ratings(cases.gpu)
    one, two = (
        diffusion.work(models, *(np.array([x]) for x in (28.0, 1024.0, 1024.0, 1.0, 64.0, 1.0)), *rates)
        for rates in (
            (chips.peak_flop_s, chips.lane_rate_s, chips.link_byte_s),
            (2 * chips.peak_flop_s, 2 * chips.lane_rate_s, 2 * chips.link_byte_s),
        )
    )
    fit = coefficients("diffusion").by_name
    assert diffusion_busy(fit, two) == pytest.approx(diffusion_busy(fit, one) / 2)


def diffusion_busy(found: Any, job: Any) -> float:
    from efficiency.diffusion_cost import busy_s

    return float(busy_s(found, job, np.ones(1))[0])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"steps": None}, "needs the column steps"),
        ({"height": None, "width": None}, "needs the columns height, width"),
        ({"gpu": "abacus"}, "the chip is unknown"),
        ({"model": "my own"}, "the denoiser is unknown"),
        ({"unit": "W"}, "the unit 'W' is not an energy"),
        ({"metric": "energy_per_video", "unit": "J/video"}, "needs the column frames"),
        ({"metric": "energy_per_song"}, "energy_per_song is not an energy per image or video"),
        ({"n_gpus": None}, "needs the column n_gpus"),
    ],
)
def test_what_is_missing_is_said(change, said):
    made = diffusion.predict(cases_from_rows([IMAGE | change]), given=True)
    assert said in made.why_not[0]
    assert np.isnan(made.predicted[0])


def test_an_unknown_denoiser_of_known_size_has_a_wide_interval():
    made = diffusion.predict(cases_from_rows([IMAGE, IMAGE | {"model": "my own", "params_active": 12e9}]), given=False)
    widths = made.high / made.low
    assert widths[1] > 4 > 2.5 > widths[0]


def test_coefficients_lie_inside_their_ranges():
    fit = coefficients("diffusion")
    assert set(fit.names) == set(bounds("diffusion"))
    for name, value in fit.by_name.items():
        assert bounds("diffusion")[name].si_low < value < bounds("diffusion")[name].si_high, name


def test_notes_give_times_and_no_energies():
    assert stated("512x512, 16.0 frames; median of 10 prompts (each mean of 5 runs), 0.69144 s; nominal") == {
        "latency_s": 0.69144
    }
    assert stated("12 h x 1415.78 W x PUE 1.58 = 27 kWh") == {"hours": 12.0, "pue": 1.58}
    cases = with_notes(cases_from_rows([{**IMAGE, "latency_s": 3.0, "note": "batch latency 9 s"}]))
    assert cases.latency_s[0] == 3.0, "a column counts before a note"


def test_no_prediction_reads_a_note():
    told = {**IMAGE, "note": "batch latency 100 s"}
    assert predicted(told, given=True)[0] == predicted(IMAGE, given=True)[0]


def test_a_fit_repeats_and_reports():
    table = [row | {"params_active": 1e10} for row in rows()]
    done: list[float] = []
    cases = cases_from_rows([{**row, "model": f"{row['model']}", "params_active": None} for row in table])
    with pytest.raises(ValueError, match="no measured image"):
        diffusion.fit(cases, done.append)
    sizes = (12e9, 0.6e9, 2.6e9, 1.3e9, 14e9, 5e9)
    cases = cases_from_rows([{**row, "params_active": size} for row, size in zip(table, sizes, strict=True)])
    one, two = diffusion.fit(cases, done.append), diffusion.fit(cases)
    assert np.array_equal(one.values, two.values)
    assert one.cases == len(cases)
    assert done[-1] == 1.0
    assert done == sorted(done)


@pytest.mark.parametrize(("given", "median", "width"), [(True, 0.040, 2.5), (False, 0.085, 4.0)])
def test_models_that_were_left_out_are_met(shared_folder, given, median, width):
    cases = read_cases(shared_folder / "measured" / "cases.csv")
    made = diffusion.out_of_fold(cases, given)
    known = np.isfinite(made.predicted)
    assert known.sum() > 700
    errors = error(made, cases)[known]
    assert np.median(errors) <= median
    assert np.mean(errors < np.log10(2)) >= 0.95
    inside = (made.low <= cases.value) & (cases.value <= made.high)
    assert 0.85 <= inside[known].mean() <= 0.95
    assert np.median((made.high / made.low)[known]) <= width


def test_a_fit_of_all_published_cases_takes_seconds(shared_folder):
    import time

    cases = read_cases(shared_folder / "measured" / "cases.csv")
    start = time.perf_counter()
    fit = diffusion.fit(cases)
    assert time.perf_counter() - start < 60
    assert np.allclose(fit.values, coefficients("diffusion").values, rtol=0.25)
