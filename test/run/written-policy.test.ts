// Policies written by hand: what they are given, how their answers become actions, and what is said of wrong ones.
import { describe, expect, it } from 'vitest'
import {
  type ActingAgent,
  createWrittenPolicy,
  definePolicy,
  type PolicySeat,
  type Sight,
} from '../../src/run/written-policy.ts'
import { ratio } from '../../src/settings/option.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { AgentSpec } from '../../src/types.ts'

const move = (soft: boolean): ActionSpace => [{ name: 'move', kind: 'choice', size: 5, soft }]
const boxes: ActionSpace = [
  { name: 'grip', kind: 'choice', size: 3, soft: false },
  { name: 'turn', kind: 'box', size: 2, low: -1, high: 1 },
]

const spec = (actionSpace: ActionSpace): AgentSpec => ({
  id: 'agent_0',
  team: 'agent',
  observationSize: 5,
  observationParts: [
    { name: 'others', size: 2 },
    { name: 'goal', size: 2 },
    { name: 'others', size: 1 },
  ],
  actionSpace,
})

/** Acts once in so many games; all rows of actions. */
function actions(space: ActionSpace, act: ActingAgent['act'], games = 1): number[] {
  const policy = policyOf(space, () => ({ act }))
  return asked(policy, space, games)
}

function policyOf(space: ActionSpace, create: (seat: PolicySeat<{ calm: number }>) => ActingAgent, seed = 1) {
  const policy = definePolicy({ id: 'mine', description: '', options: { calm: ratio(0.5, '') }, create })
  return createWrittenPolicy({ policy, settings: { calm: 0.25 } }, [spec(space)], 0, [seed, 'test'])
}

function asked(
  policy: ReturnType<typeof policyOf>,
  space: ActionSpace,
  games = 1,
  allowed?: readonly number[],
): number[] {
  const columns = space.reduce((sum, { size }) => sum + size, 0)
  const data = new Float32Array(games * columns).fill(9)
  const mask = { rows: games, columns, data: Float32Array.from(allowed ?? []) }
  const seen = { rows: games, columns: 5, data: Float32Array.from({ length: 5 * games }, (_, i) => i) }
  policy.act({
    observations: allowed === undefined ? seen : { ...seen, mask },
    restarted: new Uint8Array(games),
    explore: true,
    actions: { rows: games, columns, data },
    extras: [],
  })
  return [...data]
}

