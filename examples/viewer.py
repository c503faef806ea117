"""Watches a session in the terminal: python3 viewer.py [ws://127.0.0.1:8120/stream] [frames]. Needs: pip install websockets

Everything that it knows about the server stands in docs/protocol.md. A token goes into the address, as ?token=...
"""
import asyncio
import json
import struct
import sys

import websockets

WIDTH, HEIGHT = 61, 25


def read_frame(message):
    """The numbers of a frame (docs/protocol.md, Frames), or None for what is no frame."""
    if message[:3] != b"M\x02\x01":
        return None
    flags, episode, number, at, step, agents, actions, row = struct.unpack_from("<BIddIIII", message, 3)
    floats = struct.unpack_from(f"<{2 * agents + actions + row}f", message, 40)
    return {
        "number": number, "at": at, "episode": episode, "step": step, "past": bool(flags & 8),
        "returns": floats[agents:2 * agents], "row": floats[2 * agents + actions:],
    }


def draw(frame, schema):
    """The world as letters: agents of the first team are A, of the second B; landmarks are dots."""
    teams = sorted({entity["team"] for entity in schema["entities"] if entity["team"]})
    fields = {field["name"]: field for field in schema["fields"]}
    canvas = [[" "] * WIDTH for _ in range(HEIGHT)]
    for i, entity in reversed(list(enumerate(schema["entities"]))):
        x, y = frame["row"][fields["position"]["offset"] + 2 * i:][:2]
        if x != x or max(abs(x), abs(y)) > schema["extent"]:
            continue
        column = round((x / schema["extent"] + 1) / 2 * (WIDTH - 1))
        line = round((1 - y / schema["extent"]) / 2 * (HEIGHT - 1))
        canvas[line][column] = chr(ord("A") + teams.index(entity["team"])) if entity["kind"] == "agent" else "."
    return "\n".join("|" + "".join(line) + "|" for line in canvas)


async def watch(address, frames):
    state = schema = None
    async with websockets.connect(address, max_size=None) as socket:
        await socket.send(json.dumps({"type": "subscribe", "rate": 10}))
        async for message in socket:
            if isinstance(message, bytes):
                frame = read_frame(message)
                if frame is None or frame["past"]:
                    continue
                returns = "  ".join(f"{agent['id']} {value:.2f}" for agent, value in zip(schema["agents"], frame["returns"]))
                print(draw(frame, schema), f"\nepisode {frame['episode']} step {frame['step']}: {returns}", flush=True)
                frames -= 1
                if frames == 0:
                    return
                continue
            said = json.loads(message)
            if said["type"] == "welcome":
                state, schema = said["state"], said["schema"]
                print(f"{state['run']['scenario']}, {state['status']}: {len(schema['agents'])} agents", flush=True)
            elif said["type"] == "bye":
                print(said["message"])
                return


if __name__ == "__main__":
    asyncio.run(watch(*(sys.argv[1:2] or ["ws://127.0.0.1:8120/stream"]), int((sys.argv[2:3] or [0])[0])))
