"""Asks a model server many times and prints what is still held after each round, as JSON.

A process of its own: pytest keeps every log record, and so does the scripted server its requests.
"""

import asyncio
import gc
import json
import logging
import sys
from dataclasses import replace

from providers.client import ModelClient
from tests.provider_models import INFILL, model_named, pool_of, provider_at, text_of

_AT_A_TIME = 50


async def _ask(client: ModelClient, first: int, count: int) -> None:
    gate = asyncio.Semaphore(_AT_A_TIME)

    async def one(number: int) -> None:
        async with gate:
            request = replace(INFILL, prefix=f"def f{number}():\n    ")
            assert await text_of(client.infill(request))

    await asyncio.gather(*(one(first + number) for number in range(count)))


async def _main(url: str, rounds: int, count: int) -> None:
    held = []
    async with pool_of(provider_at(url)) as pool:
        client = pool.client_for(model_named("starcoder2-7b"))
        for number in range(rounds):
            await _ask(client, number * count, count)
            gc.collect()
            held.append(sys.getallocatedblocks())
    sys.stdout.write(json.dumps(held))


if __name__ == "__main__":
    # The lines are written as in the server, to nowhere.
    logging.basicConfig(level=logging.INFO, handlers=[logging.NullHandler()])
    asyncio.run(_main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
