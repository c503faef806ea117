// Patches applied, held against what immer made them from.
import fc from 'fast-check'
import { enablePatches, type Patch, produceWithPatches } from 'immer'
import { describe, expect, it } from 'vitest'
import { applyPatches } from '../../src/client/apply-patches.ts'

enablePatches()

interface State {
  readonly list: number[]
  readonly deep: { rows: number[][]; readonly named: Record<string, { value: number | null }> }
}

/** Changes as reducers make them. */
const change = fc.oneof(
  fc.record({ kind: fc.constant('push' as const), value: fc.integer() }),
  fc.record({ kind: fc.constant('insert' as const), at: fc.nat(5), value: fc.integer() }),
  fc.record({ kind: fc.constant('cut' as const), at: fc.nat(5), count: fc.nat(3) }),
  fc.record({
    kind: fc.constant('rows' as const),
    rows: fc.array(fc.array(fc.integer(), { maxLength: 3 }), { maxLength: 4 }),
  }),
  fc.record({ kind: fc.constant('row' as const), at: fc.nat(4), value: fc.integer() }),
  fc.record({
    kind: fc.constant('name' as const),
    name: fc.constantFrom('a', 'b', 'c'),
    value: fc.option(fc.integer()),
  }),
  fc.record({ kind: fc.constant('forget' as const), name: fc.constantFrom('a', 'b', 'c') }),
)
type Change = typeof change extends fc.Arbitrary<infer C> ? C : never

function carryOut({ list, deep }: State, of: Change): void {
  if (of.kind === 'push') list.push(of.value)
  else if (of.kind === 'insert') list.splice(of.at, 0, of.value)
  else if (of.kind === 'cut') list.splice(of.at, of.count)
  else if (of.kind === 'rows') deep.rows = of.rows
  else if (of.kind === 'row') (deep.rows[of.at] ?? list).push(of.value)
  else if (of.kind === 'name') deep.named[of.name] = { value: of.value }
  else delete deep.named[of.name]
}

describe('patches', () => {
  it('make the state that they were made from, and leave the one before as it was', () => {
    fc.assert(
      fc.property(fc.array(fc.array(change, { minLength: 1, maxLength: 6 }), { maxLength: 6 }), rounds => {
        let real: State = { list: [1, 2], deep: { rows: [[1], []], named: {} } }
        let mine = structuredClone(real)
        for (const changes of rounds) {
          const before = JSON.stringify(mine)
          const [next, patches] = produceWithPatches(real, draft => {
            for (const each of changes) carryOut(draft, each)
          })
          // As they come: nothing of them is shared with the state of the server.
          const applied = applyPatches(mine, JSON.parse(JSON.stringify(patches)) as Patch[])
          expect(applied).toEqual(next)
          expect(JSON.stringify(mine)).toBe(before)
          mine = applied
          real = next
        }
      }),
    )
  })

  it('keep what they do not touch, and are not changed by those after them', () => {
    const state = { one: { list: [1] }, other: { list: [2] } }
    const value = { list: [3] }
    const next = applyPatches(state, [
      { op: 'replace', path: ['one'], value },
      { op: 'add', path: ['one', 'list', 1], value: 4 },
    ])
    expect([next, next.other === state.other, value]).toEqual([
      { ...state, one: { list: [3, 4] } },
      true,
      { list: [3] },
    ])
    expect(applyPatches(state, [{ op: 'replace', path: [], value: 7 }])).toBe(7)
  })

  it.each([
    [['one', 'nothing', 'x'], 'a patch leads nowhere: one.nothing.x'],
    [['__proto__', 'polluted'], 'a patch leads nowhere: __proto__.polluted'],
    [['one', 'constructor', 'x'], 'a patch leads nowhere'],
  ])('that lead nowhere are refused: %j', (path, sentence) => {
    expect(() => applyPatches({ one: {} }, [{ op: 'replace', path, value: 1 }])).toThrow(sentence)
    expect(({} as { polluted?: unknown }).polluted).toBeUndefined()
  })
})
