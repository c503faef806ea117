// A take as a GIF: sizes, timing, one palette, and pictures that are what was drawn.
import { describe, expect, it } from 'vitest'
import { light } from '../../src/picture/colors.ts'
import type { Raster } from '../../src/picture/png.ts'
import { gifOf } from '../../src/render/gif.ts'
import type { Take } from '../../src/render/take.ts'

const take: Take = {
  schema: { kind: 'particles', extent: 1, entities: [], fields: [], size: 0 },
  frames: Array.from({ length: 11 }, (_, step) => ({ step, row: new Float32Array(0), anew: step === 0 })),
  title: 'nobody',
}

describe('a GIF', () => {
  it('has a picture every 40 ms, the last one for longer, over and over', () => {
    let drawn = 0
    const bytes = gifOf(
      take,
      1,
      { width: 64, theme: light },
      () => square(drawn++),
      () => {},
    )
    const gif = parse(bytes)
    expect(gif.size).toEqual([8, 8])
    // Ten steps of 100 ms.
    expect(gif.delays).toEqual([...Array.from({ length: 25 }, () => 4), 120])
    expect(gif.loops).toBe(true)
    expect(gif.palettes).toBe(1)
  })

  it('shows half as many at twice the speed', () => {
    const bytes = gifOf(take, 2, { width: 64, theme: light }, () => square(0))
    expect(parse(bytes).delays).toHaveLength(14)
  })
})

/** A white picture with a black square that wanders. */
function square(at: number): Raster {
  const pixels = new Uint8Array(4 * 64).fill(255)
  pixels.set([0, 0, 0, 255], 4 * (at % 64))
  return { width: 8, height: 8, pixels, png: () => new Uint8Array() }
}

/** What the blocks of a GIF89a file say. */
function parse(bytes: Uint8Array): { size: number[]; delays: number[]; loops: boolean; palettes: number } {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  expect(Buffer.from(bytes.subarray(0, 6)).toString()).toBe('GIF89a')
  const size = [view.getUint16(6, true), view.getUint16(8, true)]
  const table = (flags: number) => ((flags & 0x80) === 0 ? 0 : 3 * 2 ** ((flags & 7) + 1))
  let palettes = table(bytes[10]!) > 0 ? 1 : 0
  let at = 13 + table(bytes[10]!)
  const delays: number[] = []
  let loops = false
  const skip = () => {
    while (bytes[at] !== 0) at += bytes[at]! + 1
    at++
  }
  while (bytes[at] !== 0x3b) {
    if (bytes[at] === 0x21) {
      if (bytes[at + 1] === 0xf9) delays.push(view.getUint16(at + 4, true))
      if (bytes[at + 1] === 0xff) loops = true
      at += 2
      skip()
    } else {
      expect(bytes[at]).toBe(0x2c)
      if (table(bytes[at + 9]!) > 0) palettes++
      at += 10 + table(bytes[at + 9]!) + 1
      skip()
    }
  }
  return { size, delays, loops, palettes }
}
