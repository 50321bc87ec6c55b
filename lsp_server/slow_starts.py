"""What is said of a request that a model is slow to answer."""

import asyncio
from urllib.parse import urlsplit

from config.rendered import Model
from providers.stages import Stage

# A server that is warm has begun by then.
_COLD_AFTER_S = 10.0


class SlowStart:
    """One request on its way to the first word of its answer; made in the loop that runs it."""

    def __init__(self, model: Model) -> None:
        self._name = model.display_name or model.model_ref.model_id
        self._loop = asyncio.get_running_loop()
        self._started: float | None = None
        self._stage = Stage("queued")

    def take(self, stage: Stage) -> bool:
        """Note how far the request has come; tell whether it has only been made now.

        A server that loads its model is asked repeatedly, and loads it all the while.
        """
        if self._stage.phase != "loading" or stage.phase == "loading":
            self._stage = stage
        is_first = self._started is None
        self._started = self._loop.time() if self._started is None else self._started
        return is_first

    @property
    def elapsed_s(self) -> float:
        """Since when it is waited."""
        return 0.0 if self._started is None else self._loop.time() - self._started

    def text(self) -> str:
        """What is waited for."""
        host = urlsplit(self._stage.shown_url).netloc
        waiting = f"Waiting for {self._name}" + (f" at {host}" if host else "")
        match self._stage.phase:
            case "connecting":
                return f"Connecting to {host} for {self._name}"
            case "loading":
                return f"{host} is loading {self._name}"
            case "queued":
                return f"{waiting}, which is busy with other requests"
        is_cold = self.elapsed_s >= _COLD_AFTER_S
        return f"{waiting}, the model may be loading" if is_cold else waiting
