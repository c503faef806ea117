// What a sweep tells while it runs: on a terminal the runs under way in lines that change, elsewhere a line for each trial; or JSON.
import pc from 'picocolors'
import { reasonOf } from '../../api/sweep-table.ts'
import { describeObjective } from '../../jobs/objective.ts'
import type { TrialStanding } from '../../sweep/standings.ts'
import type { SweepPlan } from '../../sweep/sweep-plan.ts'
import type { RunningRun, SweepEvent } from '../../sweep/sweep-run.ts'
import type { TrialRecord } from '../../sweep/trial-record.ts'
import { describeCount } from '../../text/describe-count.ts'
import { createLiveLines } from '../terminal/live-lines.ts'
import { printError, printEvent } from '../terminal/print.ts'
import { describeSeconds } from '../train/reporter.ts'

export interface SweepReporter {
  show(event: SweepEvent): void
  /** A sentence for people. */
  note(sentence: string): void
  end(standings: readonly TrialStanding[], text: string): void
  close(): void
}

/** Milliseconds between two JSON lines of progress. */
const tellEvery = 1000

export function createSweepReporter(json: boolean, plan: SweepPlan, path: string): SweepReporter {
  return json ? jsonReporter(plan, path) : textReporter(plan, path)
}

function jsonReporter({ sweep, rungs }: SweepPlan, folder: string): SweepReporter {
  let told = Number.NEGATIVE_INFINITY
  printEvent('sweep', { folder, trials: sweep.trials, seeds: sweep.seeds, rungs })
  return {
    show(event) {
      if (event.type === 'trial') printEvent('trial', { ...event.record, kept: event.kept })
      else if (performance.now() - told > tellEvery) {
        told = performance.now()
        printEvent('progress', { running: event.running })
      }
    },
    note: sentence => printError(sentence),
    end(standings) {
      const failed = standings.filter(({ record }) => record.status === 'failed').map(({ record }) => record.trial)
      const best = standings[0]?.interval ? { ...standings[0].record, interval: standings[0].interval } : null
      printEvent('summary', { folder, trials: standings.length, failed, best })
    },
    close() {},
  }
}

function textReporter({ sweep, rungs, scenario }: SweepPlan, folder: string): SweepReporter {
  const lines = createLiveLines(process.stdout)
  const began = performance.now()
  const trials = new Set<number>()
  let [tasks, failed, kept] = [0, 0, 0]
  let best: TrialRecord | null = null
  const episodes = rungs.map(describeCount).join(', ')
  lines.say(
    `${describeCount(sweep.trials)} trials of ${scenario}, ${sweep.seeds.length} seed${sweep.seeds.length === 1 ? '' : 's'} each, ${episodes} episodes, into ${folder}\n` +
      pc.dim(`${describeObjective(sweep.objective, sweep.seeds.length)}, ${sweep.objective.goal}d`),
  )
  const isBetter = ({ rung, value }: TrialRecord) =>
    value !== null &&
    (best === null ||
      rung > best.rung ||
      (rung === best.rung && (sweep.objective.goal === 'maximise' ? value > best.value! : value < best.value!)))
  const headline = () =>
    `${describeCount(trials.size)} of ${describeCount(sweep.trials)} trials${rungs.length > 1 ? `, ${tasks} trainings` : ''}` +
    `${failed > 0 ? `, ${failed} failed` : ''}${best === null ? '' : `; best ${best.value!.toFixed(2)} by trial ${best.trial}`}` +
    `; ${describeSeconds((performance.now() - began) / 1000)}`
  return {
    show(event) {
      if (event.type === 'progress') return lines.show([pc.bold(headline()), ...event.running.map(runLine)])
      const { record } = event
      trials.add(record.trial)
      tasks++
      if (event.kept) kept++
      if (record.status === 'failed') failed++
      if (isBetter(record)) best = record
      if (!event.kept) lines.say(trialLine(record, rungs.length > 1))
    },
    note: sentence => lines.say(sentence),
    end(_, text) {
      lines.end()
      if (kept > 0) lines.say(pc.dim(`${kept} of ${tasks} were finished already.`))
      lines.say(text)
    },
    close: () => lines.end(),
  }
}

function trialLine(record: TrialRecord, hasRungs: boolean): string {
  const settings = Object.entries(record.settings).map(
    ([key, value]) => `${key.replace(/^[^.]+\./, '')} ${JSON.stringify(value)}`,
  )
  const length = hasRungs ? `, ${describeCount(record.episodes)} episodes` : ''
  const mark = record.status === 'done' ? pc.green('✓') : pc.red('✗')
  const result = record.status === 'done' ? record.value!.toFixed(2) : reasonOf(record).split('\n')[0]!
  return `${mark} trial ${record.trial}${length}: ${result}  ${pc.dim(settings.join(', '))}`
}

function runLine({ trial, seed, episodes, of }: RunningRun): string {
  const width = 24
  const full = Math.min(width, Math.round((width * episodes) / of))
  return `  ${pc.cyan('█'.repeat(full) + '░'.repeat(width - full))} trial ${trial}, seed ${seed}: ${describeCount(episodes)} of ${describeCount(of)} episodes`
}
