// A take as a GIF that loops: one palette for all of it, and of each picture only what has changed.
import { createRequire } from 'node:module'
import type { Raster, Rasterise } from '../picture/png.ts'
import { drawMoment, type Look } from './drawing.ts'
import { holdMilliseconds, momentsOf, pictureMilliseconds, type Take } from './take.ts'

// Node finds no names in this package, and test runners find other ones than Node: asked for like this, it is the same everywhere.
const gifenc: typeof import('gifenc') = createRequire(import.meta.url)('gifenc')

/** The last colour of the palette stands for: as before. */
const unchanged = 255
/** Pictures that the palette is chosen by, and pixels of each. */
const palettePictures = 8
const palettePixels = 40_000

/** The file. `speed` 1 is the pace of the live page; `drawn` hears how many pictures of how many are done. */
export function gifOf(
  take: Take,
  speed: number,
  look: Look,
  rasterise: Rasterise,
  drawn: (pictures: number, of: number) => void = () => {},
): Uint8Array {
  const { GIFEncoder, applyPalette } = gifenc
  const moments = momentsOf(take, speed)
  const count = moments.length
  const picture = (i: number) => rasterise(drawMoment(take, moments[i]!, look), 1)
  const palette = paletteOf(count, picture)
  const encoder = GIFEncoder()
  let before: Uint8Array | null = null
  for (let i = 0; i < count; i++) {
    const { pixels, width, height } = picture(i)
    const colors = applyPalette(pixels, palette)
    const delay = i === count - 1 ? holdMilliseconds : pictureMilliseconds
    encoder.writeFrame(before === null ? colors : changes(colors, before), width, height, {
      ...(before === null && { palette: [...palette, [0, 0, 0]] }),
      transparent: before !== null,
      transparentIndex: unchanged,
      delay,
      dispose: 1,
    })
    before = colors
    drawn(i + 1, count)
  }
  encoder.finish()
  return encoder.bytes()
}

/** 255 colours from pictures all over the take. */
function paletteOf(count: number, picture: (i: number) => Raster): number[][] {
  const chosen = Math.min(count, palettePictures)
  const samples = Array.from({ length: chosen }, (_, n) => {
    const { pixels } = picture(Math.round((n * (count - 1)) / Math.max(1, chosen - 1)))
    return everyNth(pixels, Math.max(1, Math.floor(pixels.length / 4 / palettePixels)))
  })
  const palette = gifenc.quantize(Buffer.concat(samples), unchanged)
  while (palette.length < unchanged) palette.push([0, 0, 0])
  return palette
}

function everyNth(pixels: Uint8Array, n: number): Uint8Array {
  const kept = new Uint8Array(4 * Math.floor(pixels.length / 4 / n))
  for (let i = 0; i < kept.length; i += 4) kept.set(pixels.subarray(i * n, i * n + 4), i)
  return kept
}

function changes(now: Uint8Array, before: Uint8Array): Uint8Array {
  return now.map((color, i) => (color === before[i] ? unchanged : color))
}
