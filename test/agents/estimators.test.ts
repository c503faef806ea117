// Estimators of choices: one-hots, the gradients that stand in for theirs, and the noise that these draw.
import * as fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EstimatorKind, playedSpace } from '../../src/agents/estimators.ts'
import { createHead } from '../../src/agents/head.ts'
import { train } from '../../src/experiment/trainer.ts'
import { exportActors } from '../../src/export/export-actors.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createNoise, createRandom, derivedKey, type NoiseKey } from '../../src/random.ts'
import { playedAgents, type Run } from '../../src/run/run.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'
import { backends } from '../support/backends.ts'
import { temporaryFolder } from '../support/command.ts'
import { centralDifferences } from '../support/finite-differences.ts'
import { dot, expectClose, expectSameBits, placed, randomMatrix } from '../support/matrices.ts'
import { observed } from '../support/observed.ts'
import { plainUniform } from '../support/plain-noise.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'

const choice = (name: string, size: number, soft: boolean) => ({ name, kind: 'choice', size, soft }) as const
const box = { name: 'turn', kind: 'box', size: 2, low: -1, high: 1 } as const
const spaces: readonly { readonly name: string; readonly space: ActionSpace }[] = [
  { name: 'a choice that could be soft', space: [choice('move', 5, true)] },
  { name: 'a hard choice', space: [choice('move', 5, false)] },
  { name: 'moving and speaking', space: [choice('move', 5, true), choice('say', 3, false)] },
  { name: 'choices around a box', space: [choice('move', 4, true), box, choice('say', 3, false)] },
]
const hardKinds = ['straightThrough', 'gumbelRao', 'gapped'] as const
const rows = 6

describe.each(hardKinds.flatMap(estimator => backends.map(({ name, create }) => ({ estimator, name, create }))))(
  'estimator $estimator on $name',
  ({ estimator, create }) => {
    let backend: Backend
    beforeAll(async () => {
      backend = await create()
    })
    afterAll(() => backend.dispose())

    const createTested = (space: ActionSpace, temperature: number) =>
      createHead(backend, space, { temperature, estimator, estimatorSamples: 4, boxes: 'deterministic' })
    const outputsFor = (space: ActionSpace, scale = 2, count = rows) =>
      placed(backend, randomMatrix(createRandom(1, 'outputs'), count, actionSize(space), scale))
    const gradientFor = (space: ActionSpace) =>
      placed(backend, randomMatrix(createRandom(2, 'gradient'), rows, actionSize(space)))

    describe.each(spaces)('for $name', ({ space }) => {
      it('executes the one-hots of a Gumbel-max sample, whatever the temperature', () => {
        const outputs = outputsFor(space)
        const key = createNoise(3).next()
        for (const temperature of [0.2, 1, 3]) {
          const { data } = createTested(space, temperature).sample(outputs, key)
          for (const { at, size } of choicesOf(space, data.length)) {
            const perturbed = Array.from({ length: size }, (_, c) => outputs.data[at + c]! + plainGumbel(key, at + c))
            const expected = perturbed.map(x => (x === Math.max(...perturbed) ? 1 : 0))
            expect([...data.subarray(at, at + size)]).toEqual(expected)
          }
        }
      })

      it('guesses best a one-hot', () => {
        const { data } = createTested(space, 1).greedy(outputsFor(space))
        for (const { at, size } of choicesOf(space, data.length)) {
          expect([...data.subarray(at, at + size)].sort()).toEqual([...new Array(size - 1).fill(0), 1])
        }
      })

      it.each([1, 0.6])('has the gradient of its stand-in at temperature %d, part by part', temperature => {
        const outputs = outputsFor(space)
        const gradient = gradientFor(space)
        const key = createNoise(4).next()
        const head = createTested(space, temperature)
        const actions = Float32Array.from(head.sample(outputs, key).data)
        const actual = head.gradient(gradient).data
        const plain = standIn(estimator, space, Float64Array.from(outputs.data), actions, key, temperature)
        const value = (x: Float64Array) => dot(plain(x), gradient.data)
        const expected = centralDifferences(value, outputs.data)
        for (const { at, size } of choicesOf(space, actual.length)) {
          expectClose(actual.subarray(at, at + size), expected.subarray(at, at + size), 5e-6)
        }
      })

      it('gives the same bits for the same noise, whatever it was asked in between', () => {
        const head = createTested(space, 0.8)
        const noise = createNoise(5)
        const [key, other] = [noise.next(), noise.next()]
        const once = () => {
          const actions = Float32Array.from(head.sample(outputsFor(space), key).data)
          return { actions, gradient: Float32Array.from(head.gradient(gradientFor(space)).data) }
        }
        const first = once()
        head.sample(outputsFor(space, 2, 11), other)
        const again = once()
        expectSameBits(again.actions, first.actions)
        expectSameBits(again.gradient, first.gradient)
      })
    })

    it('has finite gradients whose sum over a choice is zero, for any logits', () => {
      const space = [choice('move', 5, true), choice('say', 3, true)]
      const scales = fc.double({ min: 0, max: 500, noNaN: true })
      fc.assert(
        fc.property(fc.nat(), scales, fc.double({ min: 0.001, max: 5, noNaN: true }), (seed, scale, temperature) => {
          const head = createTested(space, temperature)
          head.sample(randomMatrix(createRandom(seed), 4, 8, scale), createNoise(seed).next())
          const { data } = head.gradient(randomMatrix(createRandom(seed, 'gradient'), 4, 8))
          expect(data.every(Number.isFinite)).toBe(true)
          for (const { at, size } of choicesOf(space, data.length)) {
            const sum = data.subarray(at, at + size).reduce((a, b) => a + b)
            expect(Math.abs(sum) * temperature).toBeLessThan(1e-5)
          }
        }),
        { numRuns: 60 },
      )
    })
  },
)

