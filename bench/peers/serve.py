"""What a contender of a benchmark does in a process of its own: it answers every line, a number of units of work, with what they cost."""

import json
import sys
import time


def serve(name, unit, before=lambda: None):
    """`before` comes before each unit and costs nothing."""
    print(json.dumps({"ready": name}), flush=True)
    for line in sys.stdin:
        cpu = wall = 0
        for _ in range(int(line)):
            before()
            began, start = time.process_time(), time.perf_counter()
            unit()
            cpu, wall = cpu + time.process_time() - began, wall + time.perf_counter() - start
        print(json.dumps({"cpu": cpu, "wall": wall}), flush=True)
