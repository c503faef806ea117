"""What a contender of a benchmark does in a process of its own: it answers every line, a number of units of work, with what they cost."""

import json
import sys
import time


def serve(name, unit):
    print(json.dumps({"ready": name}), flush=True)
    for line in sys.stdin:
        cpu, wall = time.process_time(), time.perf_counter()
        for _ in range(int(line)):
            unit()
        print(json.dumps({"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall}), flush=True)
