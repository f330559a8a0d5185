"""Why a task is where it is: what the API answers, and clients beside Redis."""

from heavylift.explaining.explain import UNSCALED, explain, needs_history, needs_scaling
from heavylift.explaining.explanation import Estimate, Explanation, Obstacle

__all__ = ["UNSCALED", "Estimate", "Explanation", "Obstacle", "explain", "needs_history", "needs_scaling"]
