"""The update of QMIX in PyTorch as marlstrom's defaults have it (Rashid et al. 2018): index draw, gather, double Q targets of a network that
all agents share, a monotone mixer whose weights four networks give from the normalised state, clip by network, Adam. A contender: see contender.ts.

    echo 10 | python3 torch_qmix_update.py --threads 1 --agents 3 --hidden 64 --batch 1024 --replay 100000
"""

import argparse

import torch
from torch import nn
from torch.nn import functional

from serve import serve

GAMMA, CLIP, RATE, UNITS, HYPER, TARGET_EVERY = 0.95, 10.0, 5e-4, 32, 64, 200


def network(inputs, hidden, outputs, norm=False):
    layers = [nn.LayerNorm(inputs)] if norm else []
    for size in hidden:
        layers += [nn.Linear(inputs, size), nn.ReLU()]
        inputs = size
    return nn.Sequential(*layers, nn.Linear(inputs, outputs))


def mix(values, state, first, bias, second, base):
    """[rows, 1] elu(q |W1(s)| + b1(s)) |w2(s)| + v(s)"""
    weights = first(state).abs().view(len(values), -1, UNITS)
    hidden = functional.elu(torch.bmm(values.unsqueeze(1), weights).squeeze(1) + bias(state))
    return (hidden * second(state).abs()).sum(1, keepdim=True) + base(state)


def main():
    options = argparse.ArgumentParser()
    for name, default in (("threads", 1), ("agents", 3), ("hidden", 64), ("batch", 1024), ("replay", 100_000)):
        options.add_argument(f"--{name}", type=int, default=default)
    args = options.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    agents, actions, batch = args.agents, 5, args.batch
    observation = state = 6 * agents
    # A transition is one contiguous row: observations, state, the next ones, reward; which alternatives were taken stands apart.
    half = agents * observation + state
    replay = torch.rand(args.replay, 2 * half + 1) * 2 - 1
    done = torch.randint(actions, (args.replay, agents))
    identity = torch.eye(agents).expand(batch, agents, agents)

    def networks():
        return (
            network(observation + agents, [args.hidden, args.hidden], actions),
            network(state, [HYPER], agents * UNITS, norm=True),
            network(state, [], UNITS, norm=True),
            network(state, [HYPER], UNITS, norm=True),
            network(state, [UNITS], 1, norm=True),
        )

    online, target = networks(), networks()
    optimizer = torch.optim.Adam([p for net in online for p in net.parameters()], RATE, fused=True)
    updates = 0

    def values(net, seen):
        """[batch, agents, actions]"""
        own = torch.cat((seen.reshape(batch, agents, observation), identity), 2)
        return net(own.view(batch * agents, -1)).view(batch, agents, actions)

    def update():
        nonlocal updates
        indices = torch.randint(args.replay, (batch,))
        rows, taken = replay[indices], done[indices].unsqueeze(2)
        before, after, reward = rows[:, :half], rows[:, half : 2 * half], rows[:, 2 * half :]
        (seen, now), (next_seen, then) = (part.split((agents * observation, state), 1) for part in (before, after))
        with torch.no_grad():
            best = values(online[0], next_seen).argmax(2, keepdim=True)
            judged = values(target[0], next_seen).gather(2, best).squeeze(2)
            goal = reward + GAMMA * mix(judged, then, *target[1:])
        total = mix(values(online[0], seen).gather(2, taken).squeeze(2), now, *online[1:])
        loss = functional.mse_loss(total, goal)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        for net in online:
            nn.utils.clip_grad_norm_(net.parameters(), CLIP)
        optimizer.step()
        updates += 1
        if updates % TARGET_EVERY == 0:
            for ours, theirs in zip(online, target):
                theirs.load_state_dict(ours.state_dict())
        return loss.item()

    serve(f"PyTorch {torch.__version__.split('+')[0]}", update)


if __name__ == "__main__":
    main()
