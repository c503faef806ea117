// Joint steps written by hand, moment by moment, with columns by name.
import { actionSize } from '../../src/spaces.ts'
import type { AgentSpec, JointStep, Matrix, NamedMatrix } from '../../src/types.ts'

/** One game's step; what is left out is 0, and everybody is there. All lists are per agent. */
export interface Moment {
  readonly observations?: readonly (readonly number[])[]
  readonly nextObservations?: readonly (readonly number[])[]
  readonly actions?: readonly (readonly number[])[]
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
  const flags = (row: (moment: Moment) => readonly number[]) => Uint8Array.from(moments.flatMap(row))
  return {
    step: 1,
    observations: agents.map(({ observationSize }, i) => matrix(observationSize, m => m.observations?.[i])),
    nextObservations: agents.map(({ observationSize }, i) => matrix(observationSize, m => m.nextObservations?.[i])),
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
