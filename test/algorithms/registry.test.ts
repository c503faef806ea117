// What every algorithm over replay must do, whatever its ways, and what all must say: learn what pays, stop and go on, agree on all backends, refuse with a sentence.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ActorConfig } from '../../src/agents/actor.ts'
import { train } from '../../src/experiment/trainer.ts'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import type { MaddpgSettings } from '../../src/learning/options.ts'
import { maddpg } from '../../src/maddpg/maddpg.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createTfjsBackend } from '../../src/nn/tfjs/backend.ts'
import { algorithms } from '../../src/run/run.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import { best, learnt, meanValue } from '../support/learnt.ts'
import { expectClose } from '../support/matrices.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'
import { agentsIn, hasActionCritics, numbersOf, randomBatch, spaces, tinyRoster } from '../support/tiny-roster.ts'
import { type TinyTrainingOptions, tinyTraining } from '../support/tiny-training.ts'

/**
 * Settings that go by the size of the rewards: what these games pay, where the defaults are for particle worlds. None of the rewards is
 * one of mad4pg's atoms: a distribution that stands on one atom alone has no slope to climb.
 */
const suited: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  masac: { targetEntropy: 0.05 },
  mad4pg: { low: -4.5, high: 3.5, atoms: 9 },
}

/** What an algorithm is meant to be run with, as the parts of a tiny training. */
function asMeant(algorithm: Algorithm): TinyTrainingOptions {
  const isOwn = (name: string) => algorithm.options[name]!.default !== maddpg.options[name]?.default
  const learner = Object.fromEntries(
    Object.keys(algorithm.options).flatMap(name => (isOwn(name) ? [[name, algorithm.options[name]!.default]] : [])),
  )
  const kind = learner.exploration as 'policy' | 'gaussian' | undefined
  return {
    algorithm,
    algorithmOptions: suited[algorithm.id] ?? {},
    learner: learner as Partial<MaddpgSettings>,
    ...(kind === undefined || kind === 'policy'
      ? {}
      : { exploration: { kind, scale: () => 0.2 }, network: { boxes: 'deterministic' } }),
  }
}

const boxes = { ...spaces, box: [{ name: 'force', kind: 'box', size: 2, low: -1, high: 1 }] satisfies ActionSpace }
const oneStep = { length: 1, ending: 'terminated' } as const
type Acts = { readonly agent: number; readonly actions: readonly (readonly number[])[] }

