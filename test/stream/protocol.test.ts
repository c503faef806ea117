import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Command, PROTOCOL, parseCommand, parseServerMessage } from '../../src/stream/protocol.ts'
import { knowingSchema, tinySchema, tinyState } from './tiny-stream.ts'

const command: fc.Arbitrary<Command> = fc.oneof(
  fc.constantFrom<Command>(
    { type: 'pause' },
    { type: 'resume' },
    { type: 'step' },
    { type: 'pauseTraining' },
    { type: 'resumeTraining' },
  ),
  fc.double({ min: 0.125, max: 64, noNaN: true }).map(speed => ({ type: 'speed', speed }) as const),
)

const schema = tinySchema()
const welcome = { type: 'welcome', protocol: PROTOCOL, state: tinyState(schema), schema }

function sentenceOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true)
    return (error as Error).message
  }
  return ''
}

describe('a command', () => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(command, it => {
        expect(parseCommand(JSON.stringify(it))).toEqual(it)
      }),
    )
  })

  it('is a command or a sentence, whatever the text', () => {
    const text = fc.oneof(
      fc.string(),
      fc.json(),
      fc.record({ type: fc.constantFrom('speed', 'pause'), speed: fc.anything() }).map(it => JSON.stringify(it)),
    )
    fc.assert(
      fc.property(text, it => {
        const sentence = sentenceOf(() => expect(parseCommand(it).type).toBeTypeOf('string'))
        expect(sentence.length).toBeLessThan(250)
      }),
    )
  })

  it.each([
    ['{', 'a command must be JSON, got "{"'],
    ['null', 'a command must be an object, got null'],
    ['[]', 'a command must be an object, got []'],
    ['{}', "a command's type must be pause, resume"],
    ['{"type":"__proto__"}', 'got "__proto__"'],
    ['{"type":"pause","now":true}', 'command \'pause\' has type only, got also "now"'],
    ['{"type":"speed"}', "command 'speed': speed must be a finite number, got undefined"],
    ['{"type":"speed","speed":1e999}', 'must be a finite number, got null'],
    ['{"type":"speed","speed":"2"}', 'must be a finite number, got "2"'],
    ['{"type":"speed","speed":0.05}', 'speed must be in 0.125 ... 64, got 0.05'],
    ['{"type":"speed","speed":65}', 'speed must be in 0.125 ... 64, got 65'],
  ])('is refused: %s', (text, sentence) => {
    expect(sentenceOf(() => parseCommand(text))).toContain(sentence)
  })
})

describe('what the server says', () => {
  it.each([
    welcome,
    { ...welcome, schema: knowingSchema() },
    { type: 'patches', patches: [{ op: 'replace', path: ['curve', 'returns', 0], value: [1] }] },
    { type: 'refused', message: 'no' },
    { type: 'bye', message: 'done' },
  ])('comes back as it went: $type', message => {
    expect(parseServerMessage(JSON.stringify(message))).toEqual(message)
  })

  it('is a message or a sentence, whatever the text', () => {
    const type = fc.constantFrom('welcome', 'patches', 'refused', 'bye')
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
    ['half a colour', { entities: [{ ...schema.entities[0], color: [1, 0] }] }, 'entities[0].color must have 3'],
  ])('with a schema that cannot be drawn is refused: %s', (_name, change, sentence) => {
    const text = JSON.stringify({ ...welcome, schema: { ...schema, ...change } })
    expect(sentenceOf(() => parseServerMessage(text))).toContain(sentence)
  })
})
