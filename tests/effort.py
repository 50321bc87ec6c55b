"""How much processor time work takes, compared with other work in the same run.

A limit in seconds says more about the machine than about the code. What a busy machine spoils is
measured again, which never makes quadratic work look linear.
"""

import time
from collections.abc import Callable

Work = Callable[[], object]
Prepare = Callable[[int], Work]

_ROUNDS = 9


def grows_linearly(prepare: Prepare, size: int) -> bool:
    """Tell whether four times the size takes about four times as long: quadratic is sixteen.

    `prepare` builds the input of a size, which is not measured, and gives the work to be done.
    """
    return takes_at_most(8, prepare(4 * size), than=prepare(size))


def hardly_grows(prepare: Prepare, size: int) -> bool:
    """Tell whether sixteen times the size takes about as long: linear is sixteen."""
    return takes_at_most(4, prepare(16 * size), than=prepare(size))


def takes_at_most(times: float, work: Work, *, than: Work) -> bool:
    """Tell whether the fastest of some rounds takes at most that many times what another does."""
    fastest = fastest_other = float("inf")
    for _ in range(_ROUNDS):
        fastest_other = min(fastest_other, _processor_seconds(than))
        fastest = min(fastest, _processor_seconds(work))
        if fastest <= times * fastest_other:
            return True
    return False


def _processor_seconds(work: Work) -> float:
    began = time.thread_time()
    work()
    return time.thread_time() - began
