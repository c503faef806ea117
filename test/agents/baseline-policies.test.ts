// Policies that learn nothing: legal, fair, and restored like all others.
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createNoOpPolicy, createRandomPolicy, createScriptedPolicy } from '../../src/agents/baseline-policies.ts'
import type { Policy } from '../../src/agents/policy.ts'
import { createRandom } from '../../src/random.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'

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

const act = (policy: Policy, of: ActionSpace, rows: number) => {
  const columns = actionSize(of)
  const actions = { rows, columns, data: new Float32Array(rows * columns).fill(9) }
  const observations = { rows, columns: 1, data: new Float32Array(rows) }
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
