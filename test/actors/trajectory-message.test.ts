// The message of a trajectory: where its columns lie, and that it comes back from bytes as it was.
import { expect, it } from 'vitest'
import { decodeSaved, encodeSaved } from '../../src/actors/saved-bytes.ts'
import { createMessageLayout } from '../../src/actors/trajectory-message.ts'
import { fieldsOf } from '../../src/envs/joint-step.ts'
import { agentsIn, spaces } from '../support/tiny-roster.ts'

const agents = agentsIn(spaces.hard, ['red', 'blue'], 3)
const shape = {
  ...{ agents, games: 2, steps: 4, stateSize: 0 },
  extras: [[{ name: 'logProbability', size: 1 }], []],
}

it('has a schema by which others read it: little-endian columns [steps, games, numbers]', () => {
  const { fields, bytes } = createMessageLayout(shape)
  expect(fields.slice(0, 5)).toEqual([
    { name: 'observations/0', type: 'float32', offset: 64, shape: [4, 2, 3] },
    { name: 'observations/1', type: 'float32', offset: 160, shape: [4, 2, 3] },
    { name: 'actions/0', type: 'float32', offset: 256, shape: [4, 2, 3] },
    { name: 'actions/1', type: 'float32', offset: 352, shape: [4, 2, 3] },
    { name: 'rewards', type: 'float32', offset: 448, shape: [4, 2, 2] },
  ])
  expect(fields.map(({ name }) => name)).toContain('extras/0/logProbability')
  const last = fields.at(-1)!
  expect(last).toMatchObject({ name: 'truncated', type: 'uint8', shape: [4, 2, 1] })
  expect(bytes).toBe(4 * Math.ceil((last.offset + 8) / 4))
})

it('comes back from bytes with header, columns and state', () => {
  const layout = createMessageLayout(shape)
  const memory = layout.memoryOf(new SharedArrayBuffer(layout.bytes))
  for (const { data } of fieldsOf(memory.stepAt(2))) data.forEach((_, i) => void (data[i] = i + 1))
  const state = { noise: 7, random: Int32Array.of(1, -2), odd: [-0, Number.NaN, Number.POSITIVE_INFINITY, null, 'x'] }
  const encoded = encodeSaved(state)
  memory.label({ actor: 3, number: 70_000, version: 69_999 }, encoded.length)
  const message = layout.encode(memory, encoded)
  expect(message.length).toBe(layout.bytes + encoded.length)
  // Somewhere in a larger piece of memory, as it comes over a network.
  const found = layout.decode(Buffer.concat([Buffer.alloc(5), message]).subarray(5))
  expect(found.memory.header()).toEqual({ actor: 3, number: 70_000, version: 69_999 })
  const numbers = (of: typeof memory) => fieldsOf(of.whole).map(({ data }) => [...data])
  expect(numbers(found.memory)).toEqual(numbers(memory))
  expect(found.memory.stepAt(2).rewards.data).toEqual(Float32Array.of(1, 2, 3, 4))
  expect(found.memory.stepAt(1).rewards.data).toEqual(new Float32Array(4))
  const back = decodeSaved(found.state!) as typeof state
  expect(back).toEqual(state)
  expect(Object.is(back.odd[0], -0)).toBe(true)
})

it('is refused where it is of another layout or torn', () => {
  const layout = createMessageLayout(shape)
  const memory = layout.memoryOf(new ArrayBuffer(layout.bytes))
  memory.label({ actor: 0, number: 0, version: 0 }, 0)
  const message = layout.encode(memory, null)
  expect(layout.decode(message).state).toBeNull()
  const refusal = /^trajectory: expected a message of format 1 with 4 steps of 2 games/
  expect(() => layout.decode(message.subarray(0, message.length - 1))).toThrow(refusal)
  expect(() => layout.decode(new Uint8Array(message.length))).toThrow(refusal)
  expect(() => createMessageLayout({ ...shape, games: 3 }).decode(message)).toThrow(/with 4 steps of 3 games/)
})
