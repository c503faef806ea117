// marlstrom render: an episode as a GIF, a video, a PNG or an SVG, with no display and no browser.
import { statSync } from 'node:fs'
import { dirname, extname } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../../errors.ts'
import { writeFileAtomic } from '../../experiment/atomic-file.ts'
import { dark, light } from '../../picture/colors.ts'
import { loadRasteriser, type Rasterise } from '../../picture/png.ts'
import { drawMoment, drawMotion, type Look } from '../../render/drawing.ts'
import { gifOf } from '../../render/gif.ts'
import type { Take } from '../../render/take.ts'
import { type VideoKind, videoHindrance, writeVideo } from '../../render/video.ts'
import { choiceOf, positiveNumber, wholeNumber } from '../options/settings.ts'
import { print } from '../terminal/print.ts'
import { type TakeOptions, takeOf } from './takes.ts'

interface RenderOptions extends TakeOptions {
  readonly out: string
  readonly step?: number
  readonly width: number
  readonly speed: number
  readonly theme: 'light' | 'dark'
  readonly json?: boolean
}

const kinds = ['.gif', '.png', '.svg', '.mp4', '.webm']

export function addRenderCommand(program: Command): void {
  program
    .command('render')
    .argument('<run|recording|scenario>', 'a run folder, a recording (.mcap), the id of a scenario, or a scenario file')
    .requiredOption(
      '--out <file>',
      'x.gif: an episode · x.mp4, x.webm: the same, by ffmpeg · x.png: one step · x.svg: an episode that moves, or with --step one step',
    )
    .option('--episode <n>', 'the n-th episode', positiveNumber, 1)
    .option('--step <n>', 'one picture, after this many steps of the episode', wholeNumber)
    .option('--from <n>', 'first step that is shown', wholeNumber)
    .option('--to <n>', 'last step that is shown', wholeNumber)
    .option('--width <pixels>', 'width of the picture', positiveNumber, 480)
    .option('--speed <factor>', '1: the pace of the live page', speedFactor, 1)
    .option('--theme <name>', 'light, dark', choiceOf('light', 'dark'), 'light')
    .option('--seed <n>', 'seed of the episodes; recordings have theirs', wholeNumber)
    .option('--greedy', "the policies' best guesses instead of samples as in training")
    .option('--policy <kind>', 'who plays instead: scripted, random, noop', choiceOf('scripted', 'random', 'noop'))
    .option('--set <key=value>', 'a setting of a scenario, repeatable', (value, all: string[] = []) => [...all, value])
    .option('--json', 'one JSON object per line and nothing else on stdout')
    .action(renderCommand)
}

async function renderCommand(target: string, options: RenderOptions): Promise<void> {
  const { out, step, speed, width, theme } = options
  const kind = extname(out).toLowerCase()
  refuse(out, kind, width)
  const video = videoOf(out, kind, step)
  const rasterise = kind === '.svg' ? null : await rasteriser(out)
  const take = await takeOf(target, options)
  const at = momentOf(take, step, kind === '.png')
  const look: Look = { width, theme: theme === 'dark' ? dark : light }
  if (video !== null) {
    await writeVideo(out, video, take, speed, look, rasterise!, progress)
    return tell(options, take, statSync(out).size, take.frames.length - 1)
  }
  const bytes =
    kind === '.gif'
      ? gifOf(take, speed, look, rasterise!, progress)
      : kind === '.png'
        ? rasterise!(drawMoment(take, at!, look), 1).png()
        : Buffer.from(at === null ? drawMotion(take, speed, look) : drawMoment(take, at, look))
  writeFileAtomic(out, [bytes])
  tell(options, take, bytes.length, at === null ? take.frames.length - 1 : 0)
}

function tell({ json, out: file }: RenderOptions, { title }: Take, bytes: number, steps: number): void {
  if (json) print(JSON.stringify({ event: 'picture', file, bytes, steps }))
  else print(`${file}   ${title}, ${steps === 0 ? 'one picture' : `${steps} steps`}, ${kilobytes(bytes)}`)
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
function refuse(out: string, kind: string, width: number): void {
  if (!kinds.includes(kind))
    throw new ConfigError('--out', `expected a file that ends in ${kinds.join(', ')}, got ${out}`)
  if (width < 64 || width > 4096) throw new ConfigError('--width', `expected 64 ... 4096 pixels, got ${width}`)
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

/** Long animations take a while: people see how far it has come. */
function progress(pictures: number, of: number): void {
  if (!process.stderr.isTTY || of < 200) return
  process.stderr.write(pictures === of ? '\r\u001b[K' : `\rpicture ${pictures} of ${of}`)
}

function speedFactor(text: string): number {
  const speed = Number(text)
  if (speed >= 0.05 && speed <= 64) return speed
  throw new ConfigError('--speed', `expected a number in 0.05 ... 64, got '${text}'`)
}

function kilobytes(bytes: number): string {
  return `${(bytes / 1000).toFixed(bytes < 1e5 ? 1 : 0)} kB`
}
