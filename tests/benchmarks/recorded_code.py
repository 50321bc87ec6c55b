"""What is written in the recorded typing session: real functions in files that exist already."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Write:
    """Text typed key by key at the cursor."""

    text: str


@dataclass(frozen=True, slots=True)
class Paste:
    """Text inserted in one edit."""

    text: str


@dataclass(frozen=True, slots=True)
class Jump:
    """The cursor is put behind this text, which stands in the file once."""

    behind: str


Part = Write | Paste | Jump


@dataclass(frozen=True, slots=True)
class Recording:
    """A file with `|` where the cursor is at first, and what is written in it, in order."""

    name: str
    language_id: str
    marked: str
    parts: tuple[Part, ...]


INVENTORY = Recording(
    "inventory.py",
    "python",
    '''"""Stock of a small shop."""

from dataclasses import dataclass, field


@dataclass
class Item:
    """One article on the shelf."""

    name: str
    price: float
    quantity: int = 0
    tags: list[str] = field(default_factory=list)


class Inventory:
    """All articles by name."""

    def __init__(self) -> None:
        self._items: dict[str, Item] = {}

    def add(self, item: Item) -> None:
        """Put an article on the shelf."""
        self._items[item.name] = item

|

def main() -> None:
    inventory = Inventory()
    inventory.add(Item("lamp", 19.5, 3, ["light"]))
''',
    (
        Write(
            '''    def take(self, name: str, count: int) -> Item:
        """Take some of an article off the shelf."""
        item = self._items.get(name)
        if item is None:
            raise KeyError(f"no such item: {name}")
        item.quantity -= count
        return item
'''
        ),
        Jump("field(default_factory=list)\n"),
        Paste("    supplier: str | None = None\n"),
        Jump('["light"]))\n'),
        Write(
            """    for name in ("lamp", "chair"):
        print(inventory.take(name, 2))
"""
        ),
    ),
)

READER = Recording(
    "reader.py",
    "python",
    '''"""Reads measurements from files of comma-separated values."""

import csv
from collections.abc import Iterator
from pathlib import Path


class Measurement:
    """A value that a sensor gave at a time."""

    def __init__(self, sensor: str, time: float, value: float) -> None:
        self.sensor = sensor
        self.time = time
        self.value = value


def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Give each row of a file."""
    with path.open(newline="", encoding="utf-8") as file:
        yield from csv.DictReader(file)


def measurements(path: Path) -> list[Measurement]:
    """Read the measurements of a file, the earliest first."""
    found = [measurement(row) for row in read_rows(path)]
    return sorted(found, key=lambda each: each.time)


def by_sensor(found: list[Measurement]) -> dict[str, list[Measurement]]:
|
''',
    (
        Write(
            """    groups: dict[str, list[Measurement]] = {}
    for each in found:
        groups.setdefault(each.sensor, []).append(each)
    return groups


"""
        ),
        Jump("import csv\n"),
        Write("from statistics import mean\n"),
        Jump("    return groups\n\n\n"),
        Write(
            """def averages(groups: dict[str, list[Measurement]]) -> dict[str, float]:
    return {sensor: mean(each.value for each in group) for sensor, group in groups.items()}
"""
        ),
    ),
)

RETRY = Recording(
    "retry.ts",
    "typescript",
    """import { setTimeout as sleep } from "node:timers/promises";

export interface RetryOptions {
  attempts: number;
  delayMs: number;
  onFailure?: (error: unknown, attempt: number) => void;
}

const defaults: RetryOptions = { attempts: 3, delayMs: 200 };

|

export async function loadUser(id: string): Promise<User> {
  return fetchJson<User>(`/api/users/${id}`);
}
""",
    (
        Write(
            """export async function withRetry<T>(
  action: () => Promise<T>,
  options: RetryOptions = defaults,
): Promise<T> {
  let lastError: unknown;
  for (let attempt = 1; attempt <= options.attempts; attempt++) {
    try {
      return await action();
    } catch (error) {
      lastError = error;
      await sleep(options.delayMs * attempt);
    }
  }
  throw lastError;
}
"""
        ),
        Jump("attempts: 3, delayMs: 200 };\n"),
        Paste("\nexport interface User {\n  id: string;\n  name: string;\n}\n"),
    ),
)

BASKET = Recording(
    "basket.ts",
    "typescript",
    """import type { Product } from "./products";

export interface Line {
  product: Product;
  count: number;
}

export class Basket {
  private readonly lines = new Map<string, Line>();

  constructor(private readonly listeners: Array<(basket: Basket) => void> = []) {}

|
}
""",
    (
        Write(
            """  add(product: Product, count = 1): void {
    const line = this.lines.get(product.id);
    if (line) {
      line.count += count;
    } else {
      this.lines.set(product.id, { product, count });
    }
    this.notify();
  }

  remove(productId: string): boolean {
    const removed = this.lines.delete(productId);
    if (removed) {
      this.notify();
    }
    return removed;
  }"""
        ),
    ),
)

RECORDINGS = (INVENTORY, READER, RETRY, BASKET)
