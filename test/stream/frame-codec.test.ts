import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeFrame, encodeFrame, frameBytes, frameFlag, setFlags } from '../../src/stream/frame-codec.ts'
import { circlingFrame, knowingSchema, streamed, tinySchema } from './tiny-stream.ts'

const floats = (length: number) => fc.float32Array({ minLength: length, maxLength: length })
const u32 = fc.integer({ min: 0, max: 0xffff_ffff })
const sizes = fc.tuple(fc.integer({ min: 0, max: 6 }), fc.integer({ min: 0, max: 4 }))

/** A schema and a frame that fits it, any numbers in it; with everything that a world may know, or without. */
const schemaAndFrame = fc.tuple(sizes, fc.boolean()).chain(([[agents, landmarks], knowing]) => {
  const plain = tinySchema(agents, landmarks)
  const schema = knowing ? knowingSchema(plain) : plain
  const frame = fc.record({
    number: fc.maxSafeNat(),
    at: fc.double({ noNaN: true }),
    episode: u32,
    step: u32,
    restarted: fc.boolean(),
    placed: fc.boolean(),
    rewards: floats(agents),
    returns: floats(agents),
    actions: floats(5 * agents),
    row: floats(schema.size),
  })
  return frame.map(frame => ({ schema, frame }))
})

describe('a frame as bytes', () => {
  it('comes back as it went', () => {
    fc.assert(
      fc.property(schemaAndFrame, ({ schema, frame }) => {
        const bytes = encodeFrame(frame, schema)
        expect(bytes.byteLength).toBe(frameBytes(schema))
        expect(decodeFrame(bytes, schema)).toEqual(streamed(frame))
        expect(decodeFrame(bytes.buffer, schema)).toEqual(streamed(frame))
      }),
    )
  })

  it('comes back from bytes that begin at an odd address', () => {
    const schema = tinySchema()
    const frame = circlingFrame(schema, 7)
    const inside = new Uint8Array(frameBytes(schema) + 1)
    inside.set(encodeFrame(frame, schema), 1)
    expect(decodeFrame(inside.subarray(1), schema)).toEqual(streamed(frame))
  })

  it('has rewards for the agents that act, not for scripted ones', () => {
    const schema = knowingSchema(tinySchema(2, 1))
    expect(schema.entities.filter(entity => entity.kind === 'agent')).toHaveLength(3)
    const frame = { ...circlingFrame(tinySchema(2, 1), 7), row: new Float32Array(schema.size).fill(-1) }
    expect(decodeFrame(encodeFrame(frame, schema), schema)).toEqual(streamed(frame))
  })

  it('is a copy: the bytes may be used again', () => {
    const schema = tinySchema()
    const bytes = encodeFrame(circlingFrame(schema, 7), schema)
    const frame = decodeFrame(bytes, schema)
    bytes.fill(0)
    expect(frame).toEqual(streamed(circlingFrame(schema, 7)))
  })

  it('has a layout that other programs can read', () => {
    const schema = tinySchema(1, 0)
    const frame = {
      number: 513,
      at: 0.5,
      episode: 258,
      step: 3,
      restarted: true,
      placed: true,
      rewards: Float32Array.of(1),
      returns: Float32Array.of(-2),
      actions: Float32Array.of(0, 0, 2, 0, 0),
      row: Float32Array.of(0.5, 0, 0, 0),
    }
    expect([...encodeFrame(frame, schema)]).toEqual([
      ...[0x4d, 2, 1, 3],
      ...[2, 1, 0, 0],
      ...[0, 0, 0, 0, 0, 8, 0x80, 0x40],
      ...[0, 0, 0, 0, 0, 0, 0xe0, 0x3f],
      ...[3, 0, 0, 0],
      ...[1, 0, 0, 0],
      ...[5, 0, 0, 0],
      ...[4, 0, 0, 0],
      ...[0, 0, 0x80, 0x3f],
      ...[0, 0, 0, 0xc0],
      ...new Array(8).fill(0),
      ...[0, 0, 0, 0x40],
      ...new Array(8).fill(0),
      ...[0, 0, 0, 0x3f],
      ...new Array(12).fill(0),
    ])
  })

  it('has flags that can be set afterwards', () => {
    const schema = tinySchema()
    const bytes = encodeFrame(circlingFrame(schema, 7), schema)
    setFlags(bytes, frameFlag.key | frameFlag.past | frameFlag.restarted)
    expect(decodeFrame(bytes, schema)).toMatchObject({ key: true, past: true, restarted: true, placed: false })
    setFlags(bytes, 16)
    expect(() => decodeFrame(bytes, schema)).toThrow('unknown flags 16 of a frame')
  })
})

describe('bytes that are no frame', () => {
  const schema = tinySchema()
  const whole = encodeFrame(circlingFrame(schema, 7), schema)

  it('give a RangeError, whatever they are', () => {
    const anyBytes = fc.uint8Array({ maxLength: 2 * whole.length })
    fc.assert(
      fc.property(anyBytes, bytes => {
        expect(() => decodeFrame(bytes, schema)).toThrow(RangeError)
      }),
    )
  })

  it('give a RangeError or numbers of the right sizes when some bytes are damaged', () => {
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.integer({ min: 0, max: 255 })), { minLength: 1 })
    fc.assert(
      fc.property(damage, changes => {
        const bytes = whole.slice()
        for (const [at, value] of changes) bytes[at] = value
        try {
          expect(decodeFrame(bytes, schema).row.length).toBe(schema.size)
        } catch (error) {
          expect(error).toBeInstanceOf(RangeError)
        }
      }),
    )
  })

  it('give a RangeError when cut off anywhere', () => {
    for (let length = 0; length < whole.length; length++) {
      expect(() => decodeFrame(whole.subarray(0, length), schema)).toThrow(/bytes must be \d+, got/)
    }
  })

  it('give a RangeError under another schema of the same length', () => {
    const other = { ...schema, size: schema.size + 7, agents: schema.agents.slice(1) }
    expect(frameBytes(other)).toBe(whole.length)
    expect(() => decodeFrame(whole, other)).toThrow('agents must be 2, got 3')
  })
})

describe('a frame that does not fit', () => {
  const schema = tinySchema()
  it.each([
    ['rewards', { rewards: new Float32Array(2) }, 'rewards must be 3, got 2'],
    ['returns', { returns: new Float32Array(4) }, 'returns must be 3, got 4'],
    ['row', { row: new Float32Array(0) }, `row must be ${schema.size}, got 0`],
    ['episode', { episode: -1 }, 'episode must be a whole number'],
    ['step', { step: 2 ** 32 }, 'step must be a whole number'],
  ])('is refused: %s', (_name, change, message) => {
    expect(() => encodeFrame({ ...circlingFrame(schema, 1), ...change }, schema)).toThrow(message)
  })
})
