// Who goes where when all move at once: each rule by its published cases, and the chains of the warehouse against all chains there are.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settle, type Wish } from '../../src/grids/collisions.ts'

/** Cells of a row of nine; `2>3` wants from the one to the other. */
const wishes = (text: string): Wish[] =>
  text.split(' ').map(each => {
    const [from, to] = each.split('>').map(Number) as [number, number]
    return { from, to }
  })
const goes = (rule: Parameters<typeof settle>[0], text: string) => [...settle(rule, wishes(text), 9)].join('')

describe('who goes', () => {
  it.each([
    ['into a free cell', '0>1', { chains: '1', claims: '1', inTurn: '1', share: '1' }],
    ['two into one cell', '0>1 2>1', { chains: '10', claims: '00', inTurn: '10', share: '11' }],
    ['two who change places', '0>1 1>0', { chains: '00', claims: '11', inTurn: '00', share: '11' }],
    ['into a cell that somebody stays in', '0>1 1>1', { chains: '01', claims: '00', inTurn: '01', share: '11' }],
    ['one who follows, first in order', '0>1 1>2', { chains: '11', claims: '11', inTurn: '01', share: '11' }],
    ['one who follows, last in order', '1>2 0>1', { chains: '11', claims: '11', inTurn: '11', share: '11' }],
    ['a ring of four', '0>1 1>4 4>3 3>0', { chains: '1111', claims: '1111', inTurn: '0000', share: '1111' }],
    [
      'one who follows a ring',
      '6>3 0>1 1>4 4>3 3>0',
      { chains: '01111', claims: '01101', inTurn: '00000', share: '11111' },
    ],
    ['the longer of two chains', '2>1 4>1 7>4', { chains: '011', claims: '001', inTurn: '100', share: '111' }],
    ['behind one who cannot go', '2>1 0>1 3>0', { chains: '011', claims: '001', inTurn: '100', share: '111' }],
  ] as const)('%s', (_, text, expected) => {
    for (const rule of ['chains', 'claims', 'inTurn', 'share'] as const) {
      expect([rule, goes(rule, text)]).toEqual([rule, expected[rule]])
    }
  })
})

const side = 4
const scene = fc.uniqueArray(fc.nat(side * side - 1), { minLength: 1, maxLength: 7 }).chain(cells =>
  fc.tuple(...cells.map(() => fc.nat(4))).map(moves =>
    cells.map((from, i): Wish => {
      const [row, column] = [Math.floor(from / side), from % side]
      const [down, right] = [
        [0, 0],
        [-1, 0],
        [1, 0],
        [0, -1],
        [0, 1],
      ][moves[i]!]! as [number, number]
      const inside = row + down >= 0 && row + down < side && column + right >= 0 && column + right < side
      return { from, to: inside ? from + side * down + right : from }
    }),
  ),
)

describe('chains', () => {
  it('are the longest ones to every free cell, and rings of three or more', () => {
    const same = fc.property(scene, all => {
      expect([...settle('chains', all, side * side)]).toEqual(plainChains(all))
    })
    fc.assert(same, { numRuns: 500 })
  })

  it('leave nobody in the same cell, and let no two change places', () => {
    fc.assert(
      fc.property(scene, all => {
        const went = settle('chains', all, side * side)
        const ends = all.map(({ from, to }, i) => (went[i] === 1 ? to : from))
        expect(new Set(ends).size).toBe(all.length)
        all.forEach(({ from }, i) => {
          const other = all.findIndex(it => it.from === ends[i])
          if (other !== -1 && other !== i) expect(ends[other]).not.toBe(from)
        })
      }),
    )
  })

  it('come to an end where several stand in one cell', () => {
    expect([...settle('chains', wishes('0>1 0>3 1>0'), 9)]).toHaveLength(3)
  })
})

/** Every sequence of agents that follow one another is tried; nothing is clever here. */
function plainChains(all: readonly Wish[]): number[] {
  const goes = all.map(({ from, to }) => (from === to ? 1 : 0))
  const behind = (cell: number, chain: number[]): number[][] => {
    const next = all.flatMap(({ from, to }, i) => (to === cell && from !== to && !chain.includes(i) ? [i] : []))
    return [chain, ...next.flatMap(i => behind(all[i]!.from, [...chain, i]))]
  }
  const isFree = (cell: number) => all.every(({ from }) => from !== cell)
  for (const end of new Set(all.map(({ to }) => to))) {
    if (!isFree(end)) continue
    const chains = behind(end, []).filter(chain => chain.length > 0)
    // The longest; of equal ones the lowest numbers, from the head on.
    chains.sort((a, b) => b.length - a.length || a.map((n, i) => n - b[i]!).find(difference => difference !== 0)! || 0)
    for (const i of chains[0]!) goes[i] = 1
  }
  all.forEach((_, start) => {
    const ring = [start]
    for (let at = all[start]!; ; at = all[ring.at(-1)!]!) {
      const next = all.findIndex(({ from }) => from === at.to)
      if (next === -1 || all[next]!.from === all[next]!.to) return
      if (next === start) break
      if (ring.includes(next)) return
      ring.push(next)
    }
    if (ring.length >= 3) goes[start] = 1
  })
  return goes
}
