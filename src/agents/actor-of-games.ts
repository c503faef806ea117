// An actor that is another one in each share of the games: workers that play side by side, each with weights of its own.
import type { Backend } from '../nn/backend.ts'
import { derivedKey } from '../random.ts'
import type { Matrix, Observations } from '../types.ts'
import type { Actor } from './actor.ts'

/** The games of a worker: from ... to - 1. */
export interface GameShare {
  readonly from: number
  readonly to: number
}

/** So many games side by side, in shares of equal size, to within one. */
export function sharesOf(games: number, workers: number): readonly GameShare[] {
  const begin = (worker: number) => Math.floor((worker * games) / workers)
  return Array.from({ length: workers }, (_, worker) => ({ from: begin(worker), to: begin(worker + 1) }))
}

/**
 * It acts in all games at once, row by game, by the actor of each share; those have equal heads and carry the same. The first draws from the
 * noise as an actor of all games would, every other one from noise derived from it. What it returns is overwritten by its next call.
 */
export function createActorOfGames(backend: Backend, workers: readonly Actor[], shares: readonly GameShare[]): Actor {
  const [first] = workers as [Actor]
  if (workers.length === 1) return first
  const games = shares.at(-1)!.to
  const buffers = new Map<string, Matrix>()

  /** [games, columns] What each worker says of its share. */
  const gathered = (purpose: string, ask: (actor: Actor, worker: number) => Matrix): Matrix => {
    workers.forEach((actor, worker) => {
      const { columns, data } = ask(actor, worker)
      if (!buffers.has(purpose)) buffers.set(purpose, backend.matrix(games, columns))
      buffers.get(purpose)!.data.set(data, shares[worker]!.from * columns)
    })
    return buffers.get(purpose)!
  }
  const answers = (
    purpose: string,
    observations: Observations,
    ask: (actor: Actor, seen: Observations, worker: number) => Matrix,
  ) => {
    if (observations.rows !== games) {
      throw new RangeError(`workers: expected observations of all of their ${games} games, got ${observations.rows}`)
    }
    return gathered(purpose, (actor, worker) => ask(actor, inShare(observations, shares[worker]!), worker))
  }

  return {
    ...(first.identity === undefined ? {} : { identity: first.identity }),
    games,
    networks: workers.flatMap(({ networks }) => networks),
    carries: first.carries.map(({ after, ...carried }, index) =>
      after === undefined
        ? carried
        : { ...carried, after: () => gathered(carried.name, actor => actor.carries[index]!.after!()) },
    ),
    recorded: name => gathered(name, actor => actor.recorded!(name)),
    sample: (observations, noise, forWhat) =>
      answers('actions', observations, (actor, seen, worker) =>
        actor.sample(seen, worker === 0 ? noise : derivedKey(noise, worker), forWhat),
      ),
    greedy: observations => answers('actions', observations, (actor, seen) => actor.greedy(seen)),
    probabilities: observations => answers('actions', observations, (actor, seen) => actor.probabilities(seen)),
    distribution: observations => answers('outputs', observations, (actor, seen) => actor.distribution(seen)),
  }
}

function inShare({ mask, extras, ...observations }: Observations, share: GameShare): Observations {
  return {
    ...rowsIn(observations, share),
    ...(mask === undefined ? {} : { mask: rowsIn(mask, share) }),
    ...(extras === undefined ? {} : { extras: extras.map(column => rowsIn(column, share)) }),
  }
}

/** A view of some rows. */
function rowsIn<M extends Matrix>(matrix: M, { from, to }: GameShare): M {
  const { columns, data } = matrix
  return { ...matrix, rows: to - from, data: data.subarray(from * columns, to * columns) }
}
