// The small arithmetic behind forms, charts and hands.
import { describe, expect, it } from 'vitest'
import { partsOf } from '../../viewer/agents/action-parts.ts'
import { allowedWish } from '../../viewer/agents/allowed.ts'
import { Inspections } from '../../viewer/agents/inspections.ts'
import { directionOf } from '../../viewer/agents/steering.ts'
import { groupsOf } from '../../viewer/charts/metric-groups.ts'
import { readOption } from '../../viewer/control/option-values.ts'

describe('an action row', () => {
  const move = { name: 'move', kind: 'choice', size: 5, soft: false } as const
  const say = { name: 'say', kind: 'choice', size: 3, soft: false } as const
  it('has names by its rules', () => {
    expect(partsOf([move, say], 'mpe2').map(({ names, offset }) => [offset, names.join('')])).toEqual([
      [0, 'stay\u2190\u2192\u2193\u2191'],
      [5, 'abc'],
    ])
    expect(partsOf([{ ...move, soft: true }], 'mpe2')[0]!.names[1]).toBe('\u2192')
    const box = { name: 'move', kind: 'box', size: 5, low: 0, high: 1 } as const
    expect(partsOf([box], 'openai')[0]).toMatchObject({
      low: 0,
      high: 1,
      names: ['stay', '\u2192', '\u2190', '\u2191', '\u2193'],
    })
  })
})

describe('held keys', () => {
  it('are one direction, and cancel out', () => {
    expect(directionOf(new Set(['w', 'ArrowRight']))).toEqual([1, 1])
    expect(directionOf(new Set(['ArrowLeft', 'd', 's']))).toEqual([0, -1])
    expect(directionOf(new Set())).toEqual([0, 0])
  })
})

describe('a wish', () => {
  const move = { name: 'move', kind: 'choice', size: 5, soft: false } as const
  const say = { name: 'say', kind: 'choice', size: 3, soft: false } as const
  const none = (...forbidden: number[]) => new Uint8Array(8).fill(1).map((one, i) => (forbidden.includes(i) ? 0 : one))
  it('stays as it is where everything is allowed, and where nothing is known', () => {
    for (const mask of [undefined, none()]) {
      const wish = { move: [1, -1], say: 2 } as const
      expect(allowedWish([move, say], 'mpe2', mask, wish)).toEqual({ wish, forbidden: [] })
    }
  })
  it('loses the directions and words that are forbidden, by the names of the rules or of the game', () => {
    const wish = { move: [1, 1], say: 2 } as const
    expect(allowedWish([move, say], 'mpe2', none(2, 7), wish)).toEqual({
      wish: { move: [0, 1], say: null },
      forbidden: ['\u2192', 'c'],
    })
    const soft = { ...move, soft: true }
    expect(allowedWish([soft, say], 'openai', none(2), wish)).toEqual({ wish, forbidden: [] })
    expect(allowedWish([soft, say], 'openai', none(3), wish).wish.move).toEqual([1, 0])
    const named = { ...move, names: ['wait', 'North', 'south', 'West', 'east'] }
    expect(allowedWish([named], undefined, none(1), { move: [0, 1], say: null }).forbidden).toEqual(['North'])
    expect(allowedWish([named], undefined, none(3), { move: [-1, 1], say: null }).wish.move).toEqual([0, 1])
  })
  it('names an alternative where a game has one choice', () => {
    const cell = { name: 'cell', kind: 'choice', size: 8, soft: false } as const
    expect(allowedWish([cell], undefined, none(4), { move: [0, 0], say: 4 })).toEqual({
      wish: { move: [0, 0], say: null },
      forbidden: ['4'],
    })
  })
})

describe('figures', () => {
  it('are grouped by what they measure; returns, times and counters have their own places', () => {
    const keys = [
      'episodes',
      'criticLoss/agent_0',
      'criticLoss/agent_1',
      'return/agent_0',
      'time/seconds',
      'temperature',
    ]
    expect(groupsOf(keys)).toEqual([
      {
        id: 'criticLoss',
        title: 'critic loss',
        meaning: 'Loss of the critic, or of the values of actions (vdn, qmix, facmac: of what they make together).',
        lines: [
          { name: 'agent_0', key: 'criticLoss/agent_0' },
          { name: 'agent_1', key: 'criticLoss/agent_1' },
        ],
      },
      { id: 'temperature', title: 'temperature', meaning: null, lines: [{ name: 'temperature', key: 'temperature' }] },
    ])
    expect(groupsOf(['approximateKl/agent', 'toString/agent']).map(({ title, meaning }) => [title, meaning])).toEqual([
      ['approximate KL', expect.stringMatching(/^Divergence .*\.$/)],
      ['to string', null],
    ])
    // Of actors, after what is learnt.
    expect(groupsOf(['lag/mean', 'lag/max', 'entropy/agent']).map(({ id }) => id)).toEqual(['entropy', 'lag'])
  })
})

describe('what is written into a form', () => {
  it.each([
    ['count', ' 3 ', 3],
    ['optionalNumber', '', null],
    ['flag', 'true', true],
    ['flag', 'false', false],
    ['choice', 'mpe2', 'mpe2'],
    ['numbers', '1, 2 3', [1, 2, 3]],
    ['numbers', '', []],
  ] as const)('%s %j', (kind, text, value) => {
    expect(readOption({ kind }, text)).toEqual(value)
  })
})

describe('inspections', () => {
  const inspection = (number: number, value: number | null = number) => ({
    number,
    agent: 1,
    value,
    observation: new Float32Array(0),
    action: new Float32Array(0),
    probabilities: new Float32Array(0),
    rewardParts: {},
    sees: new Uint8Array(0),
  })
  it('are of one agent, found by the moment, and bounded', () => {
    const inspections = new Inspections(1)
    expect(inspections.add({ ...inspection(1), agent: 0 })).toBe(false)
    for (let number = 0; number < 10_000; number += 2) inspections.add(inspection(number, number % 4 === 0 ? null : 1))
    expect(inspections.at(9001)?.number).toBe(9000)
    expect([inspections.at(3), inspections.at(20_000)]).toEqual([null, null])
    expect(inspections.values(9000, 9008).map(({ number }) => number)).toEqual([9002, 9006])
  })

  it('begin anew where a recording was rewound', () => {
    const inspections = new Inspections(1)
    for (const number of [5, 6, 7, 6]) inspections.add(inspection(number))
    expect(inspections.values(0, 10).map(({ number }) => number)).toEqual([5, 6])
  })
})
