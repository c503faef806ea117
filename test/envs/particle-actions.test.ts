// Action rows: what they mean under each version of the rules, and what is refused.
import { expect, it } from 'vitest'
import { Agent } from '../../src/envs/entity.ts'
import { ActionReader, ActionWriter, particleActionSpace } from '../../src/envs/particle-actions.ts'
import type { Rules } from '../../src/envs/physics.ts'
import type { Matrix } from '../../src/types.ts'

const mover = { id: 'agent_1' }
const leader = { id: 'leader_0', speaks: true }
const speaker = { id: 'speaker_0', speaks: true, moves: false }
const channels = 2
const row = (...numbers: number[]): Matrix => ({ rows: 1, columns: numbers.length, data: Float32Array.from(numbers) })

function read(definition: { id: string }, rules: Rules, continuous: boolean, ...numbers: number[]): Agent {
  const agent = new Agent(definition, 0, channels)
  new ActionReader('simple_spread', agent, rules, continuous).read(row(...numbers), 0)
  return agent
}

it.each<[Rules, number, number, number]>([
  ['mpe2', 0, 0, 0],
  ['mpe2', 1, -1, 0],
  ['mpe2', 2, 1, 0],
  ['mpe2', 3, 0, -1],
  ['mpe2', 4, 0, 1],
  ['openai', 1, 1, 0],
  ['openai', 2, -1, 0],
  ['openai', 3, 0, 1],
  ['openai', 4, 0, -1],
])('%s: move %i is (%i, %i)', (rules, move, x, y) => {
  const oneHot = [0, 0, 0, 0, 0].map((_, k) => (k === move ? 1 : 0))
  expect(read(mover, rules, false, ...oneHot).thrust).toMatchObject({ x, y })
})

it('clips boxes and subtracts in float32', () => {
  expect(read(mover, 'mpe2', true, 9, -1, 2, 0.25, 0.5).thrust).toMatchObject({ x: 1, y: 0.25 })
  const { thrust } = read(mover, 'mpe2', true, 0, 0.1, 0.7, 0, 0)
  expect(thrust.x).toBe(Math.fround(Math.fround(0.7) - Math.fround(0.1)))
})

it('uses soft rows linearly, whatever they sum to', () => {
  expect(read(mover, 'openai', false, 0.5, 0.75, 0.25, 2, 0).thrust).toMatchObject({ x: 0.5, y: 2 })
})

it('reads utterances after moves, or alone', () => {
  expect([...read(leader, 'mpe2', false, 1, 0, 0, 0, 0, 0, 1).speech]).toEqual([0, 1])
  expect([...read(speaker, 'mpe2', true, 1.5, 0.25).speech]).toEqual([1, 0.25])
  expect([...read(speaker, 'openai', false, 0.5, 0.25).speech]).toEqual([0.5, 0.25])
})

