// Checkpoints: any saved tree goes into one file and comes back with the same bits.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FileError } from '../../src/errors.ts'
import { readCheckpoint, writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import { readSafetensors, writeSafetensors } from '../../src/experiment/safetensors.ts'
import type { Saved, SavedRows } from '../../src/types.ts'
import { tempFolder } from '../support/temp-folder.ts'

const key = fc.string({ minLength: 1, maxLength: 6 }).filter(text => !text.startsWith('$') && !text.includes('/'))
const leaf: fc.Arbitrary<Saved> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.string(),
  fc.double(),
  fc.constantFrom(-0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
  fc.float64Array({ maxLength: 5 }),
  fc.float32Array({ maxLength: 5 }),
  fc.uint32Array({ maxLength: 5 }),
  fc.int32Array({ maxLength: 5 }),
  fc.uint8Array({ maxLength: 5 }),
  fc.constant({ shape: [2, 1], data: Float32Array.of(-0, Number.NaN) }),
)
const { tree } = fc.letrec<{ tree: Saved; node: Saved }>(tie => ({
  tree: fc.oneof({ maxDepth: 4 }, leaf, tie('node')),
  node: fc.oneof(fc.array(tie('tree'), { maxLength: 4 }), fc.dictionary(key, tie('tree'), { maxKeys: 4 })),
}))

describe('a checkpoint', () => {
  it('gives back any tree with the same bits', () => {
    const file = join(tempFolder(), 'run.safetensors')
    fc.assert(
      fc.property(tree, saved => {
        writeCheckpoint(file, saved)
        expect(plain(readCheckpoint(file))).toEqual(plain(saved))
      }),
      { numRuns: 150 },
    )
  })

  it('names its tensors by their path, so that others find them', () => {
    const file = join(tempFolder(), 'run.safetensors')
    const weight = { shape: [2, 1], data: Float32Array.of(1, 2) }
    writeCheckpoint(file, { learners: { agent_0: { actor: { 'layer0.weight': weight } } }, list: [Uint8Array.of(1)] })
    const { tensors } = readSafetensors(file)
    expect([...tensors.keys()].sort()).toEqual(['learners/agent_0/actor/layer0.weight', 'list/0'])
    expect(tensors.get('learners/agent_0/actor/layer0.weight')).toEqual(weight)
  })

  it('read in part has null for the tensors that were left out', () => {
    const file = join(tempFolder(), 'run.safetensors')
    writeCheckpoint(file, {
      learners: { a: Float32Array.of(1) },
      replay: { blocks: [Float32Array.of(2)], inserted: 1 },
    })
    expect(readCheckpoint(file, path => path.startsWith('learners/'))).toEqual({
      learners: { a: Float32Array.of(1) },
      replay: { blocks: [null], inserted: 1 },
    })
  })

  it('refuses to write what could not be told apart when read', () => {
    const file = join(tempFolder(), 'run.safetensors')
    expect(() => writeCheckpoint(file, { $tensor: 'x' })).toThrow(TypeError)
    expect(() => writeCheckpoint(file, { a: { $number: '1' } })).toThrow(/\$number begins with \$/)
    const twice = { a: { b: Float32Array.of(1) }, 'a/b': Float32Array.of(2) }
    expect(() => writeCheckpoint(file, twice)).toThrow('two tensors have the path a/b')
  })

  it('of the version before, without checksums, is still read', () => {
    const file = join(tempFolder(), 'run.safetensors')
    const tensors = new Map([['a/b', { shape: [2], data: Float32Array.of(1, 2) }]])
    const state = JSON.stringify({ a: { b: { $tensor: 'a/b' } } })
    writeSafetensors(file, tensors, { format: 'marlstrom-checkpoint/2', state })
    expect(readCheckpoint(file)).toEqual({ a: { b: Float32Array.of(1, 2) } })
  })

  it('has all rows of a log, the newest last, where they are not in segments', () => {
    const file = join(tempFolder(), 'run.safetensors')
    const pieces = [Float32Array.of(1, 2, 3, 4), Float32Array.of(5, 6)]
    const about = { first: 7, end: 10, columns: 2, capacity: 3 }
    writeCheckpoint(file, { log: { rows: { ...about, pieces } } })
    expect(readSafetensors(file).tensors.get('log/rows')).toEqual({
      shape: [3, 2],
      data: Float32Array.of(1, 2, 3, 4, 5, 6),
    })
    const { rows } = (readCheckpoint(file) as { log: { rows: SavedRows } }).log
    expect(rows).toMatchObject(about)
    expect([...rows.pieces]).toEqual([Float32Array.of(1, 2, 3, 4, 5, 6)])
    expect(readCheckpoint(file, () => false)).toEqual({ log: { rows: null } })
  })

  it('notices every single byte that changes', () => {
    const file = join(tempFolder(), 'run.safetensors')
    const pieces = [Float32Array.of(1, 2)]
    const rows = { first: 0, end: 1, columns: 2, capacity: 9, pieces }
    writeCheckpoint(file, { a: Float64Array.of(1), n: 1, text: 'ä', rows, c: Uint8Array.of(1, 2, 3) })
    const bytes = readFileSync(file)
    for (let at = 0; at < bytes.length; at++) {
      for (const bit of [1, 128]) {
        const changed = Buffer.from(bytes)
        changed[at]! ^= bit
        writeFileSync(file, changed)
        expect(() => readCheckpoint(file), `byte ${at}`).toThrow(FileError)
      }
    }
    for (let length = 0; length < bytes.length; length += 7) {
      writeFileSync(file, bytes.subarray(0, length))
      expect(() => readCheckpoint(file)).toThrow(FileError)
    }
  })

  it('of another format, another program or with a damaged state is a FileError', () => {
    const file = join(tempFolder(), 'run.safetensors')
    const format = 'marlstrom-checkpoint/2'
    writeSafetensors(file, new Map(), { format: 'marlstrom-checkpoint/0', state: '{}' })
    expect(() => readCheckpoint(file)).toThrow(/expected a checkpoint of format .*\/3, got marlstrom-checkpoint\/0/)
    writeSafetensors(file, new Map(), { format: 'marlstrom-checkpoint/3', state: '{}' })
    expect(() => readCheckpoint(file)).toThrow('damaged: its checksums are missing')
    writeSafetensors(file, new Map(), {})
    expect(() => readCheckpoint(file)).toThrow('got a foreign safetensors file')
    for (const metadata of [{ format, state: '{"a":' }, { format } as Record<string, string>]) {
      writeSafetensors(file, new Map(), metadata)
      expect(() => readCheckpoint(file)).toThrow(FileError)
    }
    expect(() => readCheckpoint(join(tempFolder(), 'none'))).toThrow(FileError)
  })
})

/** The tree with arrays as their type and bits, so that -0 and NaN are compared too. */
function plain(saved: Saved): unknown {
  if (ArrayBuffer.isView(saved))
    return [saved.constructor.name, ...new Uint8Array(saved.buffer, saved.byteOffset, saved.byteLength)]
  if (Array.isArray(saved)) return saved.map(plain)
  if (typeof saved === 'object' && saved !== null)
    return Object.fromEntries(Object.entries(saved).map(([k, value]) => [k, plain(value as Saved)]))
  return saved
}
