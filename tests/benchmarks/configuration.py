"""How the time to check a configuration grows with its size."""

import json
import time
from statistics import median

import lsp_server  # noqa: F401 - decides what `config` means
from config.loading import open_document

FEW, MANY, ROUNDS = 500, 5000, 5


def growth() -> tuple[float, float]:
    """Milliseconds to open and check a file of 500 models, and of 5,000: medians, in turns."""
    few, many = document(FEW), document(MANY)
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        taken[0].append(_check(few))
        taken[1].append(_check(many))
    return median(taken[0]), median(taken[1])


def document(models: int, *, faulty: bool = False) -> str:
    """A file of so many models, and a tenth as many providers; or with two faults in each model."""
    providers = [_provider(number) for number in range(max(1, models // 10))]
    overrides = [_model(number, len(providers), faulty=faulty) for number in range(models)]
    site = {"sourcegraph": None, "providerOverrides": providers, "modelOverrides": overrides}
    return json.dumps({"modelConfiguration": site}, indent=2)


def _provider(number: int) -> dict[str, object]:
    endpoint = {"url": f"http://host-{number}:8000/v1", "accessToken": f"token-{number}"}
    server = {"type": "openaicompatible", "endpoints": [endpoint]}
    return {"id": f"p{number}", "displayName": f"Provider {number}", "serverSideConfig": server}


def _model(number: int, providers: int, *, faulty: bool) -> dict[str, object]:
    provider = "missing" if faulty else f"p{number % providers}"
    return {
        "modelRef": f"{provider}{number if faulty else ''}::v1::model-{number}",
        "displayName": f"Model {number}",
        "capabilities": ["chot" if faulty else "chat", "autocomplete"],
        "category": "balanced",
        "status": "stable",
        "contextWindow": {"maxInputTokens": 8000, "maxOutputTokens": 2000},
        "clientSideConfig": {"openaicompatible": {"stopSequences": ["<end>"]}},
    }


def _check(text: str) -> float:
    began = time.process_time()
    configuration, problems = open_document(text, environ={}, read_file=str).build()
    assert configuration is not None, problems
    return (time.process_time() - began) * 1000
