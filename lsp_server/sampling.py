"""Sampling knobs as the configuration format writes them."""


def given_top_p(value: float | None) -> float | None:
    """The `topP` to send; the format writes -1 for "unset"."""
    return None if value is None or value < 0 else value


def given_top_k(value: float | None) -> int | None:
    """The `topK` to send; the format writes -1 for "unset"."""
    return None if value is None or value < 0 else int(value)
