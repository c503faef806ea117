// Policies that learn nothing: legal, fair, and restored like all others.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNoOpPolicy, createRandomPolicy, createScriptedPolicy } from '../../src/agents/baseline-policies.ts'
import type { Policy } from '../../src/agents/policy.ts'
import { createRandom } from '../../src/random.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'
import { allowedChoices, randomMask } from '../support/plain-masks.ts'

const part = fc.oneof(
  fc.record({
    name: fc.constant('say'),
    kind: fc.constant('choice' as const),
    size: fc.integer({ min: 1, max: 6 }),
    soft: fc.boolean(),
  }),
  fc.record({
    name: fc.constant('push'),
    kind: fc.constant('box' as const),
    size: fc.integer({ min: 1, max: 4 }),
    low: fc.integer({ min: -5, max: 0 }),
    high: fc.integer({ min: 1, max: 5 }),
  }),
)
const space: fc.Arbitrary<ActionSpace> = fc.array(part, { minLength: 1, maxLength: 4 })
const games = fc.integer({ min: 1, max: 6 })

const act = (policy: Policy, of: ActionSpace, rows: number, mask?: Matrix) => {
  const columns = actionSize(of)
  const actions = { rows, columns, data: new Float32Array(rows * columns).fill(9) }
  const observations = { rows, columns: 1, data: new Float32Array(rows), ...(mask === undefined ? {} : { mask }) }
  policy.act({ observations, restarted: new Uint8Array(rows), explore: true, actions, extras: [] })
  return [...actions.data]
}

/** Each part of each row. */
const piecesOf = (of: ActionSpace, actions: readonly number[]) => {
  const pieces: { part: ActionSpace[number]; numbers: readonly number[] }[] = []
  for (let at = 0; at < actions.length; ) {
    for (const p of of) pieces.push({ part: p, numbers: actions.slice(at, (at += p.size)) })
  }
  return pieces
}

describe('the random policy', () => {
  it('makes a legal action for every game', () => {
    fc.assert(
      fc.property(space, games, fc.nat(), (of, rows, seed) => {
        for (const { part: p, numbers } of piecesOf(of, act(createRandomPolicy(of, createRandom(seed)), of, rows))) {
          if (p.kind === 'choice') expect([...numbers].sort()).toEqual([...new Array(p.size - 1).fill(0), 1])
          else expect(numbers.every(x => x >= p.low && x <= p.high)).toBe(true)
        }
      }),
    )
  })

  it('favours no alternative', () => {
    const of: ActionSpace = [{ name: 'move', kind: 'choice', size: 5, soft: false }]
    const counts = [0, 0, 0, 0, 0]
    act(createRandomPolicy(of, createRandom(1)), of, 20_000).forEach((value, i) => {
      counts[i % 5]! += value
    })
    const chiSquare = counts.reduce((sum, count) => sum + (count - 4000) ** 2 / 4000, 0)
    expect(chiSquare).toBeLessThan(18.5) // 99.9 % of chi-square with 4 degrees of freedom
  })

  it('goes on with the same actions where it was saved', () => {
    fc.assert(
      fc.property(space, fc.nat(), (of, seed) => {
        const policy = createRandomPolicy(of, createRandom(seed))
        act(policy, of, 3)
        const restored = createRandomPolicy(of, createRandom(seed + 1))
        restored.restore(policy.save())
        expect(act(restored, of, 4)).toEqual(act(policy, of, 4))
      }),
    )
  })
})

describe('the no-op policy', () => {
  it('takes the first alternative of every choice and zeros in every box', () => {
    fc.assert(
      fc.property(space, games, (of, rows) => {
        const policy = createNoOpPolicy(of)
        for (const { part: p, numbers } of piecesOf(of, act(policy, of, rows)))
          expect(numbers).toEqual(Array.from({ length: p.size }, (_, c) => (p.kind === 'choice' && c === 0 ? 1 : 0)))
        policy.restore(policy.save())
      }),
    )
  })
})

describe('the scripted policy', () => {
  it('asks the controller of every game once, in order', () => {
    const of: ActionSpace = [{ name: 'move', kind: 'choice', size: 2, soft: false }]
    const asked: number[] = []
    const policy = createScriptedPolicy((game, { actions }) => {
      asked.push(game)
      actions.data.set([game, 1], game * 2)
    })
    expect(act(policy, of, 3)).toEqual([0, 1, 1, 1, 2, 1])
    expect(asked).toEqual([0, 1, 2])
    policy.restore(policy.save())
  })
})

describe('under a mask', () => {
  it('the random policy takes allowed alternatives alone, and says how likely each of them is', () => {
    fc.assert(
      fc.property(space, games, fc.nat(), (of, rows, seed) => {
        const mask = randomMask(createRandom(seed), rows, of)
        const policy = createRandomPolicy(of, createRandom(seed))
        const actions = act(policy, of, rows, mask)
        const { data } = policy.probabilities!({ rows, columns: 1, data: new Float32Array(rows), mask })
        for (const { at, size, allowed } of allowedChoices(of, mask)) {
          const own = Array.from({ length: size }, (_, c) => at + c)
          expect(own.filter(i => actions[i] !== 0)).toHaveLength(1)
          expect(allowed).toContain(own.find(i => actions[i] === 1))
          for (const i of own) expect(data[i]).toBe(allowed.includes(i) ? Math.fround(1 / allowed.length) : 0)
        }
      }),
    )
  })

  it('the random policy favours none of the allowed alternatives', () => {
    const of: ActionSpace = [{ name: 'move', kind: 'choice', size: 5, soft: false }]
    const mask = {
      rows: 20_000,
      columns: 5,
      data: Float32Array.from({ length: 100_000 }, (_, i) => (i % 5 < 3 ? 1 : 0)),
    }
    const counts = [0, 0, 0, 0, 0]
    act(createRandomPolicy(of, createRandom(1)), of, 20_000, mask).forEach((value, i) => {
      counts[i % 5]! += value
    })
    expect(counts.slice(3)).toEqual([0, 0])
    for (const count of counts.slice(0, 3)) expect(Math.abs(count - 20_000 / 3)).toBeLessThan(300)
  })

  it('the one that does nothing takes the first alternative that is allowed', () => {
    fc.assert(
      fc.property(space, games, fc.nat(), (of, rows, seed) => {
        const mask = randomMask(createRandom(seed), rows, of)
        const actions = act(createNoOpPolicy(of), of, rows, mask)
        for (const { allowed } of allowedChoices(of, mask)) expect(actions[allowed[0]!]).toBe(1)
        expect(actions.reduce((sum, x) => sum + x, 0)).toBe(allowedChoices(of, mask).length)
      }),
    )
  })

  it('both do the same with a mask that allows everything as with none', () => {
    fc.assert(
      fc.property(space, games, fc.nat(), (of, rows, seed) => {
        const all = randomMask(createRandom(seed), rows, of, 0)
        for (const create of [() => createRandomPolicy(of, createRandom(seed)), () => createNoOpPolicy(of)]) {
          expect(act(create(), of, rows, all)).toEqual(act(create(), of, rows))
        }
      }),
    )
  })

  it('both refuse a row in which nothing is allowed', () => {
    const of: ActionSpace = [{ name: 'move', kind: 'choice', size: 2, soft: false }]
    const none = { rows: 2, columns: 2, data: Float32Array.of(1, 1, 0, 0) }
    const message = 'action mask: expected an alternative that is allowed in row 1, got none'
    for (const policy of [createRandomPolicy(of, createRandom(1)), createNoOpPolicy(of)]) {
      expect(() => act(policy, of, 2, none)).toThrow(message)
    }
  })
})
