// Rollouts of games whose agents wait, come, leave and return, against the transitions written down plainly from docs/games.md.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { gae } from '../../src/rollout/gae.ts'
import { discountedReturns } from '../../src/rollout/returns.ts'
import { createRollout, type RolloutLength } from '../../src/rollout/rollout.ts'
import type { Trajectory } from '../../src/rollout/trajectory.ts'
import { copySaved } from '../../src/saved.ts'
import { actionSize } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'
import type { PlainTransition } from '../support/plain-transitions.ts'
import { allTransitions, memoryAt, playRandomly, type RandomPlay } from '../support/random-play.ts'
import { matrixOf } from '../support/recorded-steps.ts'

const gamma = 0.75
const shape = fc.record({
  seed: fc.nat(10_000),
  agents: fc.integer({ min: 1, max: 4 }),
  games: fc.integer({ min: 1, max: 3 }),
  length: fc.integer({ min: 1, max: 12 }),
  chance: fc.constantFrom(0.05, 0.15, 0.3),
  masks: fc.boolean(),
  count: fc.integer({ min: 1, max: 40 }),
  discountPer: fc.constantFrom('ownStep', 'gameStep'),
})
type Shape = typeof shape extends fc.Arbitrary<infer T> ? T : never
const lengths: fc.Arbitrary<RolloutLength> = fc.oneof(
  fc.record({ steps: fc.integer({ min: 1, max: 12 }) }),
  fc.record({ episodes: fc.integer({ min: 1, max: 4 }) }),
)

const playOf = ({ seed, agents, length, chance, masks, games, count }: Shape) =>
  playRandomly({ seed, agents, length, chance, masks }, games, count)

const rolloutOf = ({ vectorGame: { agents, games } }: RandomPlay, { discountPer }: Shape, length: RolloutLength) =>
  createRollout({
    agents,
    games: games.length,
    members: agents.map((_, agent) => agent),
    watched: agents.map((_, agent) => agent),
    records: () => [{ name: 'subPolicy', size: 1 }],
    carries: () => [{ name: 'memory', size: 2 }],
    stateSize: games[0]!.stateParts!.reduce((sum, { size }) => sum + size, 0),
    discount: { gamma, per: discountPer as 'ownStep' },
    length,
  })

/** The trajectories of all agents, one by one, whenever a rollout is complete. */
function* rounds(play: RandomPlay, each: Shape, length: RolloutLength): Generator<readonly Trajectory[]> {
  const rollout = rolloutOf(play, each, length)
  for (const step of play.steps) {
    rollout.add(step)
    if (!rollout.isComplete) continue
    yield play.vectorGame.agents.map((_, agent) => rollout.trajectory([agent]))
    rollout.forget()
  }
}

const rowOf = ({ columns, data }: Matrix, row: number) => [...data.subarray(row * columns, (row + 1) * columns)]
const copyOf = (trajectory: Trajectory, name: string, size: number, agent?: number) => {
  const to = matrixOf(trajectory.rows, size)
  trajectory.copy(
    name,
    Uint32Array.from({ length: trajectory.rows }, (_, row) => row),
    to,
    0,
    agent,
  )
  return to
}
const keyOf = (memory: readonly number[]) => memory.map(Math.fround).join()
const byMemory = (all: readonly PlainTransition[]) =>
  new Map(all.map(one => [keyOf(memoryAt(one.steps[0]!.step, one.steps[0]!.game, one.agent)), one]))

