"""Whether and when a failed attempt is followed by another."""

import math
import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heavylift.errors import PayloadInvalid, PermanentError, StoreUnavailable, TemporaryError
from heavylift.retry import LONGEST_PAUSE, NEVER, RetryPolicy, is_retryable, pause_before_retry

policies = st.builds(
    RetryPolicy,
    max_attempts=st.integers(1, 100),
    base=st.floats(0, 1e6),
    factor=st.floats(1, 1e3),
    cap=st.floats(0, 1e9),
)
attempts = st.integers(1, 10**6)


@given(policies, attempts, st.randoms(use_true_random=False))
def test_a_pause_lies_between_nothing_and_its_ceiling_and_the_ceiling_below_the_cap(
    policy: RetryPolicy, attempt: int, rng: random.Random
) -> None:
    assert 0 <= policy.delay(attempt, rng) <= policy.ceiling(attempt) <= policy.cap


@given(policies, attempts)
def test_the_ceiling_never_sinks_from_attempt_to_attempt(policy: RetryPolicy, attempt: int) -> None:
    assert policy.ceiling(attempt) <= policy.ceiling(attempt + 1)


@given(attempts)
def test_without_a_base_there_is_never_a_pause(attempt: int) -> None:
    assert RetryPolicy(base=0.0).ceiling(attempt) == 0


def test_the_ceiling_grows_by_the_factor_up_to_the_cap() -> None:
    policy = RetryPolicy(base=1.5, factor=2, cap=10)

    assert [policy.ceiling(attempt) for attempt in (1, 2, 3, 4, 5)] == [1.5, 3, 6, 10, 10]


def test_the_jitter_is_full() -> None:
    policy, rng = RetryPolicy(base=100, cap=100), random.Random(1)

    drawn = [policy.delay(1, rng) for _ in range(2000)]

    assert min(drawn) < 5
    assert max(drawn) > 95
    assert 47 < sum(drawn) / len(drawn) < 53


def test_the_same_source_of_chance_draws_the_same_pause() -> None:
    assert RetryPolicy().delay(3, random.Random(7)) == RetryPolicy().delay(3, random.Random(7))


@pytest.mark.parametrize(
    "wrong",
    [
        *({"max_attempts": 0}, {"max_attempts": -1}),
        *({"base": -1}, {"factor": 0.5}, {"cap": -0.1}),
        *({"base": math.nan}, {"factor": math.inf}, {"cap": math.inf}),
    ],
)
def test_a_policy_without_sense_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        RetryPolicy(**wrong)


@pytest.mark.parametrize(
    ("error", "retryable"),
    [
        (ValueError("anything"), True),
        (OSError("anything"), True),
        (TemporaryError(), True),
        (StoreUnavailable(), True),
        (PermanentError(), False),
        (PayloadInvalid(), False),
        (KeyboardInterrupt(), False),
        (SystemExit(), False),
    ],
)
def test_errors_of_ours_speak_for_themselves_and_others_get_the_benefit(error: BaseException, retryable: bool) -> None:
    assert is_retryable(error) is retryable


def test_there_is_no_attempt_after_the_last() -> None:
    policy = RetryPolicy(max_attempts=3)

    assert pause_before_retry(policy, ValueError(), attempt=2, max_attempts=3) is not None
    assert pause_before_retry(policy, ValueError(), attempt=3, max_attempts=3) is None
    assert pause_before_retry(policy, TemporaryError(delay=1), attempt=3, max_attempts=3) is None
    assert pause_before_retry(NEVER, ValueError(), attempt=1, max_attempts=NEVER.max_attempts) is None


def test_there_is_no_attempt_after_an_error_that_another_cannot_mend() -> None:
    assert pause_before_retry(RetryPolicy(), PermanentError(), attempt=1, max_attempts=3) is None


@pytest.mark.parametrize(
    ("asked", "given"), [(2.5, 2.5), (0, 0), (-3, 0), (math.nan, 0), (math.inf, LONGEST_PAUSE), (1e300, LONGEST_PAUSE)]
)
def test_a_temporary_error_chooses_its_pause_within_reason(asked: float, given: float) -> None:
    assert pause_before_retry(RetryPolicy(), TemporaryError(delay=asked), attempt=1, max_attempts=3) == given


def test_a_temporary_error_without_a_wish_follows_the_policy() -> None:
    policy, error = RetryPolicy(), TemporaryError()

    pause = pause_before_retry(policy, error, attempt=2, max_attempts=3, rng=random.Random(4))

    assert pause == policy.delay(2, random.Random(4))
