// The safetensors format: round trips, bytes by the published description, and files that are damaged, hostile or foreign.
import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileError } from '../../src/errors.ts'
import { readSafetensors, writeSafetensors } from '../../src/experiment/safetensors.ts'
import type { SavedTensor, TypedArray } from '../../src/types.ts'
import { tempFolder } from '../support/temp-folder.ts'

const kinds: readonly (new (data: ArrayBuffer) => TypedArray)[] = [
  Float64Array,
  Float32Array,
  Uint32Array,
  Int32Array,
  Uint8Array,
]
const shape = fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 3 })
const tensor = fc
  .record({ shape, kind: fc.constantFrom(...kinds), seed: fc.uint8Array({ minLength: 8, maxLength: 8 }) })
  .map(({ shape, kind, seed }): SavedTensor => {
    const length = shape.reduce((product, size) => product * size, 1)
    const bytes = Uint8Array.from({ length: length * 8 }, (_, i) => seed[i % 8]! ^ i)
    const data = new kind(bytes.buffer)
    return { shape, data: data.slice(0, length) }
  })
const name = fc.string({ minLength: 1, maxLength: 12 }).filter(text => text !== '__metadata__')
const tensors = fc.dictionary(name, tensor, { maxKeys: 6 }).map(record => new Map(Object.entries(record)))

/** Bits, so that NaN equals NaN and -0 is not 0. */
const bits = (data: TypedArray) => [
  data.constructor.name,
  ...new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
]

/** A file with this header and these bytes of data. */
function fileOf(header: string | Uint8Array, data: Uint8Array = new Uint8Array(), length?: number | bigint): string {
  const file = join(tempFolder(), 'file.safetensors')
  const text = Buffer.from(header)
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(BigInt(length ?? text.length))
  writeFileSync(file, Buffer.concat([prefix, text, data]))
  return file
}

