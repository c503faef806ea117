// What is seen next is kept once where the game goes on from it: the same batches as from whole transitions, in less memory, wherever rows lie.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createJointStepLayout } from '../../src/envs/joint-step.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import { createJointReplay, type JointReplayConfig } from '../../src/replay/joint-replay.ts'
import type { Batch, JointStep, Matrix } from '../../src/types.ts'
import { agentsOf } from '../support/joint-steps.ts'

interface Play {
  readonly sizes: readonly number[]
  readonly games: number
  readonly count: number
  readonly chance: number
  readonly seed: number
  readonly isMasked: boolean
}

const play: fc.Arbitrary<Play> = fc.record({
  sizes: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
  games: fc.integer({ min: 1, max: 5 }),
  count: fc.integer({ min: 1, max: 60 }),
  chance: fc.constantFrom(0, 0.1, 0.5, 1),
  seed: fc.nat(),
  isMasked: fc.boolean(),
})

const specsOf = ({ sizes, isMasked }: Play) => agentsOf(sizes).map(agent => ({ ...agent, isMasked }))

/** Games that go on from what was seen next, but for chance: a new episode, a zero of the other sign, one number of a mask or a state. */
function played(each: Play): JointStep[] {
  const { games, count, chance, seed } = each
  const agents = specsOf(each)
  const random = createRandom(seed, 'play')
  const allocate = createJointStepLayout(
    agents,
    games,
    agents.map(() => []),
    2,
  )
  const any = ({ data }: Matrix) => {
    for (let i = 0; i < data.length; i++) data[i] = random.integer(4) === 0 ? 0 : random.between(-1, 1)
  }
  const sights = ({ observations, states }: JointStep) => [
    ...observations.flatMap(({ mask, ...seen }) => (mask === undefined ? [seen] : [seen, mask])),
    states!,
  ]
  const nextSights = ({ nextObservations, nextStates }: JointStep) => [
    ...nextObservations.flatMap(({ mask, ...seen }) => (mask === undefined ? [seen] : [seen, mask])),
    nextStates!,
  ]
  const steps: JointStep[] = []
  for (let i = 0; i < count; i++) {
    const step = allocate(i + 1)
    for (const matrix of [...sights(step), ...nextSights(step), ...step.actions, step.rewards]) any(matrix)
    step.present.fill(1)
    const before = steps[i - 1]
    if (before !== undefined) {
      const [now, then] = [sights(step), nextSights(before)]
      now.forEach(({ data }, m) => void data.set(then[m]!.data))
      for (let game = 0; game < games; game++) {
        if (random.uniform() >= chance) continue
        const { data, columns } = now[random.integer(now.length)]!
        const at = game * columns + random.integer(columns)
        data[at] = data[at] === 0 ? -data[at]! : random.uniform()
        before.truncated[game] = random.integer(2)
      }
    }
    steps.push(step)
  }
  return steps
}

const numbersOf = (batch: Batch): number[][] =>
  [
    ...[...batch.observations, ...batch.nextObservations].flatMap(({ data, mask }) => [data, mask?.data ?? []]),
    ...batch.actions.map(({ data }) => data),
    ...[batch.states!, batch.nextStates!, batch.rewards, batch.present, batch.terminated].map(({ data }) => data),
    batch.discounts,
  ].map(data => [...data])