/** All that a trajectory of one agent says of its rows is what the plain transitions say; gives them by row. */
function expectRows(
  trajectory: Trajectory,
  agent: number,
  play: RandomPlay,
  each: Shape,
): Map<number, PlainTransition> {
  const known = byMemory(allTransitions(play).filter(one => one.agent === agent))
  const found = new Map<number, PlainTransition>()
  const { agents } = play.vectorGame
  const memory = copyOf(trajectory, 'memory', 2)
  const [states, nextStates] = ['state', 'nextState'].map(name => copyOf(trajectory, name, 6 + agents.length)) as [
    Matrix,
    Matrix,
  ]
  for (const row of trajectory.learnable) {
    const one = known.get(keyOf(rowOf(memory, row)))!
    found.set(row, one)
    const [first, last] = [one.steps[0]!, one.steps.at(-1)!]
    const factor = (i: number) => (each.discountPer === 'ownStep' ? 1 : gamma ** i)
    const reward = one.steps.reduce((sum, { rewards }, i) => sum + factor(i) * rewards[agent]!, 0)
    expect(trajectory.rewards[row]).toBe(Math.fround(reward))
    expect(trajectory.terminated[row]).toBe(one.end === 'terminated' ? 1 : 0)
    if (one.end !== 'terminated') expect(trajectory.truncated[row]).toBe(one.end === 'truncated' ? 1 : 0)
    expect(trajectory.restarted[row]).toBe(one.begins ? 1 : 0)
    expect(trajectory.durations?.[row] ?? null).toBe(each.discountPer === 'ownStep' ? null : one.steps.length)
    expect(rowOf(states, row)).toEqual(first.state)
    expect(rowOf(nextStates, row)).toEqual(last.stateAfter)
  }
  agents.forEach(({ observationSize, actionSpace }, other) => {
    const columns = (name: string, size: number) => copyOf(trajectory, name, size, other)
    const [seen, next] = [columns('observation', observationSize), columns('nextObservation', observationSize)]
    const [present, nextPresent] = [columns('present', 1), columns('nextPresent', 1)]
    const size = actionSize(actionSpace)
    const [action, mask, nextMask] = [
      copyOf(trajectory, 'action', size, other),
      ...(each.masks ? [columns('mask', size), columns('nextMask', size)] : []),
    ]
    found.forEach((one, row) => {
      const [first, last] = [one.steps[0]!, one.steps.at(-1)!]
      const [now, after] = [first.now[other]!, last.after[other]!]
      const sees = after.isThere || (one.end === 'truncated' && other === agent)
      expect(rowOf(seen, row)).toEqual(now.observation)
      expect(rowOf(action!, row)).toEqual(first.actions[other]!.map(Math.fround))
      expect(rowOf(next, row)).toEqual(sees ? after.observation : after.observation.map(() => 0))
      expect([present.data[row], nextPresent.data[row]]).toEqual([now.isThere ? 1 : 0, sees ? 1 : 0])
      if (!each.masks) return
      expect(rowOf(mask!, row)).toEqual(now.mask)
      expect(rowOf(nextMask!, row)).toEqual(after.mask)
    })
    if (!each.masks || other !== agent) return
    const behind = [...trajectory.present.keys()].filter(row => trajectory.present[row] === 0)
    for (const row of behind) expect(rowOf(mask!, row)).toEqual(new Array(size).fill(1))
  })
  return found
}

/** In each sequence own transitions of one game come in the order of play, and none is left out between the first and the last. */
function expectInOrder(
  found: ReadonlyMap<number, PlainTransition>,
  trajectory: Trajectory,
  all: readonly PlainTransition[],
) {
  for (let sequence = 0; sequence < trajectory.sequences; sequence++) {
    const rows = [...found].filter(([row]) => row % trajectory.sequences === sequence).map(([, one]) => one)
    if (rows.length === 0) continue
    const { agent } = rows[0]!
    const game = rows[0]!.steps[0]!.game
    const own = all.filter(one => one.agent === agent && one.steps[0]!.game === game)
    const from = own.indexOf(own.find(one => one.steps[0] === rows[0]!.steps[0])!)
    const starts = (ones: readonly PlainTransition[]) => ones.map(({ steps }) => steps[0]!.step)
    expect(starts(rows)).toEqual(starts(own.slice(from, from + rows.length)))
  }
}

