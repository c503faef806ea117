"""The MADDPG update round in PyTorch, all of it: index draw, gather, target actors, Gumbel noise, critic and actor step,
per-tensor clip, Adam, soft update. A contender: see contender.ts.

    echo 10 | python3 torch_update_round.py --threads 1 --agents 3 --hidden 64 --batch 1024 --replay 100000
"""

import argparse

import torch
from torch import nn
from torch.nn import functional

from serve import serve

GAMMA, TAU, CLIP, RATE, PENALTY = 0.95, 0.01, 0.5, 0.01, 1e-3


def network(inputs, hidden, outputs):
    net = nn.Sequential(
        nn.Linear(inputs, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, outputs)
    )
    for layer in net:
        if isinstance(layer, nn.Linear):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)
    return net


def sample(logits):
    """A Gumbel-softmax sample of each row."""
    uniform = torch.rand_like(logits).clamp_(1e-7, 1 - 1e-7)
    return functional.softmax(logits - torch.log(-torch.log(uniform)), dim=1)


def clip_each(parameters):
    """Every parameter tensor's gradient to norm CLIP at most, as the reference does."""
    for parameter in parameters:
        torch.nn.utils.clip_grad_norm_([parameter], CLIP, foreach=False)


def follow(target, online):
    with torch.no_grad():
        torch._foreach_lerp_(list(target.parameters()), list(online.parameters()), TAU)


def main():
    options = argparse.ArgumentParser()
    for name, default in (("threads", 1), ("agents", 3), ("hidden", 64), ("batch", 1024), ("replay", 100_000)):
        options.add_argument(f"--{name}", type=int, default=default)
    options.add_argument("--observation", type=int, default=0)
    args = options.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    agents, actions = args.agents, 5
    observation = args.observation or 6 * agents
    observations = agents * observation
    joint = observations + agents * actions
    # A transition is one contiguous row: observations, actions, next observations, rewards.
    replay = torch.rand(args.replay, joint + observations + agents) * 2 - 1
    actors = [network(observation, args.hidden, actions) for _ in range(agents)]
    target_actors = [network(observation, args.hidden, actions) for _ in range(agents)]
    critics = [network(joint, args.hidden, 1) for _ in range(agents)]
    target_critics = [network(joint, args.hidden, 1) for _ in range(agents)]
    actor_steps = [torch.optim.Adam(net.parameters(), lr=RATE, foreach=True) for net in actors]
    critic_steps = [torch.optim.Adam(net.parameters(), lr=RATE, foreach=True) for net in critics]

    def update(own):
        rows = replay[torch.randint(args.replay, (args.batch,))]
        before, after = rows[:, :joint], rows[:, joint : joint + observations]
        rewards = rows[:, joint + observations + own : joint + observations + own + 1]
        with torch.no_grad():
            next_actions = [
                sample(target_actors[j](after[:, j * observation : (j + 1) * observation])) for j in range(agents)
            ]
            target = rewards + GAMMA * target_critics[own](torch.cat([after, *next_actions], 1))
        loss = functional.mse_loss(critics[own](before), target)
        critic_steps[own].zero_grad(set_to_none=True)
        loss.backward()
        clip_each(critics[own].parameters())
        critic_steps[own].step()

        logits = actors[own](before[:, own * observation : (own + 1) * observation])
        start = observations + own * actions
        chosen = torch.cat([before[:, :start], sample(logits), before[:, start + actions :]], 1)
        for parameter in critics[own].parameters():
            parameter.requires_grad_(False)
        actor_loss = -critics[own](chosen).mean() + PENALTY * logits.square().mean()
        actor_steps[own].zero_grad(set_to_none=True)
        actor_loss.backward()
        for parameter in critics[own].parameters():
            parameter.requires_grad_(True)
        clip_each(actors[own].parameters())
        actor_steps[own].step()
        follow(target_actors[own], actors[own])
        follow(target_critics[own], critics[own])
        return loss.item(), actor_loss.item()

    def round_of_updates():
        for own in range(agents):
            update(own)

    serve(f"PyTorch {torch.__version__.split('+')[0]}", round_of_updates)


if __name__ == "__main__":
    main()
