"""What one address may have worked out anew, and what is never limited."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ui.limits import BURST, RATE_PER_S, Admission, Buckets, number_from


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_and_then_the_rate() -> None:
    clock = Clock()
    buckets = Buckets(rate_per_s=10, burst=3, clock=clock)
    assert [buckets.take("a") for _ in range(3)] == [0, 0, 0]
    assert buckets.take("a") == pytest.approx(0.1)
    assert buckets.take("b") == 0, "each address has its own"
    clock.now = 0.1
    assert buckets.take("a") == 0
    assert buckets.take("a") > 0


def test_waiting_as_long_as_told_is_enough() -> None:
    clock = Clock()
    buckets = Buckets(rate_per_s=7, burst=2, clock=clock)
    while not (wait := buckets.take("a", 2)):
        pass
    clock.now += wait + 1e-9
    assert buckets.take("a", 2) == 0


def test_work_dearer_than_a_whole_bucket_is_not_refused_for_ever() -> None:
    assert Buckets(rate_per_s=1, burst=5, clock=Clock()).take("a", 50) == 0


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0.1, 3)), max_size=60))
def test_never_more_than_burst_and_rate_allow(asked: list[tuple[float, float]]) -> None:
    clock = Clock()
    buckets = Buckets(rate_per_s=2, burst=4, clock=clock)
    spent = 0.0
    for pause, cost in asked:
        clock.now += pause
        spent += cost if not buckets.take("a", cost) else 0.0
        assert spent <= 4 + 2 * clock.now + 1e-6


def test_addresses_do_not_pile_up() -> None:
    buckets = Buckets(most=10)
    for number in range(100):
        buckets.take(str(number))
    assert len(buckets._levels) == 10


def test_what_is_known_is_never_limited() -> None:
    admission = Admission(Buckets(rate_per_s=1, burst=2, clock=Clock()))
    assert admission.wait_s("one", "a") == 0
    assert all(admission.wait_s("one", "a") == 0 for _ in range(1000))
    assert admission.wait_s("two", "a") == 0
    assert admission.wait_s("three", "a") > 0
    assert admission.refused == 1
    assert admission.wait_s("three", None) == 0, "nobody's address is an address of its own"


def test_known_work_does_not_pile_up() -> None:
    admission = Admission(Buckets(), most_known=5)
    for number in range(50):
        admission.wait_s(number, "a")
    assert len(admission._known) == 5


def test_a_hall_behind_one_address_is_not_limited() -> None:
    """A thousand phones open the link at once, then each asks for something new every five seconds."""
    clock = Clock()
    buckets = Buckets(RATE_PER_S, BURST, clock=clock)
    assert all(buckets.take("hall") == 0 for _ in range(1000))
    for _ in range(60):
        clock.now += 1
        assert all(buckets.take("hall") == 0 for _ in range(200))


@pytest.mark.parametrize("text", ["0", "-1", "nan", "inf", "many"])
def test_a_wrong_setting_stops_the_start(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setenv("TWENTY_WATTS_BURST", text)
    with pytest.raises(ValueError, match="TWENTY_WATTS_BURST"):
        number_from("TWENTY_WATTS_BURST", 1.0)
    monkeypatch.setenv("TWENTY_WATTS_BURST", " 12 ")
    assert number_from("TWENTY_WATTS_BURST", 1.0) == 12
    monkeypatch.delenv("TWENTY_WATTS_BURST")
    assert number_from("TWENTY_WATTS_BURST", 1.0) == 1
