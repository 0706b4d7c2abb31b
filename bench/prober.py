"""`python -m bench.prober <port> <every ms>`: asks GET /api/status at that pace, until its standard input is closed.

The token comes first on standard input. Then it prints how long each answer took, in seconds, as a JSON list. It is
a process of its own, so that nothing that a measurement does itself makes the server look slow.
"""

from __future__ import annotations

import json
import select
import sys

from .wire import Wire


def main() -> None:
    port, every_ms = map(int, sys.argv[1:])
    token = sys.stdin.readline().strip()
    took = []
    with Wire(port, token) as wire:
        while True:
            took.append(wire.get("api/status").seconds)
            if len(took) == 1:
                print("ready", flush=True)
            if select.select([sys.stdin], [], [], max(0.0, every_ms / 1000 - took[-1]))[0]:
                break
    print(json.dumps(took))


if __name__ == "__main__":
    main()
