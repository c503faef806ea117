// Safetensors files made to mislead: sizes that overflow, places that overlap, names that collide, headers that are none.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FileError } from '../../src/errors.ts'
import { readCheckpoint, writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import { readSafetensors, writeSafetensors } from '../../src/experiment/safetensors.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** A file with this header, so many bytes of data, and (if it lies) this length in front. */
function fileOf(header: string | Uint8Array, dataBytes = 0, length?: bigint): string {
  const file = join(tempFolder(), 'file.safetensors')
  const text = Buffer.from(header)
  const prefix = Buffer.alloc(8)
  prefix.writeBigUInt64LE(length ?? BigInt(text.length))
  writeFileSync(file, Buffer.concat([prefix, text, Buffer.alloc(dataBytes)]))
  return file
}

const tensor = (name: string, shape: unknown, offsets: unknown, dtype = 'F32') =>
  `${JSON.stringify(name)}:{"dtype":${JSON.stringify(dtype)},"shape":${JSON.stringify(shape)},"data_offsets":${JSON.stringify(offsets)}}`

describe('a hostile safetensors file', () => {
  it.each<[string, string | Uint8Array, number, bigint?]>([
    ['a length of 2^64 - 1', '{}', 0, 2n ** 64n - 1n],
    ['a length that is negative as a signed number', '{}', 0, 2n ** 63n],
    ['a length just beyond 32 bits', '{}', 0, 2n ** 32n + 2n],
    ['a length of 0', '{}', 0, 0n],
    ['a length of 1', '{}', 0, 1n],
    ['a header above 100 MB', '{}', 0, 100_000_001n],
    ['spaces before the header', '  {}', 0],
    ['a byte order mark before the header', '\ufeff{}', 0],
    ['broken UTF-8 in a name', Buffer.concat([Buffer.from('{"'), Buffer.of(0xff), Buffer.from(`":{}}`)]), 0],
    ['two objects', '{}{}', 0],
    ['nesting without end', `{"a":${'['.repeat(200_000)}`, 0],
    ['a shape whose product overflows to 0 in 64 bits', `{${tensor('t', [2 ** 32, 2 ** 32], [0, 0])}}`, 0],
    ['a shape whose bytes overflow 32 bits to 8', `{${tensor('t', [2 ** 30 + 2], [0, 8])}}`, 8],
    ['a shape beyond whole doubles', `{${tensor('t', [2 ** 53], [0, 8])}}`, 8],
    ['an infinite size', '{"t":{"dtype":"F32","shape":[1e400],"data_offsets":[0,8]}}', 8],
    ['sizes as text', `{${tensor('t', ['2'], [0, 8])}}`, 8],
    ['offsets as text', `{${tensor('t', [2], ['0', '8'])}}`, 8],
    ['offsets that wrap', `{${tensor('t', [2], [2 ** 53 - 8, 2 ** 53])}}`, 8],
    ['two tensors on the same bytes', `{${tensor('a', [2], [0, 8])},${tensor('b', [2], [0, 8])}}`, 8],
    ['tensors that overlap by a byte', `{${tensor('a', [8], [0, 8], 'U8')},${tensor('b', [8], [7, 15], 'U8')}}`, 15],
    ['a hole between tensors', `{${tensor('a', [1], [0, 4])},${tensor('b', [1], [8, 12])}}`, 12],
    ['bytes after the last tensor', `{${tensor('a', [1], [0, 4])}}`, 5],
    ['a tensor that ends one byte after the file', `{${tensor('a', [2], [0, 8])}}`, 7],
    ['a terabyte announced', `{${tensor('a', [2 ** 38], [0, 2 ** 40])}}`, 16],
    ['numbers of half the size', `{${tensor('a', [4], [0, 8], 'F16')}}`, 8],
    ['brain floats', `{${tensor('a', [4], [0, 8], 'BF16')}}`, 8],
    ['a type in small letters', `{${tensor('a', [2], [0, 8], 'f32')}}`, 8],
    ['a type named like a constructor', `{${tensor('a', [2], [0, 8], 'constructor')}}`, 8],
    ['the same name twice, in other places', `{${tensor('a', [1], [0, 4])},${tensor('a', [1], [4, 8])}}`, 8],
  ])('with %s is refused', (_, header, dataBytes, length) => {
    const file = fileOf(header, dataBytes, length)
    expect(() => readSafetensors(file)).toThrow(FileError)
    // Not even when nobody wants its tensors.
    expect(() => readSafetensors(file, () => false)).toThrow(FileError)
  })

  it('takes no memory for what it only announces', () => {
    const file = fileOf(`{${tensor('a', [2 ** 38], [0, 2 ** 40])}}`, 16)
    const before = process.memoryUsage().arrayBuffers
    expect(() => readSafetensors(file)).toThrow(/cut off/)
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(10_000_000)
  })

  it('may use any name without touching what objects inherit', () => {
    const names = ['__proto__', 'constructor', 'toString', 'a/../b', '']
    const file = fileOf(`{${names.map((name, i) => tensor(name, [1], [4 * i, 4 * i + 4])).join()}}`, 4 * names.length)
    const { tensors, metadata } = readSafetensors(file)
    expect([...tensors.keys()].sort()).toEqual([...names].sort())
    expect(metadata).toEqual({})
    expect(Object.keys(Object.prototype)).toEqual([])
    expect(({} as { dtype?: string }).dtype).toBeUndefined()
  })

  it('of zero tensors, and tensors of zero numbers, are none', () => {
    expect(readSafetensors(fileOf('{}')).tensors.size).toBe(0)
    const { tensors } = readSafetensors(fileOf(`{${tensor('a', [0, 5], [0, 0])},${tensor('b', [0], [0, 0])}}`))
    expect(tensors.get('a')).toEqual({ shape: [0, 5], data: new Float32Array(0) })
    expect(tensors.size).toBe(2)
  })
})

describe('a hostile checkpoint', () => {
  const format = 'marlstrom-checkpoint/2'
  it.each([
    ['nested without end', `${'['.repeat(100_000)}${']'.repeat(100_000)}`],
    ['no JSON', '{'],
    ['no state at all', undefined],
  ])('whose state is %s is refused', (_, state) => {
    const file = join(tempFolder(), 'run.safetensors')
    writeSafetensors(file, new Map(), state === undefined ? { format } : { format, state })
    expect(() => readCheckpoint(file)).toThrow(FileError)
  })

  it('cannot give objects another prototype', () => {
    const file = join(tempFolder(), 'run.safetensors')
    writeSafetensors(file, new Map(), { format, state: '{"__proto__":{"polluted":true},"a":{"$tensor":"__proto__"}}' })
    const saved = readCheckpoint(file) as { a: unknown; polluted?: boolean }
    expect(saved.a).toBeNull()
    expect(saved.polluted).toBeUndefined()
    expect(Object.getPrototypeOf(saved)).toBe(Object.prototype)
  })

  it('that is a folder, cut to nothing, or a pipe is refused', () => {
    const folder = tempFolder()
    const file = join(folder, 'run.safetensors')
    writeCheckpoint(file, { a: Float32Array.of(1) })
    truncateSync(file, 0)
    expect(() => readCheckpoint(file)).toThrow(FileError)
    mkdirSync(join(folder, 'folder'))
    expect(() => readCheckpoint(join(folder, 'folder'))).toThrow(FileError)
    if (!existsSync('/usr/bin/mkfifo')) return
    execFileSync('/usr/bin/mkfifo', [join(folder, 'pipe')])
    // A pipe that nobody writes to must not make us wait.
    expect(() => readCheckpoint(join(folder, 'pipe'))).toThrow(FileError)
  })
})
