import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PROTOCOL } from '../../src/stream/protocol.ts'
import { parseServerMessage } from '../../src/stream/read-message.ts'
import { gridSchema, knowingSchema, sentenceOf, tinySchema, tinyState, tinyWelcome } from './tiny-stream.ts'

const schema = tinySchema()
const welcome = tinyWelcome(schema, tinyState(schema))

describe('what the server says', () => {
  it.each([
    welcome,
    { ...welcome, schema: knowingSchema(), history: { first: 3, last: 90 }, resumed: true },
    { ...welcome, schema: gridSchema() },
    { type: 'patches', sequence: 12, patches: [{ op: 'replace', path: ['curve', 'returns', 0], value: [1] }] },
    { type: 'done', id: 7 },
    { type: 'refused', message: 'no' },
    { type: 'refused', id: 7, message: 'no' },
    { type: 'bye', message: 'done' },
  ])('comes back as it went: $type', message => {
    expect(parseServerMessage(JSON.stringify(message))).toEqual(message)
  })

  it('is a message or a sentence, whatever the text', () => {
    const type = fc.constantFrom('welcome', 'patches', 'done', 'refused', 'bye')
    const state = fc.oneof(fc.constant(welcome.state), fc.anything())
    const anything = fc.record({
      type,
      protocol: fc.constant(PROTOCOL),
      state,
      schema: fc.anything(),
      patches: fc.anything(),
      message: fc.anything(),
    })
    const text = fc.oneof(
      fc.json(),
      anything.map(it => JSON.stringify(it)),
    )
    fc.assert(fc.property(text, it => void sentenceOf(() => expect(parseServerMessage(it).type).toBeTypeOf('string'))))
  })

  it('of another version asks for a reload', () => {
    const text = JSON.stringify({ ...welcome, protocol: PROTOCOL + 1 })
    expect(sentenceOf(() => parseServerMessage(text))).toContain('reload the page')
  })

  it.each([
    ['an unknown kind', { kind: 'voxels' }, 'schema.kind must be particles'],
    ['no extent', { extent: 0 }, 'schema.extent must be above 0'],
    ['a field outside the row', { fields: [{ name: 'position', offset: 4, size: schema.size }] }, 'fields[0] must end'],
    ['a negative offset', { fields: [{ name: 'position', offset: -2, size: 2 }] }, 'fields[0].offset must be a whole'],
    ['an entity of no kind', { entities: [{ ...schema.entities[0], kind: 'wall' }] }, 'entities[0].kind must be'],
    ['an arena of no size', { arena: { half: 0, edge: 'wall' } }, 'schema.arena.half must be above 0, got 0'],
    [
      'an unknown edge',
      { arena: { half: 1, edge: 'cliff' } },
      'schema.arena.edge must be none, wall or wrap, got "cliff"',
    ],
    ['a wall of one end', { walls: [{ from: [0, 0] }] }, 'schema.walls[0].to must be a list, got undefined'],
    ['a flat box', { walls: [{ low: [0, 0], high: [1] }] }, 'schema.walls[0].high must have 2 numbers, got 1'],
    ['a wall of words', { walls: [{ from: [0, 'a'], to: [1, 1] }] }, 'schema.walls[0].from must be a finite number'],
    ['a grid without cells', { kind: 'grid' }, 'schema.grid must be an object'],
    [
      'a wall outside of the grid',
      { kind: 'grid', grid: { rows: 2, columns: 2, walls: [4], marks: [] } },
      'schema.grid.walls must be below 4, got 4',
    ],
    [
      'a mark without a name',
      { kind: 'grid', grid: { rows: 2, columns: 2, walls: [], marks: [{ cells: [] }] } },
      'schema.grid.marks[0].name must be',
    ],
    ['a thing of no form', { entities: [{ ...schema.entities[0], form: 'blob' }] }, 'entities[0].form must be diamond'],
    [
      'a shape of another size',
      { agents: [{ ...schema.agents[0], observationParts: [{ name: 'view', size: 4, shape: [2, 3] }] }] },
      'observationParts[0].shape must have 4 numbers, has 6',
    ],
    ['half a colour', { entities: [{ ...schema.entities[0], color: [1, 0] }] }, 'entities[0].color must have 3'],
  ])('with a schema that cannot be drawn is refused: %s', (_name, change, sentence) => {
    const text = JSON.stringify({ ...welcome, schema: { ...schema, ...change } })
    expect(sentenceOf(() => parseServerMessage(text))).toContain(sentence)
  })
})
