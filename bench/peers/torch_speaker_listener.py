"""MADDPG on simple_speaker_listener in PyTorch, written from the paper's Algorithm 1 and the settings of openai/maddpg alone: a world, networks, an Adam
and a replay buffer of its own. It tells how often the published settings leave the mode in which the listener waits at the centroid (about -29).

    OMP_NUM_THREADS=1 python bench/peers/torch_speaker_listener.py <seed> <episodes>

prints the mean return per agent over the last 1,000 training episodes as it goes. Needs torch and numpy.
"""
import math
import sys

import numpy as np
import torch

torch.set_num_threads(1)
seed, episodes = int(sys.argv[1]), int(sys.argv[2])
rng = np.random.default_rng(seed)
torch.manual_seed(seed)
observation_sizes, action_sizes = [3, 11], [3, 5]
agents = (0, 1)
colors = np.array([[0.65, 0.15, 0.15], [0.15, 0.65, 0.15], [0.15, 0.15, 0.65]])


class World:
    """The original world: velocity first, both agents are paid the sum of both rewards."""

    def reset(self):
        self.goal = rng.integers(3)
        self.position = rng.uniform(-1, 1, (2, 2))
        self.velocity = np.zeros(2)
        self.landmarks = rng.uniform(-1, 1, (3, 2))
        self.utterance = np.zeros(3)
        return self.observe()

    def observe(self):
        relative = (self.landmarks - self.position[1]).ravel()
        return [colors[self.goal], np.concatenate([self.velocity, relative, self.utterance])]

    def step(self, actions):
        move = actions[1]
        force = 5.0 * np.array([move[1] - move[2], move[3] - move[4]])
        self.velocity = self.velocity * 0.75 + force * 0.1
        self.position[1] += self.velocity * 0.1
        self.utterance = actions[0].copy()
        return self.observe(), -2 * np.sum((self.position[1] - self.landmarks[self.goal]) ** 2)


def network(inputs, outputs):
    layers = [torch.nn.Linear(inputs, 64), torch.nn.ReLU(), torch.nn.Linear(64, 64), torch.nn.ReLU(), torch.nn.Linear(64, outputs)]
    for layer in layers[::2]:
        torch.nn.init.xavier_uniform_(layer.weight)
        torch.nn.init.zeros_(layer.bias)
    return torch.nn.Sequential(*layers)


def gumbel_softmax(logits):
    u = torch.rand_like(logits).clamp(1e-9, 1 - 1e-7)
    return torch.softmax(logits - torch.log(-torch.log(u)), -1)


class Adam:
    """TensorFlow 1's form, with the gradient of every tensor clipped to 0.5."""

    def __init__(self, module):
        self.parameters = list(module.parameters())
        self.first = [torch.zeros_like(p) for p in self.parameters]
        self.second = [torch.zeros_like(p) for p in self.parameters]
        self.steps = 0

    @torch.no_grad()
    def step(self, loss_gradients):
        self.steps += 1
        rate = 0.01 * math.sqrt(1 - 0.999**self.steps) / (1 - 0.9**self.steps)
        for p, m, v, g in zip(self.parameters, self.first, self.second, loss_gradients):
            g = g * min(1.0, 0.5 / max(float(g.norm()), 1e-12))
            m.mul_(0.9).add_(g, alpha=0.1)
            v.mul_(0.999).addcmul_(g, g, value=0.001)
            p.sub_(rate * m / (v.sqrt() + 1e-8))


critic_inputs = sum(observation_sizes) + sum(action_sizes)
actors = [network(observation_sizes[i], action_sizes[i]) for i in agents]
target_actors = [network(observation_sizes[i], action_sizes[i]) for i in agents]
critics = [network(critic_inputs, 1) for _ in agents]
target_critics = [network(critic_inputs, 1) for _ in agents]
actor_optimizers = [Adam(actor) for actor in actors]
critic_optimizers = [Adam(critic) for critic in critics]

capacity = min(1_000_000, episodes * 25)
seen, then, done = ([np.zeros((capacity, n), np.float32) for n in sizes] for sizes in (observation_sizes, observation_sizes, action_sizes))
rewards = np.zeros(capacity, np.float32)
# Views of the actors' weights: acting one row at a time is quicker without torch.
weights = [[(layer.weight.detach().numpy(), layer.bias.detach().numpy()) for layer in actor[::2]] for actor in actors]


def act(agent, observation):
    hidden = observation.astype(np.float32)
    for k, (weight, bias) in enumerate(weights[agent]):
        hidden = weight @ hidden + bias
        if k < 2:
            hidden = np.maximum(hidden, 0)
    noisy = hidden - np.log(-np.log(rng.uniform(1e-9, 1 - 1e-9, hidden.shape)))
    soft = np.exp(noisy - noisy.max())
    return soft / soft.sum()


def update(agent, stored):
    rows = rng.integers(0, stored, 1024)
    o, o2, a = ([torch.from_numpy(column[rows]) for column in columns] for columns in (seen, then, done))
    with torch.no_grad():
        next_actions = [gumbel_softmax(target_actors[j](o2[j])) for j in agents]
        target = torch.from_numpy(rewards[rows]) + 0.95 * target_critics[agent](torch.cat(o2 + next_actions, 1))[:, 0]
    values = critics[agent](torch.cat(o + a, 1))[:, 0]
    critic_optimizers[agent].step(torch.autograd.grad(((values - target) ** 2).mean(), list(critics[agent].parameters())))
    logits = actors[agent](o[agent])
    a[agent] = gumbel_softmax(logits)
    loss = -critics[agent](torch.cat(o + a, 1)).mean() + 1e-3 * (logits * logits).mean()
    actor_optimizers[agent].step(torch.autograd.grad(loss, list(actors[agent].parameters())))
    with torch.no_grad():
        for target_network, online in ((target_actors[agent], actors[agent]), (target_critics[agent], critics[agent])):
            for p, q in zip(target_network.parameters(), online.parameters()):
                p.mul_(0.99).add_(q, alpha=0.01)


world, steps, returns = World(), 0, []
for episode in range(1, episodes + 1):
    observations, total = world.reset(), 0.0
    for _ in range(25):
        actions = [act(i, observations[i]) for i in agents]
        following, reward = world.step(actions)
        row = steps % capacity
        for i in agents:
            seen[i][row], then[i][row], done[i][row] = observations[i], following[i], actions[i]
        rewards[row] = reward
        observations, total, steps = following, total + reward, steps + 1
        if steps % 100 == 0 and steps >= 25_600:
            for i in agents:
                update(i, min(steps, capacity))
    returns.append(total)
    if episode % 2000 == 0:
        print(seed, episode, round(float(np.mean(returns[-1000:])), 1), flush=True)
