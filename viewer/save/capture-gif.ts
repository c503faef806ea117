// A GIF of a canvas while it is drawn on: a picture now and then, each with the time that it stood.
import { applyPalette, GIFEncoder, quantize } from 'gifenc'
import type { RunningCapture } from './capture-film.ts'

/** Milliseconds between pictures; browsers show GIFs no faster than 50 a second, and encoding takes its time. */
const INTERVAL = 80
/** A GIF counts its time in hundredths of a second. */
const UNIT = 10
/** Larger pictures are made smaller: pixels of the longer side. */
const LONGEST_SIDE = 480
/** How colours are told apart. */
const FORMAT = 'rgb444'

/** Begins to take pictures. */
export function takeGif(canvas: HTMLCanvasElement): RunningCapture {
  const scale = Math.min(1, LONGEST_SIDE / Math.max(canvas.width, canvas.height))
  const width = Math.max(1, Math.round(canvas.width * scale))
  const height = Math.max(1, Math.round(canvas.height * scale))
  const small = Object.assign(document.createElement('canvas'), { width, height })
  const context = small.getContext('2d', { willReadFrequently: true })!
  const encoder = GIFEncoder()
  let standing: { readonly pixels: Uint8ClampedArray; readonly since: number } | null = null
  let written = 0

  const write = (until: number) => {
    if (standing === null) return
    // Counted from the begin, so that rounding does not add up.
    const end = Math.round(until / UNIT)
    const palette = quantize(standing.pixels, 256, { format: FORMAT })
    encoder.writeFrame(applyPalette(standing.pixels, palette, FORMAT), width, height, {
      palette,
      delay: UNIT * Math.max(2, end - written),
    })
    written = end
  }
  const began = performance.now()
  const look = () => {
    context.drawImage(canvas, 0, 0, width, height)
    const { data } = context.getImageData(0, 0, width, height)
    if (standing !== null && alike(standing.pixels, data)) return
    const now = performance.now() - began
    write(now)
    standing = { pixels: data, since: now }
  }
  look()
  const timer = setInterval(look, INTERVAL)

  return {
    get bytes() {
      return encoder.bytesView().length
    },
    async stop() {
      clearInterval(timer)
      write(performance.now() - began)
      encoder.finish()
      return new Blob([encoder.bytes()], { type: 'image/gif' })
    },
  }
}

function alike(one: Uint8ClampedArray, other: Uint8ClampedArray): boolean {
  const [a, b] = [wordsOf(one), wordsOf(other)]
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function wordsOf({ buffer, byteOffset, byteLength }: Uint8ClampedArray): Uint32Array {
  return new Uint32Array(buffer, byteOffset, byteLength / 4)
}
