// What a comparison tells: the expected time first, runs as they end, a table with intervals at the end; or JSON.
import pc from 'picocolors'
import { intervalText } from '../../report/elements.ts'
import { type EqualRow, secondsText } from '../../report/evaluation-section.ts'
import type { Report } from '../../report/report.ts'
import { describeCount } from '../../text/describe-count.ts'
import type { ManyRunsEvent } from '../reproduce/train-many.ts'
import { createLiveLines } from '../terminal/live-lines.ts'
import { printEvent } from '../terminal/print.ts'
import { tableText } from '../terminal/print-table.ts'
import { describeSeconds } from '../train/reporter.ts'
import { usualSeconds } from './expected-time.ts'

/** What is known before it begins. */
export interface Comparison {
  readonly scenario: string
  readonly folder: string
  readonly jobs: number
  /** Environment steps of each run. */
  readonly steps: number
  readonly seeds: readonly number[]
  /** Expected seconds of a whole run of each method, alone; null: all of its runs are finished. */
  readonly methods: readonly { readonly name: string; readonly seconds: number | null }[]
  /** Methods whose training failed while it was measured: their runs will say why. */
  readonly unmeasured: readonly string[]
  /** Expected seconds that are left of each unfinished run, alone. */
  readonly left: ReadonlyMap<string, number>
  /** Expected seconds of all that is left, runs side by side. */
  readonly seconds: number
}

export interface CompareReporter {
  show(event: ManyRunsEvent): void
  /** All is trained; the page is being made. */
  measuring(): void
  end(report: Report, page: string, failed: ReadonlyMap<string, string>, note: string | null): void
  close(): void
}

/** Milliseconds between two JSON lines of progress. */
const tellEvery = 1000

export function createCompareReporter(json: boolean, comparison: Comparison): CompareReporter {
  return json ? jsonReporter(comparison) : textReporter(comparison)
}

function jsonReporter({ left, ...comparison }: Comparison): CompareReporter {
  printEvent('compare', { ...comparison, runsLeft: left.size })
  let told = Number.NEGATIVE_INFINITY
  return {
    show(event) {
      if (event.type === 'done') return printEvent('run', { run: event.run, how: event.how })
      if (event.type === 'failed') return printEvent('run', { run: event.run, how: 'failed', reason: event.reason })
      if (performance.now() - told < tellEvery) return
      told = performance.now()
      printEvent('progress', { running: Object.fromEntries(event.now) })
    },
    measuring() {},
    end(report, page, failed) {
      const rows = report.equal.map(row => ({ ...row, method: report.methods[row.method] }))
      printEvent('summary', { page, rows, failed: Object.fromEntries(failed) })
    },
    close() {},
  }
}

function textReporter(comparison: Comparison): CompareReporter {
  const { scenario, folder, steps, seeds, methods, left, jobs } = comparison
  const lines = createLiveLines(process.stdout)
  const began = performance.now()
  let [done, kept] = [0, 0]
  const of = methods.length * seeds.length
  lines.say(
    `${methods.map(({ name }) => name).join(', ')} on ${scenario}: ${counted(seeds.length, 'seed')} each, ${describeCount(steps)} steps, into ${folder}\n${expectation(comparison)}`,
  )
  return {
    show(event) {
      if (event.type === 'progress') {
        const running = [...event.now]
        const shares = new Map(running.map(([run, at]) => [run, at / steps]))
        const rest = [...left].reduce((sum, [run, seconds]) => sum + seconds * (1 - (shares.get(run) ?? 0)), 0) / jobs
        const headline = `${done} of ${of} runs; about ${describeSeconds(rest)} left; ${describeSeconds((performance.now() - began) / 1000)}`
        return lines.show([pc.bold(headline), ...running.map(([run, at]) => bar(run, at, steps))])
      }
      done++
      if (event.type === 'done' && event.how === 'kept') {
        kept++
        return
      }
      if (event.type === 'failed') lines.say(`${pc.red('✗')} ${event.run}: ${event.reason}`)
      else lines.say(`${pc.green('✓')} ${event.run}${event.how === 'resumed' ? ', resumed' : ''}`)
      ;(left as Map<string, number>).delete(event.run)
    },
    measuring() {
      lines.show([`evaluating ${counted(of, 'run')}`])
    },
    end(report, page, failed, note) {
      lines.end()
      if (kept > 0)
        lines.say(pc.dim(`${kept} of ${counted(of, 'run')} ${kept === 1 ? 'was' : 'were'} finished already.`))
      lines.say(`\n${resultText(report)}`)
      if (failed.size > 0) lines.say(`\n${pc.red('failed:')} ${[...failed.keys()].join(', ')}; the reasons are above`)
      if (note !== null) lines.say(`${pc.yellow('note:')} ${note}`)
      lines.say(`\nReport  ${page}`)
    },
    close: () => lines.end(),
  }
}

/** What it will take, and what that rests on. */
function expectation({ methods, unmeasured, seconds, left, jobs }: Comparison): string {
  if (left.size === 0) return 'Expected time: all runs are finished; only the report is made anew.'
  const each = methods.flatMap(({ name, seconds }) => (seconds === null ? [] : [`${name} ${describeSeconds(seconds)}`]))
  return (
    `Expected time: about ${describeSeconds(seconds)} for ${counted(left.size, 'run')}, ${jobs} side by side. A whole run: ${each.join(', ') || 'unknown'}.\n` +
    (unmeasured.length === 0 ? '' : `Not counted, for their training failed at once: ${unmeasured.join(', ')}.\n`) +
    pc.dim(
      `Measured just now on this machine, at most ${usualSeconds} s of training or some update rounds and an evaluation of each method, alone; side by side runs are slower.`,
    )
  )
}

/** The table of the terminal, team by team. */
function resultText({ equal, methods }: Report): string {
  if (equal.length === 0) return 'No run was evaluated on its way.'
  const teams = new Set(equal.map(({ team }) => team)).size
  const { steps, seconds } = equal[0]!
  const head = [
    'method',
    ...(teams > 1 ? ['team'] : []),
    'seeds',
    `at ${describeCount(steps)} steps`,
    seconds === null ? 'at equal seconds' : `at ${secondsText(seconds)}`,
    'training took',
  ]
  const rows = equal.map((row: EqualRow) => [
    methods[row.method]!,
    ...(teams > 1 ? [row.team] : []),
    String(row.seeds),
    intervalText(row.atSteps),
    row.atSeconds === null ? '–' : intervalText(row.atSeconds),
    row.took === null ? '–' : secondsText(row.took),
  ])
  const few = equal.some(({ seeds }) => seeds < 4)
  return [
    tableText(head, rows, teams > 1 ? 2 : 1, false),
    pc.dim(
      'Evaluation return per agent and episode: interquartile mean over the seeds [95 % bootstrap interval]; higher is better.' +
        (few ? ' Intervals of fewer than four seeds are too narrow to be trusted.' : ''),
    ),
  ].join('\n')
}

function bar(run: string, at: number, of: number): string {
  const width = 24
  const full = Math.min(width, Math.round((width * at) / of))
  return `  ${pc.cyan('█'.repeat(full) + '░'.repeat(width - full))} ${run}: ${describeCount(at)} of ${describeCount(of)} steps`
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`
}
