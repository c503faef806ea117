// Plays conformance traces in our worlds and tells how far the numbers are apart.
import { createRandom } from '../random.ts'
import type { ActionSpace } from '../spaces.ts'
import { actionSize } from '../spaces.ts'
import type { Matrix } from '../types.ts'
import { createParticleGame, type ParticleGame } from './particle-game.ts'
import type { Scenario } from './scenario.ts'
import { type Trace, type TraceState, type TraceStep, traceOptions } from './trace.ts'

/** Largest difference, in any number, with which a trace passes. */
export const tolerance = 1e-9

/** The largest absolute differences of one replay; infinite where a number was missing or not a number. */
export interface Differences {
  state: number
  observation: number
  reward: number
  /** The first flag (`terminated`, `truncated`) that was different, and where; flags must match exactly. */
  flag: string | null
}

/** How far a replayed trace is off what was recorded: step by step, and from its beginning to its end. */
export interface TraceResult {
  readonly passed: boolean
  /** Why it failed; null when it passed. */
  readonly reason: string | null
  /** Every step from the recorded state before it: finds errors in one formula. */
  readonly oneStep: Differences
  /** All steps from the initial state: finds what builds up. */
  readonly rollout: Differences
}

/** Replays a trace both ways. @throws ConfigError or RangeError where our scenario cannot even be set up like it. */
export function replayTrace(scenario: Scenario, trace: Trace): TraceResult {
  const oneStep = replay(scenario, trace, true)
  const rollout = replay(scenario, trace, false)
  const reason = failure('one step', oneStep) ?? failure('rollout', rollout)
  return { passed: reason === null, reason, oneStep, rollout }
}

function replay(scenario: Scenario, trace: Trace, oneStep: boolean): Differences {
  const game = createParticleGame(scenario, traceOptions(trace))
  demandSameShape(game, trace)
  const differences: Differences = { state: 0, observation: 0, reward: 0, flag: null }
  game.reset(createRandom(0, 'conformance'))
  game.place({ hidden: hiddenOf(scenario, trace), landmarks: trace.landmarks.map(landmark => landmark.pos) })
  placeState(game, trace.initial.state, 0)
  compareObservations(game, trace.initial.obs, differences)
  trace.steps.forEach((step, k) => {
    if (oneStep && k > 0) placeState(game, trace.steps[k - 1]!.state, k)
    game.step(actionRows(game, step), 0)
    compareStep(game, step, k, differences)
  })
  return differences
}

function placeState(game: ParticleGame, { pos, vel, comm }: TraceState, cycles: number): void {
  game.place({ cycles, positions: pos, velocities: vel, utterances: comm })
}

function hiddenOf(scenario: Scenario, trace: Trace): Record<string, unknown> {
  const { curriculum_stage, ...hidden } = trace.hidden
  const names = Object.keys(hidden)
  if (names.length > 0 && !scenario.impose) {
    throw new RangeError(
      `${scenario.id}: expected a hook 'impose' for the hidden choices ${names.join(', ')}, got none`,
    )
  }
  return hidden
}

function demandSameShape(game: ParticleGame, trace: Trace): void {
  const demand = (what: string, expected: unknown, got: unknown) => {
    if (expected !== got) throw new RangeError(`${game.id}: ${what}: expected ${expected}, got ${got}`)
  }
  demand('number of agents', trace.agents.length, game.agents.length)
  demand('number of landmarks', trace.landmarks.length, game.world.landmarks.length)
  trace.agents.forEach((agent, i) => {
    // The original numbers its agents through, whatever they are.
    if (game.options.rules === 'mpe2') demand(`id of agent ${i}`, agent.name, game.agents[i]!.id)
    demand(`observation size of ${agent.name}`, agent.obs_dim, game.agents[i]!.observationSize)
    demand(`channels of ${agent.name}`, trace.initial.state.comm[i]!.length, game.world.channels)
  })
}

/** The recorded actions as our rows; a whole number of a mover that speaks is move + 5 * utterance. */
function actionRows(game: ParticleGame, step: TraceStep): Matrix[] {
  return game.agents.map(({ id, actionSpace }, i) => {
    const action = step.actions[i]!
    const columns = actionSize(actionSpace)
    const data = typeof action === 'number' ? oneHotRow(id, actionSpace, action) : Float32Array.from(action)
    if (data.length !== columns)
      throw new RangeError(`action of ${id}: expected ${columns} numbers, got ${data.length}`)
    return { rows: 1, columns, data }
  })
}

function oneHotRow(id: string, space: ActionSpace, action: number): Float32Array {
  const row = new Float32Array(actionSize(space))
  let rest = action
  let at = 0
  for (const part of space) {
    row[at + (rest % part.size)] = 1
    rest = Math.floor(rest / part.size)
    at += part.size
  }
  if (rest !== 0 || !Number.isInteger(action) || action < 0) {
    const alternatives = space.reduce((product, part) => product * part.size, 1)
    throw new RangeError(`action of ${id}: expected a whole number below ${alternatives}, got ${action}`)
  }
  return row
}

function compareStep(game: ParticleGame, step: TraceStep, k: number, differences: Differences): void {
  const { agents } = game.world
  agents.forEach(({ position, velocity, utterance }, i) => {
    const { pos, vel, comm } = step.state
    const apart = Math.max(
      largestDifference([position.x, position.y], pos[i]!),
      largestDifference([velocity.x, velocity.y], vel[i]!),
      largestDifference(utterance, comm[i]!),
    )
    differences.state = Math.max(differences.state, apart)
    compareFlag(game, differences, k, i, 'terminated', game.terminated[i] === 1, step.terminations[i])
    compareFlag(game, differences, k, i, 'truncated', game.truncated, step.truncations?.[i])
  })
  compareObservations(game, step.obs, differences)
  differences.reward = Math.max(differences.reward, largestDifference(game.rewards, step.rewards))
  if (!step.local_rewards) return
  differences.reward = Math.max(differences.reward, largestDifference(game.localRewards, step.local_rewards))
}

function compareObservations(
  game: ParticleGame,
  expected: readonly (readonly number[])[],
  differences: Differences,
): void {
  game.agents.forEach((agent, i) => {
    const row = new Float64Array(agent.observationSize)
    game.observe(i, row)
    differences.observation = Math.max(differences.observation, largestDifference(row, expected[i]!))
  })
}

function compareFlag(
  game: ParticleGame,
  differences: Differences,
  step: number,
  agent: number,
  flag: string,
  got: boolean,
  expected: boolean | undefined,
): void {
  if (expected === undefined || expected === got || differences.flag !== null) return
  differences.flag = `${flag} of ${game.agents[agent]!.id} at step ${step + 1}: expected ${expected}, got ${got}`
}

function largestDifference(got: ArrayLike<number>, expected: readonly number[]): number {
  if (got.length !== expected.length) return Number.POSITIVE_INFINITY
  return expected.reduce((largest, value, i) => {
    const apart = Math.abs(got[i]! - value)
    return Math.max(largest, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart)
  }, 0)
}

function failure(way: string, { state, observation, reward, flag }: Differences): string | null {
  if (flag !== null) return `${way}: ${flag}`
  for (const [what, difference] of Object.entries({ state, observation, reward })) {
    if (difference > tolerance) return `${way}: ${what} differs by ${difference.toPrecision(3)}`
  }
  return null
}
