// What critics see: the order of the columns, and whose action is replaced.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type CriticView, createCriticInput } from '../../src/learning/critic-input.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import type { AgentSpec, Matrix } from '../../src/types.ts'
import { agentsOf } from '../support/joint-steps.ts'

describe('the input of a critic', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  // Observations of 3, 1 and 2 numbers; actions of 2, 4 and 3.
  const agents: readonly AgentSpec[] = [3, 1, 2].map((size, i) => ({
    ...agentsOf([size])[0]!,
    id: `agent_${i}`,
    actionSpace: [{ name: 'move', kind: 'choice', size: [2, 4, 3][i]!, soft: true }],
  }))
  const matrix = (...rows: number[][]): Matrix => {
    const made = backend.matrix(rows.length, rows[0]!.length)
    made.data.set(rows.flat())
    return made
  }
  const observations = () => [matrix([1, 2, 3], [101, 102, 103]), matrix([4], [104]), matrix([5, 6], [105, 106])]
  const actions = () => [
    matrix([11, 12], [111, 112]),
    matrix([13, 14, 15, 16], [113, 114, 115, 116]),
    matrix([17, 18, 19], [117, 118, 119]),
  ]
  const inputOf = (view: CriticView, index = 1) => createCriticInput({ backend, agents, index }, view, 2)
  const rowsOf = ({ data, columns }: Matrix) => [[...data.subarray(0, columns)], [...data.subarray(columns)]]

  it('that is centralised: all observations, then all actions, in agent order', () => {
    const input = inputOf('joint')
    expect(input.size).toBe(6 + 9)
    const first = [1, 2, 3, 4, 5, 6, 11, 12, 13, 14, 15, 16, 17, 18, 19]
    expect(rowsOf(input.of({ observations: observations() }, agent => actions()[agent]!))).toEqual([
      first,
      first.map(x => x + 100),
    ])
  })

  it('that is local: the own observation, then the own action', () => {
    const input = inputOf('local')
    expect(input.size).toBe(5)
    expect(rowsOf(input.of({ observations: observations() }, agent => actions()[agent]!))).toEqual([
      [4, 13, 14, 15, 16],
      [104, 113, 114, 115, 116],
    ])
  })

  it.each([
    { own: 0, joint: { from: 6, to: 8 }, local: { from: 3, to: 5 } },
    { own: 1, joint: { from: 8, to: 12 }, local: { from: 1, to: 5 } },
    { own: 2, joint: { from: 12, to: 15 }, local: { from: 2, to: 5 } },
  ])('knows where the action of agent $own stands', ({ own, joint, local }) => {
    expect(inputOf('joint', own).ownAction).toEqual(joint)
    expect(inputOf('local', own).ownAction).toEqual(local)
  })

  it('knows where the others’ actions stand, and which of them it does not see', () => {
    const [joint, local] = (['joint', 'local'] as const).map(view => inputOf(view).actionColumns)
    expect([0, 1, 2].map(joint!)).toEqual([
      { from: 6, to: 8 },
      { from: 8, to: 12 },
      { from: 12, to: 15 },
    ])
    expect([0, 1, 2].map(local!)).toEqual([null, { from: 1, to: 5 }, null])
  })

  it.each(['joint', 'local'] as const)('ends with the number of an agent that shares its critic (%o)', view => {
    const plain = inputOf(view)
    const shared = createCriticInput({ backend, agents, index: 1, identity: { position: 2, members: 3 } }, view, 2)
    expect(shared.size).toBe(plain.size + 3)
    expect(shared.ownAction).toEqual(plain.ownAction)
    const before = rowsOf(plain.of({ observations: observations() }, agent => actions()[agent]!))
    for (let call = 0; call < 2; call++) {
      const after = rowsOf(shared.of({ observations: observations() }, agent => actions()[agent]!))
      expect(after).toEqual(before.map(row => [...row, 0, 0, 1]))
    }
    const [first] = rowsOf(
      shared.withOwnAction(
        shared.of({ observations: observations() }, agent => actions()[agent]!),
        actions()[1]!,
      ),
    )
    expect(first!.slice(-3)).toEqual([0, 0, 1])
  })

  it('takes another own action and leaves the others as they were', () => {
    const input = inputOf('joint')
    const joined = input.of({ observations: observations() }, agent => actions()[agent]!)
    const changed = rowsOf(input.withOwnAction(joined, matrix([-1, -2, -3, -4], [-5, -6, -7, -8])))
    expect(changed[0]).toEqual([1, 2, 3, 4, 5, 6, 11, 12, -1, -2, -3, -4, 17, 18, 19])
    expect(changed[1]!.slice(8, 12)).toEqual([-5, -6, -7, -8])
  })

  describe('where agents may be absent', () => {
    const comingAndGoing = agents.map(agent => ({ ...agent, mayBeAbsent: true }))
    const present = () => matrix([1, 0, 1], [0, 1, 1])
    const stateParts = [
      { name: 'positions', size: 2 },
      { name: 'key', size: 1 },
    ]
    const state = () => matrix([21, 22, 23], [121, 122, 123])

    it('ends with a flag for each agent, before who asks', () => {
      const identity = { position: 1, members: 2 }
      const input = createCriticInput({ backend, agents: comingAndGoing, index: 1, identity }, 'joint', 2)
      expect(input.size).toBe(6 + 9 + 3 + 2)
      const rows = rowsOf(input.of({ observations: observations(), present: present() }, agent => actions()[agent]!))
      expect(rows.map(row => row.slice(-5))).toEqual([
        [1, 0, 1, 0, 1],
        [0, 1, 1, 0, 1],
      ])
      expect(input.ownAction).toEqual(inputOf('joint').ownAction)
    })

    it('has no flags for a critic that sees its own agent alone', () => {
      expect(createCriticInput({ backend, agents: comingAndGoing, index: 1 }, 'local', 2).size).toBe(5)
    })

    it('needs to be told who is present', () => {
      const input = createCriticInput({ backend, agents: comingAndGoing, index: 1 }, 'joint', 2)
      expect(() => input.of({ observations: observations() }, agent => actions()[agent]!)).toThrow(
        'critic: expected rows that say who is present, got none',
      )
    })

    it('may see the state of the world in place of all observations', () => {
      const moment = { observations: observations(), state: state(), present: present() }
      const plain = createCriticInput({ backend, agents, index: 1, stateParts }, 'state', 2)
      expect(rowsOf(plain.of(moment, agent => actions()[agent]!))[0]).toEqual([
        ...[21, 22, 23],
        ...[11, 12, 13, 14, 15, 16, 17, 18, 19],
      ])
      expect(plain.ownAction).toEqual({ from: 5, to: 9 })
      const flagged = createCriticInput({ backend, agents: comingAndGoing, index: 2, stateParts }, 'state', 2)
      expect(rowsOf(flagged.of(moment, agent => actions()[agent]!))[1]).toEqual([
        ...[121, 122, 123],
        ...[111, 112, 113, 114, 115, 116, 117, 118, 119],
        ...[0, 1, 1],
      ])
    })
  })

  it('refuses the state of a game that has none', () => {
    expect(() => inputOf('state')).toThrow(
      /^learner\.critic: expected joint, local or set, got state: the game says nothing of the world's own state; give it stateParts/,
    )
  })
})