describe('a rollout', () => {
  it('has the own transitions of each agent in order, and none that is still open', () => {
    fc.assert(
      fc.property(shape, lengths, (each, length) => {
        const play = playOf(each)
        const all = allTransitions(play)
        for (const trajectories of rounds(play, each, length)) {
          trajectories.forEach((trajectory, agent) => {
            const found = expectRows(trajectory, agent, play, each)
            expectInOrder(found, trajectory, all)
          })
        }
      }),
      { numRuns: 20 },
    )
  })

  it('gives every transition to be learnt from exactly once, lives that wait at the end of a block later as a whole', () => {
    fc.assert(
      fc.property(shape, lengths, (each, length) => {
        const play = playOf(each)
        const learnt = new Map<string, number>()
        let seen = 0
        for (const trajectories of rounds(play, each, length)) {
          seen++
          for (const trajectory of trajectories) {
            const memory = copyOf(trajectory, 'memory', 2)
            for (const row of trajectory.learnable) {
              const key = rowOf(memory, row).join()
              learnt.set(key, (learnt.get(key) ?? 0) + 1)
            }
          }
        }
        const all = allTransitions(play)
        const over = (one: PlainTransition) =>
          'steps' in length
            ? isBlockLearnt(one, all, length.steps, seen)
            : one.end !== 'open' && isEpisodeLearnt(one, play, length.episodes)
        const expected = all.filter(over)
        expect([...learnt.values()].every(times => times === 1)).toBe(true)
        expect(learnt.size).toBe(expected.length)
        for (const key of byMemory(expected).keys()) expect(learnt.has(key)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })

  it('gives the returns and advantages that lives have, life by life', () => {
    fc.assert(
      fc.property(shape, lengths, fc.double({ min: 0, max: 1, noNaN: true }), (each, length, lambda) => {
        const play = playOf(each)
        for (const trajectories of rounds(play, each, length)) {
          trajectories.forEach((trajectory, agent) => {
            const found = expectRows(trajectory, agent, play, each)
            const valueAt = (row: number) => Math.sin(row)
            const [values, next] = [0, 1].map(of =>
              Float64Array.from({ length: trajectory.rows }, (_, row) => valueAt(2 * row + of)),
            ) as [Float64Array, Float64Array]
            const returns = discountedReturns(trajectory, gamma, next)
            const { advantages } = gae(trajectory, values, next, { gamma, lambda })
            for (const [row, one] of found) {
              const discount = each.discountPer === 'ownStep' ? gamma : gamma ** one.steps.length
              const after = found.get(row + trajectory.sequences)
              const goesOn = one.end === 'own' && after !== undefined
              const reward = trajectory.rewards[row]!
              const bootstrap = one.end === 'terminated' ? 0 : next[row]!
              const following = goesOn ? returns[row + trajectory.sequences]! : bootstrap
              expect(returns[row]).toBeCloseTo(reward + discount * following, 9)
              const delta = reward + discount * bootstrap - values[row]!
              const later = goesOn ? advantages[row + trajectory.sequences]! : 0
              expect(advantages[row]).toBeCloseTo(delta + discount * lambda * later, 9)
              if (goesOn) expect(after.life).toBe(one.life)
            }
          })
        }
      }),
      { numRuns: 12 },
    )
  })

  it('counts the age of a life by what discounts count', () => {
    fc.assert(
      fc.property(shape, each => {
        const play = playOf(each)
        const all = allTransitions(play)
        for (const trajectories of rounds(play, each, { episodes: 1 })) {
          trajectories.forEach((trajectory, agent) => {
            const found = expectRows(trajectory, agent, play, each)
            for (const [row, one] of found) {
              const before = all.filter(
                ({ agent, life, steps }) =>
                  agent === one.agent &&
                  life === one.life &&
                  steps[0]!.game === one.steps[0]!.game &&
                  steps[0]!.step < one.steps[0]!.step,
              )
              const ages = before.map(({ steps }) => (each.discountPer === 'ownStep' ? 1 : steps.length))
              expect(trajectory.ageOf(row)).toBe(ages.reduce((sum, age) => sum + age, 0))
            }
          })
        }
      }),
      { numRuns: 10 },
    )
  })

  it('lets sequences begin with what was carried into their first own step', () => {
    fc.assert(
      fc.property(shape, lengths, (each, length) => {
        const play = playOf(each)
        for (const trajectories of rounds(play, each, length)) {
          trajectories.forEach((trajectory, agent) => {
            const chosen = trajectory.learnableSequences
            const carried = matrixOf(chosen.length, 2)
            trajectory.copyCarried('memory', chosen, carried)
            const found = expectRows(trajectory, agent, play, each)
            chosen.forEach((sequence, i) => {
              const { step, game } = found.get(sequence)!.steps[0]!
              expect(rowOf(carried, i)).toEqual(memoryAt(step, game, agent).map(Math.fround))
            })
          })
        }
      }),
      { numRuns: 10 },
    )
  })

  it('goes on with the same bits after save and restore', () => {
    fc.assert(
      fc.property(shape, lengths, fc.nat(40), (each, length, cut) => {
        const play = playOf(each)
        const [whole, first] = [rolloutOf(play, each, length), rolloutOf(play, each, length)]
        let other = first
        const allOf = (trajectory: Trajectory) => [
          trajectory.rewards,
          trajectory.restarted,
          trajectory.learnable,
          copyOf(trajectory, 'memory', 2),
          copyOf(trajectory, 'nextPresent', 1),
        ]
        play.steps.forEach((step, i) => {
          if (i === cut) {
            const saved = copySaved(other.save())
            other = rolloutOf(play, each, length)
            other.restore(saved)
          }
          for (const rollout of [whole, other]) rollout.add(step)
          expect(other.isComplete).toBe(whole.isComplete)
          if (!whole.isComplete) return
          play.vectorGame.agents.forEach((_, agent) => {
            expect(allOf(other.trajectory([agent]))).toEqual(allOf(whole.trajectory([agent])))
          })
          for (const rollout of [whole, other]) rollout.forget()
        })
      }),
      { numRuns: 20 },
    )
  })
})

/** Whether the episode of a transition was among those of a round that was complete. */
function isEpisodeLearnt({ steps }: PlainTransition, { begun, steps: all }: RandomPlay, episodes: number): boolean {
  /** How many episodes had ended after each joint step, round by round. */
  const endedAt = all.map((_, step) => begun.filter(of => of[step + 1] === true).length)
  let [open, learntUpTo] = [0, -1]
  endedAt.forEach((ended, step) => {
    open += ended
    if (open < episodes) return
    open = 0
    learntUpTo = step
  })
  const { game, step } = steps.at(-1)!
  const end = begun[game]!.findIndex((begins, at) => begins && at > step)
  return end > 0 && end - 1 <= learntUpTo
}

/** Whether some block ended behind it at which its agent did not wait in the same life. */
function isBlockLearnt(one: PlainTransition, all: readonly PlainTransition[], length: number, blocks: number): boolean {
  const game = one.steps[0]!.game
  const life = all.filter(
    ({ agent, life, steps }) => agent === one.agent && life === one.life && steps[0]!.game === game,
  )
  const waits = (end: number) =>
    life.some(({ steps, end: how }) => steps[0]!.step < end && (how === 'open' || steps.at(-1)!.step >= end))
  const ends = Array.from({ length: blocks }, (_, block) => (block + 1) * length)
  return one.end !== 'open' && ends.some(end => one.steps.at(-1)!.step < end && !waits(end))
}