describe('a safetensors file', () => {
  it('gives back the bits, shapes and types that were written, and the metadata', () => {
    const file = join(tempFolder(), 'file.safetensors')
    fc.assert(
      fc.property(tensors, fc.dictionary(fc.string(), fc.string(), { maxKeys: 3 }), (written, metadata) => {
        writeSafetensors(file, written, metadata)
        const read = readSafetensors(file)
        expect(read.metadata).toEqual(metadata)
        expect([...read.tensors.keys()].sort()).toEqual([...written.keys()].sort())
        for (const [key, { shape, data }] of written) {
          expect(read.tensors.get(key)!.shape).toEqual(shape)
          expect(bits(read.tensors.get(key)!.data)).toEqual(bits(data))
        }
      }),
      { numRuns: 60 },
    )
  })

  it('writes views of larger arrays as what they show', () => {
    const file = join(tempFolder(), 'file.safetensors')
    const whole = Float32Array.of(1, 2, 3, 4, 5)
    writeSafetensors(file, new Map([['part', { shape: [2], data: whole.subarray(1, 3) }]]), {})
    expect(readSafetensors(file).tensors.get('part')!.data).toEqual(Float32Array.of(2, 3))
  })

  it('follows the published format byte by byte', () => {
    // huggingface/safetensors, README, "Format": 8 bytes N, an unsigned little-endian 64-bit integer; N bytes of JSON that
    // begins with { and may end with spaces; then the data, little-endian, in C order, without holes.
    const file = join(tempFolder(), 'file.safetensors')
    const written = new Map<string, SavedTensor>([
      ['bytes', { shape: [3], data: Uint8Array.of(1, 2, 255) }],
      ['layer0.weight', { shape: [2, 2], data: Float32Array.of(1, -2, 0.5, 3) }],
      ['step', { shape: [], data: Float64Array.of(7) }],
    ])
    writeSafetensors(file, written, { format: 'test' })
    const buffer = readFileSync(file)
    const length = Number(buffer.readBigUInt64LE(0))
    const header = JSON.parse(buffer.toString('utf8', 8, 8 + length))
    expect(buffer[8]).toBe('{'.charCodeAt(0))
    expect((8 + length) % 8).toBe(0)
    expect(header).toEqual({
      __metadata__: { format: 'test' },
      step: { dtype: 'F64', shape: [], data_offsets: [0, 8] },
      'layer0.weight': { dtype: 'F32', shape: [2, 2], data_offsets: [8, 24] },
      bytes: { dtype: 'U8', shape: [3], data_offsets: [24, 27] },
    })
    const data = buffer.subarray(8 + length)
    expect(data.length).toBe(27)
    expect(data.readDoubleLE(0)).toBe(7)
    expect([8, 12, 16, 20].map(at => data.readFloatLE(at))).toEqual([1, -2, 0.5, 3])
    expect([...data.subarray(24)]).toEqual([1, 2, 255])
  })

  it('of another writer is read too: no metadata, no padding, names in any order', () => {
    const data = Buffer.alloc(8)
    data.writeFloatLE(1.5, 0)
    data.writeInt32LE(-4, 4)
    const header =
      '{"b":{"dtype":"I32","shape":[1],"data_offsets":[4,8]},"a":{"shape":[1,1],"dtype":"F32","data_offsets":[0,4]}}'
    const read = readSafetensors(fileOf(header, data))
    expect(read.metadata).toEqual({})
    expect(read.tensors.get('a')).toEqual({ shape: [1, 1], data: Float32Array.of(1.5) })
    expect(read.tensors.get('b')).toEqual({ shape: [1], data: Int32Array.of(-4) })
  })

  it('gives only the tensors that are wanted', () => {
    const file = join(tempFolder(), 'file.safetensors')
    const one = { shape: [1], data: Float32Array.of(1) }
    writeSafetensors(
      file,
      new Map([
        ['a/x', one],
        ['b/x', one],
      ]),
      {},
    )
    expect([...readSafetensors(file, path => path.startsWith('b/')).tensors.keys()]).toEqual(['b/x'])
  })

  it('cut off anywhere is a FileError, whatever is wanted of it', () => {
    const file = join(tempFolder(), 'file.safetensors')
    const written = new Map<string, SavedTensor>([
      ['a', { shape: [5], data: Float64Array.of(1, 2, 3, 4, 5) }],
      ['b', { shape: [3], data: Uint8Array.of(1, 2, 3) }],
    ])
    writeSafetensors(file, written, {})
    const bytes = readFileSync(file)
    for (let length = bytes.length - 1; length >= 0; length--) {
      truncateSync(file, length)
      expect(() => readSafetensors(file), `${length} bytes`).toThrow(FileError)
      expect(() => readSafetensors(file, () => false), `${length} bytes, nothing wanted`).toThrow(FileError)
    }
    writeFileSync(file, Buffer.concat([bytes, Buffer.from('x')]))
    expect(() => readSafetensors(file)).toThrow(/expected \d+ bytes, got \d+/)
  })

  it('that is missing or a folder is a FileError', () => {
    expect(() => readSafetensors(join(tempFolder(), 'nothing'))).toThrow(FileError)
    expect(() => readSafetensors(tempFolder())).toThrow(FileError)
  })

  const entry = (fields: object) => JSON.stringify({ t: { dtype: 'F32', shape: [2], data_offsets: [0, 8], ...fields } })
  const eight = new Uint8Array(8)
  it.each<[string, string | Uint8Array, Uint8Array?, (number | bigint)?]>([
    ['an enormous header', '{}', eight, 2n ** 63n],
    ['a header larger than the file', '{}', eight, 1000],
    ['an empty header', '', eight],
    ['a header that is no JSON', '{"a":', eight],
    ['a header that is a list', '[]'],
    ['a header that is null', 'null'],
    ['a header that is no text', Uint8Array.of(0xff, 0xfe, 0, 1)],
    ['an unknown type', entry({ dtype: 'F4' }), eight],
    ['a type named like a method', entry({ dtype: 'toString' }), eight],
    ['a type named like a prototype', entry({ dtype: '__proto__' }), eight],
    ['no shape', entry({ shape: undefined }), eight],
    ['a negative size', entry({ shape: [-2] }), eight],
    ['a broken size', entry({ shape: [1.5] }), eight],
    ['a shape that is no list', entry({ shape: '2' }), eight],
    ['a huge shape', entry({ shape: [2 ** 40, 2 ** 40] }), eight],
    ['offsets that do not fit the shape', entry({ shape: [3] }), eight],
    ['offsets backwards', entry({ shape: [0], data_offsets: [8, 0] }), eight],
    ['offsets before the data', entry({ data_offsets: [-8, 0] }), eight],
    ['more data than any memory holds', entry({ dtype: 'U8', shape: [2 ** 45], data_offsets: [0, 2 ** 45] }), eight],
    ['offsets beyond the file', entry({ data_offsets: [8, 16] }), eight],
    ['three offsets', entry({ data_offsets: [0, 8, 8] }), eight],
    ['no offsets', entry({ data_offsets: null }), eight],
    ['an entry that is null', '{"t":null}'],
    ['an entry that is a number', '{"t":3}'],
    ['a hole before the first tensor', entry({ shape: [1], data_offsets: [4, 8] }), eight],
    [
      'two tensors on the same bytes',
      '{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}',
      eight,
    ],
    ['metadata that is null', '{"__metadata__":null}'],
    ['metadata that is text', '{"__metadata__":"x"}'],
    ['metadata with numbers', '{"__metadata__":{"format":3}}'],
  ])('with %s is a FileError', (_, header, data, length) => {
    const file = fileOf(header, data, length)
    expect(() => readSafetensors(file)).toThrow(FileError)
    expect(() => readSafetensors(file)).toThrow(file)
  })

  it('of random bytes, or with one byte changed, is read or a FileError, never another error', () => {
    const file = join(tempFolder(), 'file.safetensors')
    writeSafetensors(file, new Map([['a', { shape: [2], data: Float32Array.of(1, 2) }]]), { format: 'x' })
    const good = readFileSync(file)
    const attempt = (bytes: Uint8Array) => {
      writeFileSync(file, bytes)
      try {
        readSafetensors(file)
      } catch (error) {
        expect(error).toBeInstanceOf(FileError)
      }
    }
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), fc.nat(good.length - 1), fc.nat(255), (random, at, value) => {
        attempt(random)
        const changed = Buffer.from(good)
        changed[at] = value
        attempt(changed)
      }),
      { numRuns: 300 },
    )
  })
})
