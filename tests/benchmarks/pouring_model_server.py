"""A model server that pours out deltas at an even pace; run as a process, it prints its base URL.

Run with the number of deltas in a second and the number of seconds. The deltas are numbers.
"""

import asyncio
import json
import sys

_TICK_S = 0.001
_HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"


def _chunk(payload: object) -> bytes:
    text = payload if isinstance(payload, str) else json.dumps(payload)
    data = f"data: {text}\n\n".encode()
    return b"%x\r\n%b\r\n" % (len(data), data)


def _delta(content: str, finish_reason: str | None = None) -> bytes:
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish_reason}
    return _chunk({"choices": [choice]})


async def _pour(writer: asyncio.StreamWriter, per_second: float, total: int) -> None:
    loop = asyncio.get_running_loop()
    began, sent = loop.time(), 0
    writer.write(_HEAD)
    while sent < total:
        due = min(total, int((loop.time() - began) * per_second))
        # Each delta by itself, as a model writes them.
        for number in range(sent, due):
            writer.write(_delta(f"{number} "))
        sent = due
        await writer.drain()
        await asyncio.sleep(_TICK_S)
    writer.write(_delta("", "stop") + _chunk("[DONE]") + b"0\r\n\r\n")
    await writer.drain()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    per_second, seconds = map(float, sys.argv[1:3])
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lines = head.lower().split(b"\r\n")
            lengths = [int(n.split(b":")[1]) for n in lines if n.startswith(b"content-length:")]
            await reader.readexactly(sum(lengths))
            await _pour(writer, per_second, int(per_second * seconds))
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _main() -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{port}/v1\n")
    sys.stdout.flush()
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(_main())
