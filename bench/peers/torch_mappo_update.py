"""The update of MAPPO in PyTorch in its official size for simple_spread (marlbenchmark/on-policy at de66d7a, scripts/train_mpe_scripts/train_mpe_spread.sh
without its GRU): values of a rollout, GAE, then epochs over all rows, each a step of the actor and one of the critic. A contender: see
contender.ts. A unit is an update; what is played before it is drawn and costs nothing.

    echo 3 | python3 torch_mappo_update.py --threads 1
"""

import argparse

import torch
from torch import nn
from torch.nn import functional

from serve import serve

GAMMA, LAMBDA, CLIP, HUBER, ENTROPY, NORM, RATE, DECAY = 0.99, 0.95, 0.2, 10.0, 0.01, 10.0, 7e-4, 0.99999
AGENTS, OBSERVATION, ACTIONS, STEPS, GAMES, EPOCHS, EPISODE = 3, 18, 5, 25, 128, 10, 25
LANES = GAMES * AGENTS


def network(inputs, outputs, gain):
    def linear(inputs, outputs, gain):
        layer = nn.Linear(inputs, outputs)
        nn.init.orthogonal_(layer.weight, gain)
        nn.init.zeros_(layer.bias)
        return layer

    tanh = nn.init.calculate_gain("tanh")
    return nn.Sequential(
        nn.LayerNorm(inputs),
        *(linear(inputs, 64, tanh), nn.Tanh(), nn.LayerNorm(64)),
        *(linear(64, 64, tanh), nn.Tanh(), nn.LayerNorm(64)),
        linear(64, outputs, gain),
    )


class ValueNorm:
    """Running mean and deviation of targets, without the bias of where they began."""

    def __init__(self):
        self.mean, self.squares, self.ones = torch.zeros(()), torch.zeros(()), torch.zeros(())

    def take(self, targets):
        for mean, now in ((self.mean, targets.mean()), (self.squares, (targets**2).mean()), (self.ones, torch.ones(()))):
            mean.lerp_(now, 1 - DECAY)

    def moments(self):
        ones = self.ones.clamp(min=1e-5)
        mean = self.mean / ones
        return mean, (self.squares / ones - mean**2).clamp(min=1e-2).sqrt()


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--threads", type=int, default=1)
    args = options.parse_args()
    torch.set_num_threads(args.threads)
    torch.manual_seed(1)
    actor, critic = network(OBSERVATION, ACTIONS, 0.01), network(AGENTS * OBSERVATION, 1, 1)
    optimizers = [torch.optim.Adam(net.parameters(), RATE, eps=1e-5, fused=True) for net in (actor, critic)]
    norm = ValueNorm()
    played = {}

    def step(net, optimizer, loss):
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(net.parameters(), NORM)
        optimizer.step()

    @torch.no_grad()
    def play():
        """[steps, games, agents, ...] What was seen, done and paid."""
        seen = torch.randn(STEPS + 1, GAMES, AGENTS, OBSERVATION)
        joint = seen.reshape(STEPS + 1, GAMES, 1, -1).expand(-1, -1, AGENTS, -1).reshape(STEPS + 1, LANES, -1)
        log_probabilities = functional.log_softmax(actor(seen[:STEPS].reshape(STEPS * LANES, -1)), -1)
        actions = torch.multinomial(log_probabilities.exp(), 1)
        played.update(
            seen=seen[:STEPS].reshape(STEPS * LANES, -1),
            joint=joint,
            actions=actions,
            before=log_probabilities.gather(1, actions),
            rewards=torch.randn(STEPS, GAMES, 1).expand(-1, -1, AGENTS).reshape(STEPS, LANES) - 5,
        )

    @torch.no_grad()
    def judge():
        """Values in units of their norm, targets and advantages of all rows."""
        said = critic(played["joint"].reshape((STEPS + 1) * LANES, -1)).reshape(STEPS + 1, LANES)
        mean, deviation = norm.moments()
        values = said * deviation + mean
        advantages = torch.empty(STEPS, LANES)
        advantage = torch.zeros(LANES)
        for t in reversed(range(STEPS)):
            # The limit ends an episode as the official code has it.
            goes_on = float((t + 1) % EPISODE != 0)
            error = played["rewards"][t] + GAMMA * goes_on * values[t + 1] - values[t]
            advantage = error + GAMMA * LAMBDA * goes_on * advantage
            advantages[t] = advantage
        targets = advantages + values[:STEPS]
        advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-5)
        return said[:STEPS].reshape(-1, 1), targets.reshape(-1, 1), advantages.reshape(-1, 1)

    def update():
        said, targets, advantages = judge()
        joint = played["joint"][:STEPS].reshape(STEPS * LANES, -1)
        everything = (played["seen"], joint, played["actions"], played["before"], advantages, said, targets)
        for _ in range(EPOCHS):
            order = torch.randperm(STEPS * LANES)
            seen, all_seen, actions, before, advantage, said_before, target = (column[order] for column in everything)
            log_probabilities = functional.log_softmax(actor(seen), -1)
            ratio = torch.exp(log_probabilities.gather(1, actions) - before)
            gain = torch.min(ratio * advantage, ratio.clamp(1 - CLIP, 1 + CLIP) * advantage).mean()
            entropy = -(log_probabilities.exp() * log_probabilities).sum(-1).mean()
            step(actor, optimizers[0], -gain - ENTROPY * entropy)
            norm.take(target)
            mean, deviation = norm.moments()
            in_units = (target - mean) / deviation
            now = critic(all_seen)
            near = said_before + (now - said_before).clamp(-CLIP, CLIP)
            losses = [functional.huber_loss(each, in_units, reduction="none", delta=HUBER) for each in (now, near)]
            step(critic, optimizers[1], torch.max(*losses).mean())

    serve(f"PyTorch {torch.__version__.split('+')[0]}", update, play)


if __name__ == "__main__":
    main()