describe.each(Object.values(algorithms).filter(hasActionCritics))('$id', algorithm => {
  const meant = asMeant(algorithm)
  const isJoint = algorithm.critics === 'joint'

  describe('learns to make the move that pays', () => {
    it.each(['soft', 'hard'] as const)('of a choice (%s)', async kind => {
      const reward = ({ agent, actions }: Acts) => actions[agent]![agent + 1]!
      const training = await learnt(600, { ...meant, game: { ...oneStep, space: spaces[kind], reward } })
      expect(best(training, 0, [0.5, 0])[1]).toBeGreaterThan(0.9)
      expect(best(training, 1, [0.5, 0])[2]).toBeGreaterThan(0.9)
    })

    it('of a box', async () => {
      const aims = [
        [0.5, -0.3],
        [-0.6, 0.2],
      ]
      const reward = ({ agent, actions }: Acts) =>
        -aims[agent]!.reduce((sum, aim, i) => sum + (actions[agent]![i]! - aim) ** 2, 0)
      const training = await learnt(800, { ...meant, game: { ...oneStep, space: boxes.box, reward } })
      aims.forEach((aim, agent) => {
        best(training, agent, [0.5, 0]).forEach((x, i) => void expect(Math.abs(x - aim[i]!)).toBeLessThan(0.2))
      })
    })
  })

  it('lets two agents agree who are paid for it', async () => {
    const agree = ({ actions }: Pick<Acts, 'actions'>) =>
      actions[0]!.reduce((sum, p, move) => sum + p * actions[1]![move]!, 0)
    const training = await learnt(800, { ...meant, game: { ...oneStep, reward: agree } })
    expect(agree({ actions: [best(training, 0, [0.5, 0]), best(training, 1, [0.5, 0])] })).toBeGreaterThan(0.8)
  })

  it('goes on with the same bits after it was stopped in mid-training', async () => {
    const options: TinyTrainingOptions = { ...meant, games: 2, every: 6, schedule: { episodes: 30 } }
    const straight = await tinyTraining(options)
    observed(train(straight, { clock$: ticks(400) }))
    const first = await tinyTraining(options)
    // 3 ticks of learning make a round of two agents and a step: 61 ticks stop in the middle of one.
    observed(train(first, { clock$: ticks(61) }))
    expect(first.rounds.finished).toBeGreaterThan(0)
    const second = await tinyTraining(options)
    second.restore(structuredClone(first.save()))
    observed(train(second, { clock$: ticks(339) }))
    expect(second.rounds.finished).toBeGreaterThan(first.rounds.finished)
    expect(second.save()).toEqual(straight.save())
  })

  describe('updates', () => {
    let simd: Backend
    let tfjs: Backend
    beforeAll(async () => {
      simd = await createSimdBackend()
      tfjs = await createTfjsBackend({ carrier: 'cpu' })
    })
    afterAll(() => {
      simd.dispose()
      tfjs.dispose()
    })

    /** The state of two agents after a few updates each. */
    const updated = (backend: Backend, kind: keyof typeof spaces, learner: Partial<MaddpgSettings> = {}) => {
      const rows = 8
      const agents = agentsIn(spaces[kind], ['good', 'bad'])
      const network: Partial<ActorConfig> = meant.network ?? {}
      const roster = tinyRoster(backend, algorithm, agents, {
        rows,
        network,
        learner: { ...meant.learner, ...learner },
      })
      for (let round = 0; round < 2; round++) {
        roster.forEach((member, agent) => {
          const figures = member.update(randomBatch(backend, agents, rows, 2 * round + agent), roster)
          for (const [name, value] of Object.entries(figures)) expect(Number.isFinite(value), name).toBe(true)
        })
      }
      return roster
    }
    const networksOf = (roster: ReturnType<typeof updated>) =>
      roster.flatMap(learner =>
        Object.keys(learner.save() as object)
          .filter(name => /^(target)?(actor|critic|secondCritic)$/i.test(name))
          .flatMap(name => numbersOf(learner, name)),
      )

    it.each(Object.keys(spaces) as (keyof typeof spaces)[])('are the same on both backends (%s)', kind => {
      expectClose(networksOf(updated(tfjs, kind)), networksOf(updated(simd, kind)), 1e-4)
    })

    it('move every network', () => {
      const agents = agentsIn(spaces.soft, ['good', 'bad'])
      const before = tinyRoster(simd, algorithm, agents, { rows: 8, learner: meant.learner ?? {} })
      const after = updated(simd, 'soft')
      before.forEach((learner, agent) => {
        const names = Object.keys(learner.save() as object).filter(name => /(actor|critic)$/i.test(name))
        expect(names.length).toBeGreaterThanOrEqual(4)
        for (const name of names) {
          expect(numbersOf(after[agent]!, name), name).not.toEqual(numbersOf(learner, name))
        }
      })
    })

    it('of a critic that sees its own agent alone have nothing to do with the others, or are refused', () => {
      if (algorithm.id === 'm3ddpg') {
        expect(() => updated(simd, 'soft', { critic: 'local' })).toThrow(/^learner\.critic: .* a local critic/)
        return
      }
      const agents = agentsIn(spaces.soft, ['good', 'bad'])
      const states = [0, 7].map(disturbance => {
        const options = { rows: 8, learner: { ...meant.learner, critic: 'local' as const } }
        const roster = tinyRoster(simd, algorithm, agents, options)
        for (const seed of [1, 2]) {
          const batch = randomBatch(simd, agents, 8, seed)
          if (disturbance > 0) {
            batch.actions[1]!.data.fill(disturbance)
            batch.observations[1]!.data.fill(disturbance)
            batch.nextObservations[1]!.data.fill(disturbance)
          }
          roster[0]!.update(batch, roster)
        }
        return roster[0]!.save()
      })
      expect(states[1]).toEqual(states[0])
    })

    it('of a critic that sees all know what the others did', () => {
      const agents = agentsIn(spaces.soft, ['good', 'bad'])
      const states = [0, 7].map(disturbance => {
        const roster = tinyRoster(simd, algorithm, agents, { rows: 8, learner: meant.learner ?? {} })
        const batch = randomBatch(simd, agents, 8, 1)
        if (disturbance > 0) batch.actions[1]!.data.fill(disturbance)
        roster[0]!.update(batch, roster)
        return numbersOf(roster[0]!, 'critic').join()
      })
      expect(states[1] === states[0]).toBe(!isJoint)
    })
  })
})

describe.each(Object.values(algorithms))('$id', algorithm => {
  it('refuses boxes without an end with a sentence, and takes all else', () => {
    if (algorithm.acts === 'greedy') return
    const [endless] = agentsIn([{ name: 'force', kind: 'box', size: 2, low: -1, high: Infinity }], ['agent'])
    expect(algorithm.unsupported([endless!])).toBe(
      "agent_0: part 'force' is a box from -1 to Infinity; bounds must be finite, the lower one first",
    )
    for (const [kind, space] of Object.entries(spaces)) {
      const refused = algorithm.unsupported(agentsIn(space, ['a']))
      if (algorithm.id !== 'coma' || kind === 'soft' || kind === 'hard') expect(refused).toBeNull()
      else expect(refused).toMatch(/^agent_0: part 'force' is a box; .* play them$/)
    }
  })

  it('refuses boxes by name where it takes the best of all actions', () => {
    if (algorithm.acts !== 'greedy') return
    for (const kind of ['box', 'mixed'] as const) {
      expect(algorithm.unsupported(agentsIn(spaces[kind], ['a']))).toMatch(/^agent_0: part 'force' is a box, .*choices/)
    }
    for (const kind of ['soft', 'hard'] as const)
      expect(algorithm.unsupported(agentsIn(spaces[kind], ['a']))).toBeNull()
  })

  it('says what it is and what its settings do', () => {
    expect(algorithms[algorithm.id]).toBe(algorithm)
    expect(algorithm.description).toMatch(/\([A-Z].* \d{4}\)$/)
    for (const { description } of Object.values(algorithm.options)) expect(description.length).toBeGreaterThan(10)
  })
})

// A critic of one value per row can be asked what it makes of a joint action.
describe.each(['maddpg', 'matd3', 'm3ddpg'])('the critic of %s', id => {
  it('finds the value r / (1 - gamma) of a constant reward', async () => {
    const reward = ({ agent }: { agent: number }) => (agent === 0 ? 1 : -0.5)
    const options = { ...asMeant(algorithms[id]!), game: { length: 5, reward } }
    const training = await learnt(1000, { ...options, learner: { ...options.learner, gamma: 0.8 } })
    expect(Math.abs(meanValue(training, 0) - 5)).toBeLessThan(0.5)
    expect(Math.abs(meanValue(training, 1) + 2.5)).toBeLessThan(0.25)
  })
})
