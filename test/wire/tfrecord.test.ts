// TFRecord frames against the checksums of RFC 3720 and a checksum by long division; torn and damaged files.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { crc32c, encodeRecord, wholeRecords } from '../../src/wire/tfrecord.ts'
import { plainCrc32c } from '../support/read-events.ts'

describe('CRC-32C', () => {
  // RFC 3720, appendix B.4; the last is the check value of the catalogue of CRC algorithms.
  it.each([
    [new Uint8Array(32), 0x8a9136aa],
    [new Uint8Array(32).fill(0xff), 0x62a8ab43],
    [Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    [Buffer.from('123456789'), 0xe3069283],
  ])('of known bytes %#', (bytes, crc) => {
    expect(crc32c(bytes)).toBe(crc)
    expect(plainCrc32c(bytes)).toBe(crc)
  })

  it('of any bytes is what long division leaves', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), bytes => crc32c(bytes) === plainCrc32c(bytes)))
  })
})

describe('records', () => {
  const messages = ['', 'one', 'two'.repeat(100)].map(text => Buffer.from(text))
  const file = Buffer.concat(messages.map(encodeRecord))
  const read = (bytes: Uint8Array) => [...wholeRecords(bytes)].map(({ message }) => Buffer.from(message).toString())

  it('come back as they were, with their ends', () => {
    expect(read(file)).toEqual(messages.map(String))
    expect([...wholeRecords(file)].map(({ end }) => end)).toEqual([16, 35, file.length])
  })

  it('end before one that is torn, wherever it is', () => {
    for (let bytes = 35; bytes < file.length; bytes++) expect(read(file.subarray(0, bytes))).toHaveLength(2)
    expect(read(new Uint8Array())).toEqual([])
  })

  it('end before one whose length or message is damaged', () => {
    for (const at of [16, 20, 24, 28, 33]) {
      const damaged = Buffer.from(file)
      damaged[at]! ^= 1
      expect(read(damaged)).toEqual([''])
    }
  })
})
