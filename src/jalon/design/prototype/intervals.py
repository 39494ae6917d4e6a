"""Estimates with the interval that so few samples allow. Pure arithmetic.

Wilson 1927 for shares, widened by Kish's design effect when samples come in bunches; binomial
order statistics for quantiles, which assume nothing of the distribution; Student's t for means.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, stdev

from jalon.vocab.measure import Statistic

_QUANTILES = {
    Statistic.MEDIAN: 0.5,
    Statistic.P5: 0.05,
    Statistic.P10: 0.1,
    Statistic.P90: 0.9,
    Statistic.P95: 0.95,
    Statistic.P99: 0.99,
    Statistic.P999: 0.999,
}


@dataclass(frozen=True, slots=True)
class Interval:
    """`low` and `high` may be infinite: so many samples say nothing about that side. `method` is a
    word that results keep."""

    amount: float
    low: float
    high: float
    method: str


def wilson(
    successes: float, trials: float, confidence: float = 95.0, effect: float = 1.0
) -> Interval:
    """A share, 0 to 1. `effect` is how many trials are worth one when they come in bunches; the
    method needs at least one trial."""
    share, size = successes / trials, trials / effect
    z = NormalDist().inv_cdf(0.5 + confidence / 200)
    spread = z * z / size
    middle = (share + spread / 2) / (1 + spread)
    half = z * math.sqrt(share * (1 - share) / size + spread / (4 * size)) / (1 + spread)
    low = 0.0 if successes == 0 else max(0.0, middle - half)
    high = 1.0 if successes == trials else min(1.0, middle + half)
    return Interval(share, low, high, "wilson" if effect == 1.0 else "wilson-clustered")


def design_effect(clusters: Sequence[tuple[float, float]]) -> float:
    """How many trials are worth one, from (successes, trials) of each bunch; 1 with fewer than
    five bunches, where it cannot be told (Kish 1965, ratio estimator of a clustered sample)."""
    clusters = [one for one in clusters if one[1] > 0]
    trials = sum(of for _, of in clusters)
    if len(clusters) < 5:
        return 1.0
    share = sum(one for one, _ in clusters) / trials
    if not 0.0 < share < 1.0:
        return 1.0
    between = sum((one - share * of) ** 2 for one, of in clusters)
    between *= len(clusters) / (len(clusters) - 1)
    return max(1.0, between / (trials * share * (1 - share)))


def quantile(values: Sequence[float], share: float, confidence: float = 95.0) -> Interval:
    """The quantile, and the two samples between which the true one lies. Needs one value."""
    ordered = sorted(values)
    count = len(ordered)
    tail = (1 - confidence / 100) / 2
    below = _cumulated(count, share)
    amount = ordered[min(count - 1, max(0, math.ceil(share * count) - 1))]
    # P(X(r) <= quantile) = P(at least r of n are below) = 1 - P(at most r-1 are).
    lower = max((r for r in range(1, count + 1) if below[r - 1] <= tail), default=0)
    upper = min((r for r in range(1, count + 1) if below[r - 1] >= 1 - tail), default=0)
    low = ordered[lower - 1] if lower else -math.inf
    high = ordered[upper - 1] if upper else math.inf
    return Interval(amount, low, high, "order-statistics")


def needed(share: float, confidence: float = 95.0) -> int:
    """How many samples a quantile needs before both ends of its interval exist."""
    tail = (1 - confidence / 100) / 2
    far = min(share, 1 - share)
    return math.ceil(math.log(tail) / math.log(1 - far))


def mean(values: Sequence[float], confidence: float = 95.0) -> Interval:
    """The mean; one value has no interval."""
    amount = fmean(values)
    if len(values) < 2:
        return Interval(amount, -math.inf, math.inf, "student-t")
    from scipy.stats import t  # type: ignore[import-untyped]

    spread = stdev(values) / math.sqrt(len(values))
    half = float(t.ppf(0.5 + confidence / 200, len(values) - 1)) * spread
    return Interval(amount, amount - half, amount + half, "student-t")


def of_values(values: Sequence[float], statistic: Statistic | None, confidence: float) -> Interval:
    """The statistic of the values; the mean without one. Extremes and sums are of these samples
    alone, without an interval."""
    if statistic in _QUANTILES:
        return quantile(values, _QUANTILES[statistic], confidence)
    match statistic:
        case Statistic.MAX:
            amount = max(values)
        case Statistic.MIN:
            amount = min(values)
        case Statistic.SUM:
            amount = math.fsum(values)
        case _:
            return mean(values, confidence)
    return Interval(amount, amount, amount, "as-seen")


def samples_needed(statistic: Statistic | None, confidence: float) -> int:
    """The fewest samples with which the statistic has an interval."""
    if statistic in _QUANTILES:
        return needed(_QUANTILES[statistic], confidence)
    return 1 if statistic in (Statistic.MAX, Statistic.MIN, Statistic.SUM) else 2


def unseen(samples: int, confidence: float = 95.0) -> float:
    """The share of all cases that may be beyond the extreme of so many samples: what is known of
    an extreme when none was beyond the bound."""
    return 1.0 - math.pow(1 - confidence / 100, 1 / samples)


def _cumulated(count: int, share: float) -> list[float]:
    """P(at most k of `count` are below), for k from 0 to `count`."""
    odds = math.log(share) - math.log1p(-share)
    log_one, total, sums = count * math.log1p(-share), 0.0, []
    for k in range(count + 1):
        total += math.exp(log_one)
        sums.append(min(1.0, total))
        log_one += math.log((count - k) / (k + 1)) + odds if k < count else 0.0
    return sums
