// marlstrom render: an episode as a GIF, a video, a PNG or an SVG, with no display and no browser.
import type { Command } from 'commander'
import { renderTake } from '../../api/render-take.ts'
import { ConfigError } from '../../errors.ts'
import { choiceOf, overridesOf, positiveNumber, wholeNumber } from '../options/settings.ts'
import { print, printNote } from '../terminal/print.ts'

interface RenderOptions {
  readonly out: string
  readonly episode: number
  readonly step?: number
  readonly from?: number
  readonly to?: number
  readonly width: number
  readonly speed: number
  readonly theme: 'light' | 'dark'
  readonly seed?: number
  readonly greedy?: boolean
  readonly policy?: 'scripted' | 'random' | 'noop'
  readonly set?: readonly string[]
  readonly json?: boolean
}

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

async function renderCommand(target: string, { out, set, json, ...options }: RenderOptions): Promise<void> {
  const overrides = set === undefined ? null : (id: string) => overridesOf({ set }, id)
  const picture = await renderTake(target, out, { ...options, overrides, progress, note: printNote })
  const { bytes, steps, title } = picture
  if (json) print(JSON.stringify({ event: 'picture', file: out, bytes, steps }))
  else print(`${out}   ${title}, ${steps === 0 ? 'one picture' : `${steps} steps`}, ${kilobytes(bytes)}`)
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