it.each<[string, { id: string }, Rules, boolean, number[], string]>([
  ['two moves', mover, 'mpe2', false, [1, 1, 0, 0, 0], 'agent_1 must be one-hot over 5 moves, got [1, 1, 0, 0, 0]'],
  ['no move', mover, 'mpe2', false, [0, 0, 0, 0, 0], 'agent_1 must be one-hot over 5 moves, got [0, 0, 0, 0, 0]'],
  [
    'a fraction',
    mover,
    'mpe2',
    false,
    [0.5, 0.5, 0, 0, 0],
    'agent_1 must be one-hot over 5 moves, got [0.5, 0.5, 0, 0, 0]',
  ],
  ['a wrong sum', mover, 'mpe2', false, [2, -1, 0, 0, 0], 'agent_1 must be one-hot over 5 moves, got [2, -1, 0, 0, 0]'],
  ['one more', mover, 'mpe2', false, [1, 0.5, 0, 0, 0], 'agent_1 must be one-hot over 5 moves'],
  ['two words', leader, 'mpe2', false, [1, 0, 0, 0, 0, 1, 1], 'leader_0 must be one-hot over 2 utterances, got [1, 1]'],
  ['NaN', mover, 'mpe2', false, [Number.NaN, 1, 0, 0, 0], 'agent_1 must be finite, got [NaN, 1, 0, 0, 0]'],
  ['NaN in a box', mover, 'mpe2', true, [Number.NaN, 1, 0, 0, 0], 'agent_1 must be finite'],
  [
    'infinity in a box',
    speaker,
    'mpe2',
    true,
    [Number.POSITIVE_INFINITY, 0],
    'speaker_0 must be finite, got [Infinity, 0]',
  ],
  ['NaN in a soft row', mover, 'openai', false, [0, 0, 0, Number.NaN, 0], 'agent_1 must be finite'],
  ['infinities that cancel', mover, 'openai', false, [0, 1 / 0, -1 / 0, 0, 0], 'agent_1 must be finite'],
  [
    'four numbers',
    mover,
    'mpe2',
    false,
    [1, 0, 0, 0],
    'agent_1 must be a row of 5 numbers, got row 0 of 1 rows of 4 numbers',
  ],
])('refuses %s', (_, definition, rules, continuous, numbers, message) => {
  expect(() => read(definition, rules, continuous, ...numbers)).toThrow(TypeError)
  expect(() => read(definition, rules, continuous, ...numbers)).toThrow(`simple_spread: action of ${message}`)
})

it('refuses a missing matrix and a row beyond its end', () => {
  const reader = new ActionReader('simple_spread', new Agent(mover, 0, 0), 'mpe2', false)
  expect(() => reader.read(undefined, 0)).toThrow('action of agent_1 must be a row of 5 numbers, got none')
  expect(() => reader.read(row(1, 0, 0, 0, 0), 1)).toThrow('got row 1 of 1 rows of 5 numbers')
})

it('tells the action space by rules and kind', () => {
  const agent = new Agent(leader, 0, channels)
  expect(particleActionSpace(agent, 'mpe2', false)).toEqual([
    { name: 'move', kind: 'choice', size: 5, soft: false },
    { name: 'say', kind: 'choice', size: 2, soft: false },
  ])
  expect(particleActionSpace(agent, 'openai', false)[0]).toMatchObject({ soft: true })
  expect(particleActionSpace(new Agent(speaker, 0, channels), 'mpe2', true)).toEqual([
    { name: 'say', kind: 'box', size: 2, low: 0, high: 1 },
  ])
})

it.each<[Rules, boolean]>([
  ['mpe2', false],
  ['mpe2', true],
  ['openai', false],
])('a controller means the same direction under %s, continuous %s', (rules, continuous) => {
  const agent = new Agent(leader, 0, channels)
  const writer = new ActionWriter(agent, rules, continuous)
  const reader = new ActionReader('example', agent, rules, continuous)
  const actions: Matrix = { rows: 2, columns: 7, data: new Float32Array(14) }
  for (const [x, y] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
    [0, 0],
  ] as const) {
    writer.begin(actions, 1)
    writer.move(x, y)
    writer.say(1)
    reader.read(actions, 1)
    expect(agent.thrust).toMatchObject({ x, y })
    expect([...agent.speech]).toEqual([0, 1])
  }
  expect([...actions.data.subarray(0, 7)]).toEqual([0, 0, 0, 0, 0, 0, 0])
})

it('a soft controller writes probabilities', () => {
  const actions = row(0, 0, 0, 0, 0)
  const writer = new ActionWriter(new Agent(mover, 0, 0), 'openai', false)
  writer.begin(actions, 0)
  writer.move(0.25, -0.5)
  expect([...actions.data]).toEqual([0.25, 0.25, 0, 0, 0.5])
  writer.move(30, -10)
  expect([...actions.data]).toEqual([0, 0.75, 0, 0, 0.25])
})
