// An episode drawn into a file, as a GIF, a video, a PNG or an SVG.
import { statSync } from 'node:fs'
import { dirname, extname } from 'node:path'
import { ConfigError } from '../errors.ts'
import { writeFileAtomic } from '../experiment/atomic-file.ts'
import { dark, light } from '../picture/colors.ts'
import { loadRasteriser, type Rasterise } from '../picture/png.ts'
import { drawMoment, drawMotion, type Look } from '../render/drawing.ts'
import type { Take } from '../render/take.ts'
import { type VideoKind, videoHindrance, writeVideo } from '../render/video.ts'
import { expectCount, expectOneOf } from './guards.ts'
import type { Picture, RenderOptions } from './render-options.ts'
import { type TakeOptions, takeOf } from './takes.ts'

const kinds = ['.gif', '.png', '.svg', '.mp4', '.webm']

/** The same, with settings as the command reads them. @throws ConfigError, FileError as `render` */
export async function renderTake(
  what: string,
  out: string,
  options: Omit<RenderOptions, 'scenario'> & Pick<TakeOptions, 'overrides'>,
): Promise<Picture> {
  const { step, speed = 1, width = 480, theme = 'light', episode = 1, note = () => {} } = options
  const kind = extname(out).toLowerCase()
  refuse(out, kind, width, speed)
  expectCount('--episode', episode)
  expectOneOf('--theme', theme, ['light', 'dark'])
  const video = videoOf(out, kind, step)
  const rasterise = kind === '.svg' ? null : await rasteriser(out)
  const take = await takeOf(what, { ...options, episode, note })
  const at = momentOf(take, step, kind === '.png')
  const look: Look = { width, theme: theme === 'dark' ? dark : light }
  if (video !== null) {
    await writeVideo(out, video, take, speed, look, rasterise!, options.progress)
    return { file: out, bytes: statSync(out).size, steps: take.frames.length - 1, title: take.title }
  }
  const bytes =
    kind === '.gif'
      ? await moving(take, speed, look, rasterise!, options.progress)
      : kind === '.png'
        ? rasterise!(drawMoment(take, at!, look), 1).png()
        : Buffer.from(at === null ? drawMotion(take, speed, look) : drawMoment(take, at, look))
  writeFileAtomic(out, [bytes])
  return { file: out, bytes: bytes.length, steps: at === null ? take.frames.length - 1 : 0, title: take.title }
}

async function moving(
  take: Take,
  speed: number,
  look: Look,
  rasterise: Rasterise,
  progress: RenderOptions['progress'] = () => {},
): Promise<Uint8Array> {
  const { gifOf } = await import('../render/gif.ts')
  return gifOf(take, speed, look, rasterise, progress)
}

/** null: it is another kind. @throws ConfigError where there can be none here */
function videoOf(out: string, kind: string, step: number | undefined): VideoKind | null {
  if (kind !== '.mp4' && kind !== '.webm') return null
  if (step !== undefined) throw new ConfigError('--step', `expected --out x.png or x.svg for one picture, got ${out}`)
  const video = kind === '.mp4' ? 'mp4' : 'webm'
  const hindrance = videoHindrance(video)
  if (hindrance !== null) throw new ConfigError('--out', `${out}: ${hindrance}; a .gif or .png needs no such program`)
  return video
}

/** Before anything is played. @throws ConfigError */
function refuse(out: string, kind: string, width: number, speed: number): void {
  if (!kinds.includes(kind))
    throw new ConfigError('--out', `expected a file that ends in ${kinds.join(', ')}, got ${out}`)
  if (!(width >= 64 && width <= 4096)) throw new ConfigError('--width', `expected 64 ... 4096 pixels, got ${width}`)
  if (!(speed >= 0.05 && speed <= 64))
    throw new ConfigError('--speed', `expected a number in 0.05 ... 64, got ${speed}`)
  const folder = statSync(dirname(out), { throwIfNoEntry: false })
  if (!folder?.isDirectory()) throw new ConfigError('--out', `there is no folder ${dirname(out)}; make it first`)
}

async function rasteriser(out: string): Promise<Rasterise> {
  const rasterise = await loadRasteriser()
  if (typeof rasterise !== 'string') return rasterise
  throw new ConfigError('--out', `${out}: ${rasterise}; an .svg needs neither`)
}

/** The frame to draw: null for all of them. */
function momentOf({ frames }: Take, step: number | undefined, still: boolean): number | null {
  if (step === undefined) return still ? frames.length - 1 : null
  const at = frames.findIndex(frame => frame.step === step)
  if (at === -1) {
    const [first, last] = [frames[0]!.step, frames.at(-1)!.step]
    throw new ConfigError('--step', `expected a step of the episode, ${first} ... ${last}, got ${step}`)
  }
  return at
}
