// Shared by commands that train many runs: their options, and how they report progress.
import { availableParallelism } from 'node:os'
import { type Command, InvalidArgumentError } from 'commander'
import pc from 'picocolors'
import { describeCount } from '../../text/describe-count.ts'
import { plainLine } from '../../text/plain-text.ts'
import { positiveNumber } from '../options/settings.ts'
import { print } from '../terminal/print.ts'
import type { ManyRunsEvent } from './train-many.ts'

export interface ManyRunsOptions {
  readonly seeds?: readonly number[]
  readonly jobs: number
  readonly out?: string
  readonly json?: boolean
  readonly markdown?: boolean
}

/** Adds the options of `ManyRunsOptions`. */
export function addManyRunsOptions(command: Command): Command {
  return command
    .option('--seeds <seeds>', 'how many (3: seeds 1 to 3), or which: 1-10, or 1,4,7', seedList)
    .option('--jobs <n>', 'runs trained side by side; default: one per core', positiveNumber, availableParallelism())
    .option('--json', 'one JSON object per line and nothing else on stdout')
    .option('--markdown', 'tables as Markdown')
}

/** `3`: the seeds 1 to 3; `4-6`; `1,4,7`. */
export function seedList(text: string): number[] {
  const range = /^(\d+)-(\d+)$/.exec(text)
  const [first, last] = range ? [Number(range[1]), Number(range[2])] : [1, Number(text)]
  const seeds = /^\d+(,\d+)+$/.test(text)
    ? [...new Set(text.split(',').map(Number))]
    : Array.from({ length: Math.min(1000, Math.max(0, last - first + 1)) || 0 }, (_, i) => first + i)
  if (seeds.length > 0 && (range !== null || /^[\d,]+$/.test(text))) return seeds
  throw new InvalidArgumentError(`Expected a number of seeds (3), a range (1-10) or a list (1,4,7), got '${text}'.`)
}

/** Tells what goes on: on a terminal in one line that changes, elsewhere one line for each run that is done. */
export function createShow(json: boolean): (event: ManyRunsEvent) => void {
  const alive = !json && process.stdout.isTTY
  return event => {
    if (event.type === 'done') {
      if (json) print(JSON.stringify({ event: 'run', run: event.run, how: event.how }))
      else print(`${alive ? clear : ''}${pc.green('✓')} ${event.run}: ${words[event.how]}`)
    } else if (event.type === 'progress' && alive) {
      const now = [...event.now].map(([run, episodes]) => `${plainLine(run)} at ${describeCount(episodes)}`).join(', ')
      process.stdout.write(
        `${clear}${event.done} of ${event.of} runs done; ${now}`.slice(0, process.stdout.columns + clear.length - 1),
      )
    }
  }
}

const clear = '\r\u001b[K'

const words = { kept: 'was finished already', trained: 'trained', resumed: 'resumed and trained to the end' }
