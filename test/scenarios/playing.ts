// Plays episodes of a scenario with one kind of player per team and averages what came of it.
import { createNoOpPolicy, createRandomPolicy } from '../../src/agents/baseline-policies.ts'
import type { Policy } from '../../src/agents/policy.ts'
import { createParticleGame, type ParticleGame, type PlacedState } from '../../src/envs/particle-game.ts'
import type { Scenario } from '../../src/envs/scenario.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { emptyActions } from '../envs/playing.ts'

export type Player = 'noop' | 'random' | 'scripted'

export interface Played {
  /** By team: mean return per agent and episode. */
  readonly returns: Readonly<Record<string, number>>
  /** By team: standard error of that mean. */
  readonly errors: Readonly<Record<string, number>>
  /** By name: mean of the scenario's figures over all steps. */
  readonly figures: Readonly<Record<string, number>>
  /** By name: mean of the figures over the last steps of the episodes. */
  readonly ends: Readonly<Record<string, number>>
}

/** The teams of a scenario, in agent order. */
export function teamsOf(game: ParticleGame): string[] {
  return [...new Set(game.agents.map(({ team }) => team))]
}

/** A game with everything where the test wants it, after one step in which nobody acts: under the mpe2 rules nothing has moved. */
export function placedGame(
  scenario: Scenario,
  options: Readonly<Record<string, unknown>>,
  state: PlacedState,
): ParticleGame {
  const game = createParticleGame(scenario, options)
  game.reset(createRandom(1))
  game.place(state)
  const actions = emptyActions(game)
  game.agents.forEach((_, i) => void seat(game, i, 'noop')(actions[i]!))
  game.step(actions, 0)
  return game
}

/** What an agent sees, by the name of the part. */
export function seen(game: ParticleGame, agent: number): Record<string, number[]> {
  const { observationParts, observationSize } = game.agents[agent]!
  const row = new Float64Array(observationSize)
  game.observe(agent, row)
  let at = 0
  return Object.fromEntries(observationParts.map(({ name, size }) => [name, [...row.subarray(at, (at += size))]]))
}

/** Episodes with fixed seeds; `special` says which teams play differently. */
export function playEpisodes(
  scenario: Scenario,
  options: Readonly<Record<string, unknown>>,
  player: Player,
  episodes: number,
  special: Readonly<Record<string, Player>> = {},
): Played {
  const game = createParticleGame(scenario, options)
  const actions = emptyActions(game)
  const seats = game.agents.map(({ team }, i) => seat(game, i, special[team] ?? player))
  const random = createRandom(11, 'episodes', scenario.id)
  const samples: Record<string, number[]> = Object.fromEntries(teamsOf(game).map(team => [team, []]))
  const [figures, ends]: Record<string, number>[] = [{}, {}]
  let steps = 0
  for (let episode = 0; episode < episodes; episode++) {
    game.reset(random)
    for (const values of Object.values(samples)) values.push(0)
    while (!game.truncated && game.terminated[0] === 0) {
      seats.forEach((act, i) => void act(actions[i]!))
      game.step(actions, 0)
      steps++
      game.agents.forEach(({ team }, i) => {
        samples[team]![episode]! += game.rewards[i]!
      })
      for (const [name, value] of Object.entries(game.measure!())) figures![name] = (figures![name] ?? 0) + value
    }
    for (const [name, value] of Object.entries(game.measure!())) ends![name] = (ends![name] ?? 0) + value
  }
  const size = (team: string) => game.agents.filter(agent => agent.team === team).length
  const summaries = Object.entries(samples).map(([team, values]) => {
    const mean = values.reduce((sum, value) => sum + value, 0) / episodes
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / Math.max(1, episodes - 1)
    return { team, mean: mean / size(team), error: Math.sqrt(variance / episodes) / size(team) }
  })
  return {
    returns: Object.fromEntries(summaries.map(({ team, mean }) => [team, mean])),
    errors: Object.fromEntries(summaries.map(({ team, error }) => [team, error])),
    figures: Object.fromEntries(Object.entries(figures!).map(([name, sum]) => [name, sum / steps])),
    ends: Object.fromEntries(Object.entries(ends!).map(([name, sum]) => [name, sum / episodes])),
  }
}

/** What writes the action of one agent. */
function seat(game: ParticleGame, agent: number, player: Player): (actions: Matrix) => void {
  if (player === 'scripted') return actions => game.script!(agent, actions, 0)
  const { id, actionSpace } = game.agents[agent]!
  const policy: Policy =
    player === 'noop' ? createNoOpPolicy(actionSpace) : createRandomPolicy(actionSpace, createRandom(3, 'player', id))
  const blind = { observations: { rows: 1, columns: 0, data: new Float32Array(0) }, restarted: new Uint8Array(1) }
  return actions => policy.act({ ...blind, explore: true, actions, extras: [] })
}
