import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MOST_HISTORY } from '../../src/stream/protocol.ts'
import { idOf, isViewerRequest, parseRequest } from '../../src/stream/read-request.ts'
import { sentenceOf } from './tiny-stream.ts'

const whole = fc.maxSafeNat()
const unit = fc.double({ min: -1, max: 1, noNaN: true })
const world = fc.double({ noNaN: true, noDefaultInfinity: true })
const plainTypes = [
  'pause',
  'resume',
  'pauseTraining',
  'resumeTraining',
  'stopTraining',
  'startTraining',
  'sync',
] as const
const range = fc.tuple(fc.nat(1e9), fc.nat(MOST_HISTORY - 1)).map(([from, more]) => ({ from, to: from + more }))
const option = fc.oneof(world, fc.boolean(), fc.string({ maxLength: 200 }), fc.constant(null))
const request: fc.Arbitrary<object> = fc.oneof(
  fc.constantFrom(...plainTypes).map(type => ({ type })),
  fc.record({ type: fc.constant('step'), steps: fc.integer({ min: 1, max: 1000 }) }, { requiredKeys: ['type'] }),
  fc.record({ type: fc.constant('speed'), speed: fc.option(fc.double({ min: 0.125, max: 64, noNaN: true })) }),
  fc.record({ type: fc.constant('reset'), seed: whole }, { requiredKeys: ['type'] }),
  fc.record({
    type: fc.constant('options'),
    options: fc.dictionary(fc.constantFrom('agents', 'shape_reward'), option, { noNullPrototype: true }),
  }),
  fc.record({
    type: fc.constant('play'),
    team: fc.constant('adversary'),
    who: fc.string({ minLength: 1, maxLength: 200 }),
  }),
  fc.record({ type: fc.constantFrom('take', 'release'), agent: whole }),
  fc.record(
    { type: fc.constant('act'), agent: whole, move: fc.tuple(unit, unit), say: fc.option(whole) },
    { requiredKeys: ['type', 'agent', 'move'] },
  ),
  fc.record({ type: fc.constant('drag'), entity: whole, position: fc.tuple(world, world) }),
  fc.record({ type: fc.constant('seek'), number: whole }),
  range.map(it => ({ type: 'loop', ...it })),
  fc.constant({ type: 'loop', from: null, to: null }),
  fc.record(
    {
      type: fc.constant('subscribe'),
      rate: fc.double({ min: 1, max: 60, noNaN: true }),
      inspect: fc.uniqueArray(whole, { maxLength: 8 }),
    },
    { requiredKeys: ['type'] },
  ),
  range.map(it => ({ type: 'history', ...it })),
)

describe('a command', () => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(request, fc.option(whole, { nil: undefined }), (it, id) => {
        const sent = id === undefined ? it : { ...it, id }
        expect(parseRequest(JSON.stringify(sent))).toEqual(JSON.parse(JSON.stringify(sent)))
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
        const sentence = sentenceOf(() => expect(parseRequest(it).type).toBeTypeOf('string'))
        expect(sentence.length).toBeLessThan(400)
      }),
    )
  })

  it.each([
    ['{', 'a command must be JSON, got "{"'],
    ['null', 'a command must be an object, got null'],
    ['[]', 'a command must be an object, got []'],
    ['{}', "a command's type must be one of pause, resume"],
    ['{"type":"__proto__"}', 'got "__proto__"'],
    ['{"type":"pause","now":true}', 'command \'pause\' has type, id only, got also "now"'],
    ['{"type":"speed"}', "command 'speed': speed must be a finite number, got undefined"],
    ['{"type":"speed","speed":1e999}', 'must be a finite number, got null'],
    ['{"type":"speed","speed":"2"}', 'must be a finite number, got "2"'],
    ['{"type":"speed","speed":0.05}', 'speed must be in 0.125 ... 64, got 0.05'],
    ['{"type":"speed","speed":65}', 'speed must be in 0.125 ... 64, got 65'],
    ['{"type":"pause","id":"one"}', 'command \'pause\': id must be a whole number from 0, got "one"'],
    ['{"type":"step","steps":1001}', 'steps must be in 1 ... 1000, got 1001'],
    ['{"type":"act","agent":0,"move":[0,1.5]}', 'move must be in -1 ... 1, got 1.5'],
    ['{"type":"act","agent":0,"move":[0]}', 'move must have 2 numbers, got 1'],
    ['{"type":"drag","entity":-1,"position":[0,0]}', 'entity must be a whole number from 0, got -1'],
    ['{"type":"loop","from":9,"to":3}', 'from must not be above to, got 9 and 3'],
    ['{"type":"history","from":0,"to":90000}', 'the number of frames must be in 1 ... 20000, got 90001'],
    ['{"type":"subscribe","rate":0}', 'rate must be in 1 ... 60, got 0'],
    ['{"type":"subscribe","inspect":[0,1,2,3,4,5,6,7,8]}', 'the number of agents must be in 0 ... 8, got 9'],
    ['{"type":"play","team":"","who":"x"}', 'team: its length must be in 1 ... 200, got 0'],
  ])('is refused: %s', (text, sentence) => {
    expect(sentenceOf(() => parseRequest(text))).toContain(sentence)
  })
})

describe('options', () => {
  const options = (text: string) => parseRequest(`{"type":"options","options":${text}}`)

  it.each(['__proto__', 'constructor', 'prototype.x', 'toString', '', 'a b', 'hasOwnProperty'])(
    'cannot be named %j',
    name => {
      const text = JSON.stringify(name)
      expect(sentenceOf(() => options(`{${text}:1}`))).toContain(`must be named as options are, got ${text}`)
      expect(({} as Record<string, unknown>).x).toBeUndefined()
    },
  )

  it.each(['{"a":[1]}', '{"a":{"__proto__":{"x":1}}}', '{"a":{}}'])('are no structures: %s', text => {
    expect(sentenceOf(() => options(text))).toContain('options.a must be a finite number')
  })

  it('are not endless', () => {
    const many = JSON.stringify(Object.fromEntries(Array.from({ length: 101 }, (_, i) => [`a${i}`, i])))
    expect(sentenceOf(() => options(many))).toContain('their number must be in 0 ... 100, got 101')
    expect(sentenceOf(() => options(`{"a":"${'x'.repeat(201)}"}`))).toContain('its length must be in 0 ... 200')
  })
})

describe('a request', () => {
  it('names the one that it is an answer to, even if it is wrong otherwise', () => {
    expect(idOf('{"type":"explode","id":7}')).toBe(7)
    for (const text of ['{"type":"explode"}', '{"id":-1}', '{"id":"7"}', '7', 'null', '{'])
      expect(idOf(text)).toBeUndefined()
  })

  it('of this connection alone may be asked by anyone', () => {
    const anyones = ['{"type":"subscribe"}', '{"type":"sync"}', '{"type":"history","from":0,"to":1}'].map(parseRequest)
    expect(anyones.every(isViewerRequest)).toBe(true)
    expect(isViewerRequest(parseRequest('{"type":"pause"}'))).toBe(false)
  })
})
