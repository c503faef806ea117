"""IPPO on simple_spread in JaxMARL, as its baselines/IPPO/ippo_ff_mpe.py and config/ippo_ff_mpe.yaml (at 1daff54) say it: the package has
no baselines, so the same loop over its world is written here, with flax and optax as there, without its log to wandb. A contender: see
contender.ts. A unit is a rollout and all that is learnt from it, one compiled program.

    echo 10 | python3 jaxmarl_ippo.py --threads 1
"""

import argparse
import os
from importlib.metadata import version

options = argparse.ArgumentParser()
options.add_argument("--threads", type=int, default=1)
args = options.parse_args()
# XLA makes as many threads as it may use processors, once, when it is loaded.
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: args.threads])

import flax.linen as nn
import jax
import jax.numpy as jnp
import jaxmarl
import optax
from flax.linen.initializers import orthogonal
from jaxmarl.wrappers.baselines import MPELogWrapper

from serve import serve

GAMES, STEPS, EPOCHS, MINIBATCHES, ROUNDS = 16, 128, 4, 4, 10_000_000 // (16 * 128)
GAMMA, LAMBDA, CLIP, ENTROPY, VALUE, NORM, RATE = 0.99, 0.95, 0.2, 0.01, 0.5, 0.5, 2.5e-4


class Tower(nn.Module):
    outputs: int
    gain: float

    @nn.compact
    def __call__(self, x):
        for _ in range(2):
            x = nn.tanh(nn.Dense(64, kernel_init=orthogonal(2**0.5))(x))
        return nn.Dense(self.outputs, kernel_init=orthogonal(self.gain))(x)


class ActorCritic(nn.Module):
    """The logarithms of the probabilities, and V."""

    actions: int

    @nn.compact
    def __call__(self, x):
        return jax.nn.log_softmax(Tower(self.actions, 0.01)(x)), Tower(1, 1.0)(x)[..., 0]


def of(log_probabilities, actions):
    return jnp.take_along_axis(log_probabilities, actions[..., None], -1)[..., 0]


env = MPELogWrapper(jaxmarl.make("MPE_simple_spread_v3"))
agents = env.agents
network = ActorCritic(env.action_space(agents[0]).n)
# The rate falls once a round.
rate = lambda step: RATE * (1 - (step // (EPOCHS * MINIBATCHES)) / ROUNDS)
optimizer = optax.chain(optax.clip_by_global_norm(NORM), optax.adam(rate, eps=1e-5))


def rows_of(by_agent):
    """[agents * games, ...], agents first."""
    return jnp.concatenate([by_agent[agent] for agent in agents])


def play(carry, _):
    parameters, state, observations, key = carry
    key, acting, moving = jax.random.split(key, 3)
    log_probabilities, values = network.apply(parameters, observations)
    actions = jax.random.categorical(acting, log_probabilities)
    by_agent = dict(zip(agents, actions.reshape(len(agents), GAMES)))
    following, state, rewards, done, info = jax.vmap(env.step)(jax.random.split(moving, GAMES), state, by_agent)
    row = (observations, actions, of(log_probabilities, actions), values, rows_of(rewards), rows_of(done), info)
    return (parameters, state, rows_of(following), key), row


def advantages_of(values, rewards, done, last):
    def back(carry, row):
        advantage, following = carry
        value, reward, ended = row
        error = reward + GAMMA * following * (1 - ended) - value
        advantage = error + GAMMA * LAMBDA * (1 - ended) * advantage
        return (advantage, value), advantage

    return jax.lax.scan(back, (jnp.zeros_like(last), last), (values, rewards, done), reverse=True, unroll=8)[1]


def loss(parameters, minibatch):
    observations, actions, before, values_before, advantages, targets = minibatch
    log_probabilities, values = network.apply(parameters, observations)
    near = values_before + jnp.clip(values - values_before, -CLIP, CLIP)
    value_loss = 0.5 * jnp.maximum((values - targets) ** 2, (near - targets) ** 2).mean()
    ratio = jnp.exp(of(log_probabilities, actions) - before)
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    gain = jnp.minimum(ratio * advantages, jnp.clip(ratio, 1 - CLIP, 1 + CLIP) * advantages).mean()
    entropy = -(jnp.exp(log_probabilities) * log_probabilities).sum(-1).mean()
    return VALUE * value_loss - gain - ENTROPY * entropy, (value_loss, gain, entropy)


def learn(carry, minibatch):
    parameters, moments = carry
    (total, figures), gradients = jax.value_and_grad(loss, has_aux=True)(parameters, minibatch)
    step, moments = optimizer.update(gradients, moments, parameters)
    return (optax.apply_updates(parameters, step), moments), (total, *figures)


@jax.jit
def round_of_training(carry):
    parameters, moments, state, observations, key = carry
    (_, state, observations, key), rows = jax.lax.scan(play, (parameters, state, observations, key), None, STEPS)
    *kept, rewards, done, info = rows
    values = kept[3]
    advantages = advantages_of(values, rewards, done, network.apply(parameters, observations)[1])
    batch = [column.reshape(-1, *column.shape[2:]) for column in (*kept, advantages, advantages + values)]

    def epoch(carry, _):
        parameters, moments, key = carry
        key, drawing = jax.random.split(key)
        order = jax.random.permutation(drawing, len(batch[0]))
        minibatches = [column[order].reshape(MINIBATCHES, -1, *column.shape[1:]) for column in batch]
        (parameters, moments), figures = jax.lax.scan(learn, (parameters, moments), minibatches)
        return (parameters, moments, key), figures

    (parameters, moments, key), figures = jax.lax.scan(epoch, (parameters, moments, key), None, EPOCHS)
    return (parameters, moments, state, observations, key), jax.tree.map(jnp.mean, (figures, info))


key = jax.random.PRNGKey(1)
observations, state = jax.vmap(env.reset)(jax.random.split(key, GAMES))
observations = rows_of(observations)
parameters = network.init(key, observations)
keep = [(parameters, optimizer.init(parameters), state, observations, key)]


def unit():
    keep[0], figures = round_of_training(keep[0])
    return jax.block_until_ready((keep[0], figures))[1]


# The second call has the types of what a round gives, and compiles once more where they are others.
unit()
unit()
if __name__ == "__main__":
    serve(f"JaxMARL {version('jaxmarl')}", unit)