describe('a policy written by hand', () => {
  it('sees what its agent sees, whole and by name, game by game', () => {
    const seen: number[][] = []
    const look = ({ observation, part }: Sight) =>
      void seen.push([...observation], [...part('goal')], [...part('others')])
    actions(move(false), look, 2)
    expect(seen).toEqual([
      [0, 1, 2, 3, 4],
      [2, 3],
      [0, 1, 4],
      [5, 6, 7, 8, 9],
      [7, 8],
      [5, 6, 9],
    ])
  })

  it('moves as a scripted controller does, under all rules', () => {
    const right = ({ act }: Sight) => act.move(1, 0)
    expect(actions(move(false), right)).toEqual([0, 0, 1, 0, 0])
    // The original worlds count the moves differently, and take probabilities.
    expect(actions(move(true), right)).toEqual([0, 1, 0, 0, 0])
    const box: ActionSpace = [{ name: 'move', kind: 'box', size: 5, low: 0, high: 1 }]
    expect(actions(box, right)).toEqual([0, 0, 1, 0, 0])
  })

  it('answers by numbers, by names, or not at all', () => {
    expect(actions(boxes, () => [0, 1, 0, 0.5, -0.5])).toEqual([0, 1, 0, 0.5, -0.5])
    expect(actions(boxes, () => ({ grip: 2, turn: [1, -1] }))).toEqual([0, 0, 1, 1, -1])
    expect(actions(boxes, () => ({ turn: [0.25, 0] }))).toEqual([1, 0, 0, 0.25, 0])
    expect(actions(boxes, () => {})).toEqual([1, 0, 0, 0, 0])
  })

  it.each<[string, ActingAgent['act'], RegExp]>([
    ['too few numbers', () => [1], /act of agent_0 must give 5 numbers for an action, got 1/],
    ['no number', () => [0, 1, 0, Number.NaN, 0], /must give finite numbers for an action, got 0, 1, 0, NaN, 0/],
    ['an unknown part', () => ({ girp: 1 }), /unknown part 'girp'; did you mean 'grip'/],
    ['no such alternative', () => ({ grip: 3 }), /part 'grip' an alternative from 0 to 2, got 3/],
    ['a number for two', () => ({ turn: 1 }), /part 'turn' 2 numbers, got 1/],
    [
      'an unknown piece',
      ({ part }) => void part('gaol'),
      /act of agent_0 threw TypeError: unknown part of the observation 'gaol'; did you mean 'goal'/,
    ],
    ['moving elsewhere', ({ act }) => act.move(1, 0), /only agents of particle worlds can/],
  ])('is told what is wrong: %s', (_, act, message) => {
    expect(() => actions(boxes, act)).toThrow(message)
  })

  it('has chance of its own by seed and game, and goes on where it was saved', () => {
    const create = ({ random, options, index, agents }: PolicySeat<{ calm: number }>): ActingAgent => {
      let steps = 0
      return {
        act: () => {
          steps++
          return { turn: [random.uniform() * options.calm, steps + index + agents.length] }
        },
        save: () => steps,
        restore(saved) {
          steps = saved as number
        },
      }
    }
    const policy = policyOf(boxes, create)
    const first = asked(policy, boxes, 2)
    expect(first[3]).not.toBe(first[8])
    expect(asked(policyOf(boxes, create), boxes, 2)).toEqual(first)
    expect(asked(policyOf(boxes, create, 2), boxes, 2)).not.toEqual(first)
    const again = policyOf(boxes, create)
    again.restore(policy.save())
    expect(asked(again, boxes, 2)).toEqual(asked(policy, boxes, 2))
  })
})

describe('a policy under an action mask', () => {
  const mask = [0, 1, 0, 1, 1]
  const masked = (space: ActionSpace, act: ActingAgent['act'], allowed = mask, games = 1) =>
    asked(
      policyOf(space, () => ({ act })),
      space,
      games,
      allowed,
    )

  it('is told what is allowed, game by game; everything where there is no mask', () => {
    const seen: unknown[] = []
    const look = ({ mask, allowed }: Sight) => void seen.push([...mask], allowed('move'))
    masked(move(false), look, [...mask, 1, 0, 0, 0, 0], 2)
    actions(move(false), look)
    expect(seen).toEqual([mask, [1, 3, 4], [1, 0, 0, 0, 0], [0], [1, 1, 1, 1, 1], [0, 1, 2, 3, 4]])
    expect(() => actions(boxes, ({ allowed }) => void allowed('turn'))).toThrow(
      /unknown choice of the action 'turn'.*grip/,
    )
  })

  it('does the first thing that is allowed where it says nothing, and leaves out nothing else', () => {
    expect(masked(move(false), () => {})).toEqual([0, 1, 0, 0, 0])
    expect(masked(boxes, () => ({ turn: [0.5, 1] }), [0, 0, 1, 1, 1])).toEqual([0, 0, 1, 0.5, 1])
  })

  it('is refused what is forbidden, in numbers, by name and by what it moves', () => {
    const message =
      "policy mine: act of agent_0 takes alternative 2 of part 'move', which is not allowed now; allowed: 1, 3, 4"
    for (const act of [() => [0, 0, 1, 0, 0], () => ({ move: 2 }), ({ act }: Sight) => act.move(1, 0)]) {
      expect(() => masked(move(false), act)).toThrow(message)
    }
    expect(masked(move(false), ({ act }) => act.move(-1, 0))).toEqual([0, 1, 0, 0, 0])
    expect(() => masked(move(true), () => [0, 0.9, 0.1, 0, 0])).toThrow(/takes alternative 2/)
  })
})
