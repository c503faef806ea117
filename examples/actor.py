"""An actor in another language: python3 actor.py REDIS_URL RUN_KEY [name]. Needs: pip install numpy redis cryptography
For: npx marlstrom train simple --algorithm ppo --actors 4 --set run.actorOrder=arrival --redis REDIS_URL
Everything that it knows of messages stands in docs/actors.md and docs/redis.md; another world is another class World.
"""
import base64, json, struct, sys, time, uuid

import numpy as np
import redis
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


class World:
    """Bodies of mass 1 that lose a quarter of their velocity in each step of 0.1 s; actions: none, right, left, up, down."""

    def __init__(self, games, random):
        self.random, self.steps = random, 0
        self.position, self.goal, self.velocity = np.zeros((3, games, 2))
        self.reset()

    def reset(self):
        self.position[:], self.goal[:] = self.random.uniform(-1, 1, (2, *self.position.shape))
        self.velocity[:] = 0

    def observe(self):
        return np.concatenate([self.velocity, self.goal - self.position], axis=1)

    def step(self, action):
        force = 5 * np.stack([action[:, 1] - action[:, 2], action[:, 3] - action[:, 4]], axis=1)
        self.velocity = 0.75 * self.velocity + 0.1 * force
        self.position = self.position + 0.1 * self.velocity
        self.steps += 1
        return -((self.goal - self.position) ** 2).sum(axis=1), self.observe(), self.steps % 25 == 0


def decoded(data, at=0, kind=None):
    """A value of saved bytes (docs/actors.md) and where it ends; texts and arrays as bytes."""
    if kind is None:
        kind, at = data[at], at + 1
    if kind < 3:
        return (None, False, True)[kind], at
    if kind == 3:
        return struct.unpack_from("<d", data, at)[0], at + 8
    count, at = struct.unpack_from("<I", data, at)[0], at + 4
    if kind == 4 or kind > 6:
        end = at + count * (1, 4, 8, 1, 4, 4)[max(kind - 6, 0)]
        return data[at:end], end
    items = []
    for i in range(count * (kind - 4)):
        item, at = decoded(data, at, 4 if kind == 6 and i % 2 == 0 else None)  # A name is a text.
        items.append(item)
    return (items if kind == 5 else dict(zip(items[::2], items[1::2]))), at


def run(url, run_key, name):
    db, key = redis.Redis.from_url(url), "marlstrom:{%s}:" % run_key
    public = Ed25519PublicKey.from_public_bytes(base64.urlsafe_b64decode(run_key + "="))

    def opened(purpose, sealed):
        public.verify(sealed[:64], f"marlstrom {purpose}\0".encode() + sealed[64:])
        return sealed[64:]

    while (sealed := db.get(key + "manifest")) is None:
        time.sleep(0.3)
    manifest = json.loads(opened("manifest", sealed))
    if manifest["over"]:
        return print("the training is done")
    session, shape, tensors = manifest["session"], manifest["trajectory"], manifest["weights"]["networks"][0]["tensors"]
    ends = np.cumsum([np.prod(tensor["shape"]) for tensor in tensors])[:-1]
    lease = {"instance": str(uuid.uuid4()), "session": session, "version": "actor.py", "exact": False, "steps": 0}
    random, worlds = np.random.default_rng(), {}
    while db.get(key + "manifest") == sealed and (refusal := db.get(key + "refused:" + name)) is None:
        db.set(key + "lease:" + name, json.dumps(lease), px=10_000)
        try:
            found = db.xreadgroup("players", lease["instance"], {key + "tickets:" + name: ">"}, count=1, block=1000)
        except redis.ResponseError:  # The learner has not met this process yet.
            time.sleep(0.1)
            continue
        for entry, fields in (found[0][1] if found else []):
            ticket = decoded(opened(f"ticket of {session}", fields[b"ticket"]))[0]
            version = int(db.get(key + "newest")) if ticket[b"version"] is None else int(ticket[b"version"])
            weights = opened(f"weights of {session}", db.get(key + f"weights:{version}"))
            numbers = np.frombuffer(weights, "<f4", offset=8 + struct.unpack_from("<Q", weights)[0])
            layers = [part.reshape(tensor["shape"]) for part, tensor in zip(np.split(numbers, ends), tensors)]
            if b"from" in ticket:  # It begins anew, since it brought no state.
                worlds[ticket[b"actor"]] = World(shape["games"], random)
            message = played(worlds[ticket[b"actor"]], layers, shape, ticket, version, random)
            lease["steps"] += shape["steps"]
            answer = {"ticket": int(ticket[b"id"]), "session": session, "message": message}
            db.pipeline().xadd(key + "played:" + name, answer).xack(key + "tickets:" + name, "players", entry).execute()
    print(f"{lease['steps'] // shape['steps']} trajectories" + (f"; refused: {refusal.decode()}" if refusal else ""))
    db.delete(key + "lease:" + name)


def played(world, layers, shape, ticket, version, random):
    """A trajectory as a message: a header, then columns [steps, games, numbers] where the manifest says."""
    header = [0x6172746D, 1, int(ticket[b"actor"]), int(ticket[b"number"]), version, shape["steps"], shape["games"], 0]
    message = bytearray(struct.pack("<8I", *header).ljust(shape["bytes"] if ticket[b"wanted"] else 64, b"\0"))
    fields = {f["name"]: np.frombuffer(message, f["type"], int(np.prod(f["shape"])), f["offset"]).reshape(f["shape"])
              for f in shape["fields"]} if ticket[b"wanted"] else {}
    for step in range(shape["steps"]):
        seen = hidden = world.observe().astype(np.float32)
        for weight, bias in zip(layers[::2], layers[1::2]):
            logits = hidden @ weight + bias
            hidden = np.maximum(logits, 0)
        log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
        action = np.eye(5)[(log_p + random.gumbel(size=log_p.shape)).argmax(axis=1)]
        rewards, after, is_over = world.step(action)
        for column, value in {"observations/0": seen, "actions/0": action, "rewards": rewards[:, None], "present": 1,
                              "nextObservations/0": after, "truncated": is_over,
                              "extras/0/logProbability": (log_p * action).sum(axis=1, keepdims=True)}.items():
            if fields:
                fields[column][step] = value
        if is_over:
            world.reset()
    return bytes(message)


if __name__ == "__main__":
    run(sys.argv[1], sys.argv[2], (sys.argv[3:4] or ["python-%d" % time.time()])[0])
