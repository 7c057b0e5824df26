"""A clock for calls that are made one after another."""

from datetime import datetime, timedelta

from tests.simulation.sim_clock import START


class HandClock:
    """A clock that stands still until it is moved. Its wall clock jumps by itself, the other never does."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.wall_jump = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.seconds + self.wall_jump)

    def monotonic(self) -> float:
        return self.seconds
