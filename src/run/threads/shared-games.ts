// The memory of games that are played in several threads: joint steps of all games, each thread writing the rows of its own.
import { clearJointStep, gamesOfStep, jointStepViews } from '../../envs/joint-step.ts'
import type { VectorGame } from '../../envs/vector-game.ts'
import type { AgentSpec, Column, JointStep } from '../../types.ts'

/** What decides where everything lies. */
export interface SharedLayout {
  readonly agents: readonly AgentSpec[]
  /** All of them. */
  readonly games: number
  readonly extras: readonly (readonly Column[])[]
  /** Numbers of the games' own states; 0: they are not kept. */
  readonly stateSize: number
}

/** The same for a thread to come. */
export interface SharedGames extends SharedLayout {
  /** Joint steps by turns. */
  readonly steps: readonly SharedArrayBuffer[]
  /** [games] `restarted`; then, for each agent, [games] `begun` and [games] `acting`. */
  readonly flags: SharedArrayBuffer
}

/** What a thread sees of it. */
export interface SharedViews extends Pick<VectorGame, 'restarted' | 'begun'> {
  readonly acting: readonly Uint8Array[]
  /** The joint step with a number. */
  stepAt(step: number): JointStep
  /** Of the joint step with a number the rows of games from ... end - 1, ready to be written (clearJointStep). */
  freshAt(step: number, from: number, end: number): JointStep
  /** The joint step with a number in memory of its own. */
  copyAt(step: number): JointStep
  /** Writes what games from ... on know beside their joint step. */
  tell(of: VectorGame, from: number): void
}

/** So many steps lie in it at the same time. */
export function createSharedGames(layout: SharedLayout, steps: number): SharedGames {
  const { agents, games, extras, stateSize } = layout
  const { bytes } = jointStepViews(agents, games, extras, stateSize)
  const flags = new SharedArrayBuffer(games * (1 + 2 * agents.length))
  return { ...layout, steps: Array.from({ length: steps }, () => new SharedArrayBuffer(bytes)), flags }
}

export function viewSharedGames({ agents, games, extras, stateSize, steps, flags }: SharedGames): SharedViews {
  const { bytes, view } = jointStepViews(agents, games, extras, stateSize)
  const all = steps.map(buffer => view(0, buffer))
  const block = (index: number) => new Uint8Array(flags, index * games, games)
  const restarted = block(0)
  const mayBeAbsent = agents.some(agent => agent.mayBeAbsent === true)
  const begun = agents.map((_, agent) => (mayBeAbsent ? block(1 + 2 * agent) : restarted))
  const acting = agents.map((_, agent) => block(2 + 2 * agent))
  return {
    restarted,
    begun,
    acting,
    stepAt: step => ({ ...all[step % all.length]!, step }),
    freshAt(step, from, end) {
      const rows = gamesOfStep({ ...all[step % all.length]!, step }, from, end)
      clearJointStep(rows)
      return rows
    },
    copyAt(step) {
      const buffer = new ArrayBuffer(bytes)
      new Uint8Array(buffer).set(new Uint8Array(steps[step % steps.length]!))
      return view(step, buffer)
    },
    tell(of, from) {
      restarted.set(of.restarted, from)
      if (of.acting === null) return
      for (let agent = 0; agent < agents.length; agent++) {
        begun[agent]!.set(of.begun[agent]!, from)
        acting[agent]!.set(of.acting[agent]!, from)
      }
    },
  }
}
