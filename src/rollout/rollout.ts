// A rollout: joint steps in the order in which they were made, kept until there are enough of them to learn from.
import { demandColumn } from '../columns.ts'
import { episodeOver } from '../episode-over.ts'
import type { AgentSpec, Column, JointStep, Matrix, NamedMatrix, Saved, Stateful } from '../types.ts'
import { stepLayout } from './step-layout.ts'
import { createTrajectory, type Lane, type Trajectory } from './trajectory.ts'

/** How much is learnt from at once: so many steps of every game, or at least so many complete episodes of whatever length. */
export type RolloutLength = { readonly steps: number } | { readonly episodes: number }

export interface RolloutConfig {
  /** All agents of the game. */
  readonly agents: readonly AgentSpec[]
  readonly games: number
  /** The agents that learn from it, by index. */
  readonly members: readonly number[]
  /** Agents whose observations are kept beside theirs, for critics that see them. Default: none. */
  readonly watched?: readonly number[]
  /** Columns that are kept of every step of an agent, as its policy records them. Default: none. */
  records?(agent: number): readonly Column[]
  /** Columns that its policy carries from step to step, of which the first step's are kept. Default: none. */
  carries?(agent: number): readonly Column[]
  readonly length: RolloutLength
}

export interface Rollout extends Stateful {
  /** @throws Error where enough is there already: nothing may be played until it is learnt from. */
  add(step: JointStep): void
  /** Whether enough is there to learn from. */
  readonly isComplete: boolean
  /** What some of its agents, with equal spaces, made of it; readable until the next `forget`. */
  trajectory(members: readonly number[]): Trajectory
  /** Forgets what was learnt from. Episodes under way stay: their first steps were made by an earlier policy. */
  forget(): void
}

/** An empty one, of games that all begin an episode with the first step. */
export function createRollout(config: RolloutConfig): Rollout {
  const { agents, games, members, watched = [], records = () => [], carries = () => [], length } = config
  const layout = stepLayout(agents, members, watched, records)
  const { columns } = layout
  const mostSteps = 'steps' in length ? length.steps : null
  /** [steps * games, columns] */
  let log = new Float32Array(0)
  let steps = 0
  /** [games] 1 where the next step begins an episode. */
  const begins = new Uint8Array(games).fill(1)
  /** [games] The first step of the episode under way. */
  const episodeStart = new Int32Array(games)
  let episodes: Lane[] = []
  const carried = members.map(agent => carries(agent).map(column => carriedBy(games, column)))

  const isComplete = () =>
    mostSteps === null ? episodes.length >= (length as { episodes: number }).episodes : steps === mostSteps

  const write = (step: JointStep) => {
    const end = (steps + 1) * games * columns
    if (end > log.length) {
      const larger = new Float32Array(
        Math.max((mostSteps ?? 32) * games * columns, end, mostSteps === null ? 2 * log.length : 0),
      )
      larger.set(log)
      log = larger
    }
    const base = steps * games * columns
    const put = (matrix: Matrix, column: number) => {
      const { columns: size, data } = matrix
      for (let game = 0; game < games; game++) {
        const to = base + game * columns + column
        for (let c = 0; c < size; c++) log[to + c] = data[game * size + c]!
      }
    }
    layout.blocks.forEach((blocks, agent) => {
      for (const name in blocks) put(matrixOf(step, agent, name), blocks[name]!.column)
      const first = layout.outcome[agent]!
      if (first < 0) return
      for (let game = 0; game < games; game++) {
        const at = game * agents.length + agent
        const to = base + game * columns + first
        log[to] = step.rewards.data[at]!
        log[to + 1] = step.present[at]!
        log[to + 2] = step.terminated[at]!
        log[to + 3] = begins[game]!
      }
    })
    for (let game = 0; game < games; game++) log[base + game * columns + layout.truncated] = step.truncated[game]!
  }

  return {
    get isComplete() {
      return isComplete()
    },
    add(step) {
      if (isComplete()) throw new Error('rollout: it is complete; learn from it and forget it before the next step')
      if (steps === 0) {
        members.forEach((agent, i) => {
          for (const { name, data } of carried[i]!) data.set(demandColumn(step.extras[agent], name).data)
        })
      }
      write(step)
      steps++
      for (let game = 0; game < games; game++) {
        begins[game] = episodeOver(step, game) ? 1 : 0
        if (begins[game] === 0) continue
        if (mostSteps === null) {
          episodes.push({ game, first: episodeStart[game]!, length: steps - episodeStart[game]! })
        }
        episodeStart[game] = steps
      }
    },
    trajectory: of => {
      const lanes =
        mostSteps === null ? episodes : Array.from({ length: games }, (_, game) => ({ game, first: 0, length: steps }))
      const carriedOf = (agent: number, name: string) => demandColumn(carried[members.indexOf(agent)], name)
      return createTrajectory({ layout, log, games, lanes, carried: carriedOf }, of)
    },
    forget() {
      const kept = mostSteps === null ? Math.min(...episodeStart) : steps
      log.copyWithin(0, kept * games * columns, steps * games * columns)
      steps -= kept
      for (let game = 0; game < games; game++) episodeStart[game] = Math.max(0, episodeStart[game]! - kept)
      episodes = []
    },
    save: () => ({
      steps,
      log: log.subarray(0, steps * games * columns),
      begins,
      episodeStart,
      episodes: Int32Array.from(episodes.flatMap(({ game, first, length }) => [game, first, length])),
      carried: carried.map(of => of.map(({ data }) => data)),
    }),
    restore(saved) {
      const state = saved as {
        steps: number
        log: Float32Array
        begins: Uint8Array
        episodeStart: Int32Array
        episodes: Int32Array
        carried: readonly (readonly Float32Array[])[]
      }
      if (state.log.length !== state.steps * games * columns) {
        throw new RangeError(
          `rollout: expected ${state.steps} steps of ${games} games with ${columns} numbers, got ${state.log.length} numbers`,
        )
      }
      steps = state.steps
      if (log.length < state.log.length) log = new Float32Array(state.log.length)
      log.set(state.log)
      begins.set(state.begins)
      episodeStart.set(state.episodeStart)
      episodes = Array.from({ length: state.episodes.length / 3 }, (_, i) => ({
        game: state.episodes[3 * i]!,
        first: state.episodes[3 * i + 1]!,
        length: state.episodes[3 * i + 2]!,
      }))
      carried.forEach((of, i) => {
        of.forEach(({ data }, j) => void data.set(state.carried[i]![j]!))
      })
    },
  } satisfies Rollout & { save(): Saved }
}

function carriedBy(games: number, { name, size }: Column): NamedMatrix {
  return { name, rows: games, columns: size, data: new Float32Array(games * size) }
}

function matrixOf(step: JointStep, agent: number, name: string): Matrix {
  if (name === 'observation') return step.observations[agent]!
  if (name === 'nextObservation') return step.nextObservations[agent]!
  if (name === 'action') return step.actions[agent]!
  return demandColumn(step.extras[agent], name)
}
