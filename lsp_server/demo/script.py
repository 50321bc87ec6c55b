"""What the demonstration shows: code to be completed, a question, and the model behind both."""

from dataclasses import dataclass
from typing import Any

MODEL_NAME = "SmolLM2-135M-Instruct"
QUESTION = "Write a Python function that reverses a string."


@dataclass(frozen=True, slots=True)
class Scene:
    """A file with the cursor between two texts."""

    file: str
    before: str
    after: str


SCENES = (
    Scene(
        "primes.py",
        'def is_prime(n):\n    """Return True if n is a prime number."""\n    ',
        "\n\n\nprint([n for n in range(50) if is_prime(n)])\n",
    ),
    Scene(
        "reverse.py",
        'def reverse(text):\n    """Return the text written backwards."""\n    return ',
        '\n\n\nprint(reverse("abc"))\n',
    ),
)


def settings(url: str) -> dict[str, Any]:
    """The `initializationOptions` for the demonstration's model; no randomness in completions."""
    ref = "demo::v1::smollm2-135m-instruct"
    return {
        "modelConfiguration": {
            "sourcegraph": None,
            "providerOverrides": [
                {
                    "id": "demo",
                    "displayName": "llama.cpp on this machine",
                    "serverSideConfig": {
                        "type": "openaicompatible",
                        "endpoints": [{"url": url}],
                    },
                }
            ],
            "modelOverrides": [
                {
                    "modelRef": ref,
                    "displayName": MODEL_NAME,
                    "modelName": MODEL_NAME,
                    "capabilities": ["chat", "autocomplete"],
                    "category": "balanced",
                    "status": "stable",
                    "contextWindow": {"maxInputTokens": 3072, "maxOutputTokens": 256},
                    "clientSideConfig": {
                        "openaicompatible": {
                            "autoCompleteTemperature": 0,
                            "autocompleteSinglelineTimeout": 30000,
                            "autocompleteMultilineTimeout": 30000,
                            "chatTemperature": 0,
                            "chatMaxTokens": 160,
                        }
                    },
                }
            ],
            "defaultModels": {"chat": ref, "fastChat": ref, "codeCompletion": ref},
        }
    }