describe('a run under the rules that know soft actions', () => {
  const settings = (estimator: EstimatorKind) => ({
    scenario: { maxCycles: 5 },
    learner: { estimator, estimatorSamples: 3, temperature: { from: 1, to: 0.3, steps: 150 } },
  })
  const advance = (run: Run, count: number) => expect(observed(train(run, { clock$: ticks(count) })).errors).toEqual([])

  it.each(hardKinds)(
    'executes one-hots with estimator %s, and goes on with the same bits where it was saved',
    async kind => {
      const whole = await tinyRun(settings(kind))
      advance(whole, 120)
      const { data } = lastActions(whole)
      expect([...data].sort()).toEqual([0, 0, 0, 0, 1])
      const resumed = await tinyRun(settings(kind))
      resumed.restore(structuredClone(whole.save()))
      advance(whole, 40)
      advance(resumed, 40)
      expect(whole.rounds.finished).toBeGreaterThan(2)
      expect(resumed.save()).toEqual(whole.save())
    },
  )

  it('has actors that play one-hots, as exports have to know', async () => {
    const soft = await tinyRun(settings('soft'))
    expect(lastActions(soft).data.every(p => p > 0 && p < 1)).toBe(true)
    expect(playedAgents(soft)).toEqual(soft.agents)
    const hard = await tinyRun(settings('gapped'))
    for (const agent of playedAgents(hard)) expect(agent.actionSpace).toMatchObject([{ kind: 'choice', soft: false }])
    const folder = temporaryFolder()
    const actors = hard.roster.map(({ actor }) => actor)
    const exported = await exportActors({ agents: playedAgents(hard), actors, origin: {}, format: 'js', folder })
    for (const { difference } of exported) expect(difference).toBeLessThan(1e-5)
  })
})

function lastActions(run: Run): Matrix {
  const observations = run.vectorGame.next.observations[0]!
  const actions = { rows: 1, columns: 5, data: new Float32Array(5) }
  run.policies[0]!.act({ observations, restarted: new Uint8Array(1), explore: true, actions, extras: [] })
  return actions
}

describe('the space that is played', () => {
  it('is that of the game with soft samples, and has no soft actions with the others', () => {
    const { space } = spaces[3]!
    expect(playedSpace(space, 'soft')).toBe(space)
    for (const kind of hardKinds) {
      expect(playedSpace(space, kind)).toEqual([choice('move', 4, false), box, choice('say', 3, false)])
    }
  })
})

/** The numbers whose gradient an estimator takes, with all that it holds fixed taken from the logits `x0`. */
function standIn(
  kind: EstimatorKind,
  space: ActionSpace,
  x0: Float64Array,
  actions: Float32Array,
  key: NoiseKey,
  temperature: number,
): (x: Float64Array) => Float64Array {
  const parts = choicesOf(space, x0.length)
  const shiftsOf = ({ at, size }: Part): number[][] => {
    const indices = Array.from({ length: size }, (_, c) => at + c)
    const chosen = indices.find(i => actions[i] === 1)!
    if (kind === 'straightThrough') return [indices.map(i => plainGumbel(key, i))]
    if (kind === 'gapped') {
      const largest = Math.max(...indices.map(i => x0[i]!))
      return [indices.map(i => (i === chosen ? largest - x0[i]! : -Math.max(0, x0[i]! + 1 - largest)))]
    }
    const total = indices.reduce((sum, i) => sum + Math.exp(x0[i]!), 0)
    return [0, 1, 2, 3].map(k => {
      const exponential = (i: number) => -Math.log(plainUniform(derivedKey(key, k), i))
      const least = exponential(chosen) / total
      return indices.map(i => {
        const perturbed = i === chosen ? -Math.log(least) : -Math.log(exponential(i) / Math.exp(x0[i]!) + least)
        return perturbed - x0[i]!
      })
    })
  }
  const fixed = parts.map(shiftsOf)
  return x => {
    const to = new Float64Array(x.length)
    parts.forEach(({ at, size }, p) => {
      for (const shifts of fixed[p]!) {
        const exps = shifts.map((shift, c) => Math.exp((x[at + c]! + shift) / temperature))
        const sum = exps.reduce((a, b) => a + b)
        for (let c = 0; c < size; c++) to[at + c]! += exps[c]! / sum / fixed[p]!.length
      }
    })
    return to
  }
}

interface Part {
  readonly at: number
  readonly size: number
}

/** Every choice of every row: where it begins, and its size. */
function choicesOf(space: ActionSpace, length: number): Part[] {
  const found: Part[] = []
  for (let at = 0; at < length; ) {
    for (const { kind, size } of space) {
      if (kind === 'choice') found.push({ at, size })
      at += size
    }
  }
  return found
}

function plainGumbel(key: NoiseKey, element: number): number {
  return -Math.log(-Math.log(plainUniform(key, element)))
}
