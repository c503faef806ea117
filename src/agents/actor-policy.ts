// An actor as a policy: what it carries through an episode, and the noise that it explores with.
import type { Noise, Random } from '../random.ts'
import type { Column, Matrix, NamedMatrix, Saved, Seen } from '../types.ts'
import type { Actor } from './actor.ts'
import type { Exploration } from './exploration.ts'
import type { Policy } from './policy.ts'

/**
 * The policy of an actor. Its samples draw from `noise`, what an episode begins with from `random`; where it explores by more than its
 * own chance, `exploration` adds that. A policy without it samples what the actor alone does. `records`: columns that acting leaves
 * behind for learning, beside what the actor carries.
 */
export function createActorPolicy(
  actor: Actor,
  noise: Noise,
  random: Random,
  exploration: Exploration | null = null,
  records: readonly Column[] = [],
): Policy {
  const { carries } = actor
  /** Per carried column, [games, size]; made when the number of games is known. */
  let carried: NamedMatrix[] = []
  /** The same as it was when it acted last. */
  let before: NamedMatrix[] = []

  const begin = (restarted: Uint8Array) => {
    if (carried[0]?.rows !== restarted.length) {
      const blocks = () =>
        carries.map(({ name, size }) => ({
          name,
          rows: restarted.length,
          columns: size,
          data: new Float32Array(restarted.length * size),
        }))
      carried = blocks()
      before = blocks()
    }
    for (let game = 0; game < restarted.length; game++) {
      if (restarted[game] === 0) continue
      carries.forEach(({ size, begin }, i) => {
        begin(carried[i]!.data.subarray(game * size, (game + 1) * size), random)
      })
    }
  }

  /** With what it carried when it acted last. */
  const seenThen = (observations: Seen) => (carries.length > 0 ? { ...observations, extras: before } : observations)

  return {
    extras: [...carries, ...records].map(({ name, size }) => ({ name, size })),
    act({ observations, restarted, present, explore, actions, extras }) {
      if (carries.length > 0) begin(restarted)
      // The step keeps what the actor carried when it acted.
      carried.forEach(({ data }, i) => void extras[i]?.data.set(data))
      before.forEach(({ data }, i) => void data.set(carried[i]!.data))
      const seen = carries.length > 0 ? { ...observations, extras: carried } : observations
      const chosen = explore ? actor.sample(seen, noise.next()) : actor.greedy(seen)
      actions.data.set(chosen.data)
      if (explore && extras.length > 0) {
        records.forEach(({ name }, i) => void extras[carries.length + i]!.data.set(actor.recorded!(name).data))
      }
      if (explore) exploration?.addNoise(actions, restarted, present, observations.mask)
      carries.forEach(({ after }, i) => {
        if (after === undefined) return
        if (present === undefined) carried[i]!.data.set(after().data)
        else copyRows(after(), carried[i]!, present)
      })
    },
    probabilities: observations => actor.probabilities(seenThen(observations)),
    ...(actor.actionValues === undefined
      ? {}
      : { actionValues: (observations: Seen) => actor.actionValues!(seenThen(observations)) }),
    save: (): Saved => ({
      noise: noise.save(),
      random: random.save(),
      carried: carried.map(({ data }) => data),
      ...(exploration === null ? {} : { exploration: exploration.save() }),
    }),
    restore(saved) {
      const state = saved as { noise: Saved; random: Saved; carried: readonly Float32Array[]; exploration?: Saved }
      noise.restore(state.noise)
      random.restore(state.random)
      if (exploration !== null) exploration.restore(state.exploration!)
      carried = state.carried.map((data, i) => {
        const { name, size: columns } = carries[i]!
        return { name, rows: data.length / columns, columns, data: Float32Array.from(data) }
      })
      before = carried.map(column => ({ ...column, data: Float32Array.from(column.data) }))
    },
  }
}

/** The rows of those who are there; an agent that waits keeps what it carried. */
function copyRows({ data }: Matrix, to: Matrix, present: Uint8Array): void {
  const { columns } = to
  for (let row = 0; row < present.length; row++) {
    if (present[row] === 0) continue
    for (let at = row * columns; at < (row + 1) * columns; at++) to.data[at] = data[at]!
  }
}