describe('what is seen next', () => {
  let backend: Backend
  let apart: Backend
  beforeAll(async () => {
    ;[backend, apart] = [await createSimdBackend({ threads: 1 }), await createSimdBackend({ threads: 1 })]
  })
  afterAll(() => [backend, apart].forEach(each => void each.dispose()))

  const create = (each: Play, config: Partial<JointReplayConfig>) =>
    createJointReplay(backend, specsOf(each), {
      capacity: 1000,
      games: each.games,
      stateParts: [{ name: 'state', size: 2 }],
      ...config,
    })

  it('is what the next row of the game saw, or what was seen at an end, bit by bit', () => {
    fc.assert(
      fc.property(play, fc.integer({ min: 1, max: 40 }), (each, capacity) => {
        const steps = played(each)
        const replay = create(each, { capacity })
        for (const step of steps) replay.insert(step)
        const batch = replay.createBatch(replay.size)
        let next = 0
        replay.draw(null).sample({ ...createRandom(0), integer: () => next++ }, batch)
        const first = replay.inserted - replay.size
        for (let slot = 0; slot < replay.size; slot++) {
          const row = first + ((slot - (first % capacity) + capacity) % capacity)
          const step = steps[Math.floor(row / each.games)]!
          const game = row % each.games
          const same = (from: Matrix, to: Matrix) => {
            const expected = from.data.slice(game * from.columns, (game + 1) * from.columns)
            expect(to.data.slice(slot * to.columns, (slot + 1) * to.columns)).toEqual(expected)
          }
          each.sizes.forEach((_, agent) => {
            const [seen, nextSeen] = [step.observations[agent]!, step.nextObservations[agent]!]
            same(seen, batch.observations[agent]!)
            same(nextSeen, batch.nextObservations[agent]!)
            if (each.isMasked) same(seen.mask!, batch.observations[agent]!.mask!)
            if (each.isMasked) same(nextSeen.mask!, batch.nextObservations[agent]!.mask!)
            same(step.actions[agent]!, batch.actions[agent]!)
          })
          same(step.states!, batch.states!)
          same(step.nextStates!, batch.nextStates!)
          same(step.rewards, batch.rewards)
        }
      }),
      { numRuns: 100 },
    )
  })

  it('is the same in rows that lie apart, for every way of drawing, and after save and restore', () => {
    const way = fc.constantFrom<Partial<JointReplayConfig>>({}, { steps: 3, gamma: 0.9 }, { priority: 0.7 })
    fc.assert(
      fc.property(play, way, fc.integer({ min: 1, max: 40 }), (each, how, capacity) => {
        const [together, away] = [create(each, { capacity, ...how }), create(each, { capacity, ...how, apart })]
        const steps = played(each)
        for (const step of steps) for (const replay of [together, away]) replay.insert(step)
        const restored = create(each, { capacity, ...how, apart })
        restored.restore(together.save())
        expect(away.save()).toEqual(together.save())
        expect(restored.save()).toEqual(together.save())
        const drawn = [together, away, restored].map(replay => {
          const batch = replay.createBatch(17)
          replay.draw(null).sample(createRandom(each.seed), batch)
          return numbersOf(batch)
        })
        expect(drawn[1]).toEqual(drawn[0])
        expect(drawn[2]).toEqual(drawn[0])
      }),
      { numRuns: 60 },
    )
  })

  it('takes no room of its own while an episode goes on', () => {
    const each: Play = { sizes: [40, 40], games: 4, count: 500, chance: 0, seed: 1, isMasked: false }
    const steps = played(each)
    const used = async (chained: boolean) => {
      const store = await createSimdBackend({ threads: 1 })
      const replay = createJointReplay(store, specsOf(each), { capacity: 2000, games: 4 })
      const before = store.memory!.bytes
      // The same step over and over: what it sees is never what was seen next.
      for (let i = 0; i < 500; i++) replay.insert(steps[chained ? i : 0]!)
      const bytes = store.memory!.bytes - before
      store.dispose()
      return { bytes, ...replay.storeBytesWhenFull }
    }
    return Promise.all([used(true), used(false)]).then(([shared, own]) => {
      expect(shared!.bytes).toBeLessThan(0.7 * own!.bytes)
      expect(shared!.bytes).toBeLessThanOrEqual(shared!.usual + 64 * 50)
      expect(own!.bytes).toBeLessThanOrEqual(own!.most + 64 * 50)
    })
  })
})
