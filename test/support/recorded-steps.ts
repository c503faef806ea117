// Joint steps written by hand, moment by moment, with columns by name.
import { actionSize } from '../../src/spaces.ts'
import type { AgentSpec, JointStep, Matrix, NamedMatrix } from '../../src/types.ts'

/** One game's step; what is left out is 0, and everybody is there. All lists are per agent. */
export interface Moment {
  readonly observations?: readonly (readonly number[])[]
  readonly nextObservations?: readonly (readonly number[])[]
  readonly actions?: readonly (readonly number[])[]
  /** Of agents with a mask, 1 or 0 for each number of the action; left out: all ones. */
  readonly masks?: readonly (readonly number[])[]
  readonly rewards?: readonly number[]
  readonly present?: readonly number[]
  readonly terminated?: readonly number[]
  readonly truncated?: number
  readonly extras?: readonly Readonly<Record<string, readonly number[]>>[]
}

/** The joint step of these games. */
export function recordedStep(agents: readonly AgentSpec[], moments: readonly Moment[]): JointStep {
  const games = moments.length
  const matrix = (columns: number, row: (moment: Moment) => readonly number[] | undefined): Matrix => {
    const data = new Float32Array(games * columns)
    moments.forEach((moment, game) => void data.set(row(moment) ?? [], game * columns))
    return { rows: games, columns, data }
  }
  const maskOf = ({ isMasked, actionSpace }: AgentSpec, row: (moment: Moment) => readonly number[] | undefined) => {
    if (isMasked !== true) return {}
    const size = actionSize(actionSpace)
    return { mask: matrix(size, moment => row(moment) ?? new Array<number>(size).fill(1)) }
  }
  const flags = (row: (moment: Moment) => readonly number[]) => Uint8Array.from(moments.flatMap(row))
  return {
    step: 1,
    observations: agents.map((agent, i) => ({
      ...matrix(agent.observationSize, m => m.observations?.[i]),
      ...maskOf(agent, m => m.masks?.[i]),
    })),
    nextObservations: agents.map((agent, i) => ({
      ...matrix(agent.observationSize, m => m.nextObservations?.[i]),
      ...maskOf(agent, () => undefined),
    })),
    actions: agents.map(({ actionSpace }, i) => matrix(actionSize(actionSpace), m => m.actions?.[i])),
    rewards: matrix(agents.length, m => m.rewards),
    present: flags(m => m.present ?? agents.map(() => 1)),
    terminated: flags(m => m.terminated ?? agents.map(() => 0)),
    truncated: flags(m => [m.truncated ?? 0]),
    extras: agents.map((_, i) =>
      Object.keys(moments[0]!.extras?.[i] ?? {}).map((name): NamedMatrix => {
        const size = moments[0]!.extras![i]![name]!.length
        return { name, ...matrix(size, m => m.extras?.[i]?.[name]) }
      }),
    ),
  }
}

/** [rows, columns] with these numbers. */
export function matrixOf(rows: number, columns: number): Matrix {
  return { rows, columns, data: new Float32Array(rows * columns) }
}
