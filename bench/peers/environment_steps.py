"""Steps of simple_spread under random actions in JaxMARL, VMAS or MPE2, restarts every 25 steps included. A contender: see contender.ts.
A unit is an episode of all games; JaxMARL plays it in one compiled loop.

    echo 10 | python3 environment_steps.py --peer jaxmarl --games 32 --agents 3
"""

import argparse
from importlib.metadata import version

from serve import serve

EPISODE = 25


def jaxmarl(games, agents):
    import jax
    from jaxmarl import make

    env = make("MPE_simple_spread_v3", num_agents=agents, num_landmarks=agents)
    reset, step = jax.vmap(env.reset), jax.vmap(env.step)

    def play(carry, _):
        key, state, _, _ = carry
        key, acting, moving = jax.random.split(key, 3)
        drawn = jax.random.randint(acting, (agents, games), 0, 5)
        actions = {name: drawn[i] for i, name in enumerate(env.agents)}
        observations, state, rewards, _, _ = step(jax.random.split(moving, games), state, actions)
        return (key, state, observations, rewards), None

    @jax.jit
    def episode(carry):
        return jax.lax.scan(play, carry, None, EPISODE)[0]

    key = jax.random.PRNGKey(1)
    observations, state = reset(jax.random.split(key, games))
    keep = [(key, state, observations, {name: jax.numpy.zeros(games) for name in env.agents})]
    # From a step on, all types are those of a step.
    keep[0], _ = jax.jit(play)(keep[0], None)

    def unit():
        keep[0] = jax.block_until_ready(episode(keep[0]))

    return f"JaxMARL {version('jaxmarl')}", unit


def vmas(games, agents):
    import torch
    from vmas import make_env

    torch.set_num_threads(1)
    env = make_env("simple_spread", num_envs=games, device="cpu", continuous_actions=False, n_agents=agents, seed=1)

    def unit():
        env.reset()
        for _ in range(EPISODE):
            env.step([torch.randint(0, 5, (games,)) for _ in range(agents)])

    return f"VMAS {version('vmas')}", unit


def mpe2(games, agents):
    import numpy
    from mpe2 import simple_spread_v3

    envs = [simple_spread_v3.parallel_env(N=agents, max_cycles=EPISODE) for _ in range(games)]
    random = numpy.random.default_rng(1)

    def unit():
        for env in envs:
            env.reset()
        for _ in range(EPISODE):
            for env in envs:
                drawn = random.integers(0, 5, agents)
                env.step({name: int(drawn[i]) for i, name in enumerate(env.agents)})

    return f"MPE2 {version('mpe2')}", unit


options = argparse.ArgumentParser()
options.add_argument("--peer", choices=["jaxmarl", "vmas", "mpe2"], required=True)
options.add_argument("--games", type=int, required=True)
options.add_argument("--agents", type=int, default=3)
args = options.parse_args()
serve(*{"jaxmarl": jaxmarl, "vmas": vmas, "mpe2": mpe2}[args.peer](args.games, args.agents))
