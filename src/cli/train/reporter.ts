// What a training run tells while it runs: a progress bar in a terminal, plain lines elsewhere, JSON lines for programs.
import { SingleBar } from 'cli-progress'
import pc from 'picocolors'
import type { Rollback } from '../../experiment/recovery.ts'
import type { Evaluation, Returns, SessionState } from '../../index.ts'
import type { PolicyKind } from '../../run/run.ts'
import { describeRollback } from '../../serving/session-news.ts'
import { describeCount } from '../../text/describe-count.ts'
import { plainLine, plainText } from '../../text/plain-text.ts'
import { print, printEvent } from '../terminal/print.ts'

export interface TrainingSummary {
  readonly episodes: number
  readonly envSteps: number
  readonly updates: number
  /** Before the run was done. */
  readonly stopped: boolean
  readonly wallSeconds: number
  readonly envStepsPerSecond: number
  /** Mean wall time of an update round; null: there was none. */
  readonly updateMilliseconds: number | null
  readonly runFolder: string
  /** By agent id: training return per episode. */
  readonly returns: Readonly<Record<string, number>>
}

/** What was evaluated. */
export interface Evaluated {
  readonly policy: PolicyKind
  /** While the run is trained: episodes trained so far. */
  readonly trainingEpisodes?: number
  /** At its end: see Standing. */
  readonly team?: string | null
  readonly lead?: Returns | null
}

export interface Reporter {
  /** A sentence for people. */
  note(sentence: string): void
  /** How actors on other machines join. */
  actors(runKey: string, sentence: string): void
  progress(progress: SessionState['progress'], returns: Readonly<Record<string, number>>): void
  checkpoint(episodes: number, file: string, bytes: number): void
  /** The run has gone back to an earlier episode. */
  rollback(rollback: Rollback, reason: string): void
  /** The bar makes room for what follows. */
  finish(): void
  evaluation(of: Evaluated, evaluation: Evaluation): void
  summary(summary: TrainingSummary, table: string): void
}

/** The reporter for this output. `length`: in episodes or in environment steps. */
export function createReporter(json: boolean, length: number | { readonly steps: number }): Reporter {
  if (json) return jsonReporter()
  return process.stdout.isTTY ? terminalReporter(length) : plainReporter()
}

/** `-165.2 per agent` where all agents have the same, else one by one. */
export function describeReturns(returns: Readonly<Record<string, number>>): string {
  const values = Object.values(returns)
  if (values.length === 0 || values.some(value => !Number.isFinite(value))) return 'no episode yet'
  if (values.every(value => value === values[0])) return `${values[0]!.toFixed(1)} per agent`
  return Object.entries(returns)
    .map(([id, value]) => `${plainLine(id)} ${value.toFixed(1)}`)
    .join(', ')
}

/** `1 h 02 min`, `3 min 20 s`, `12 s`. */
export function describeSeconds(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${whole % 60} s`
  return `${Math.floor(whole / 3600)} h ${String(Math.floor((whole % 3600) / 60)).padStart(2, '0')} min`
}

function describeEvaluation(trainingEpisodes: number, { mode, episodes, returns }: Evaluation): string {
  const means = Object.fromEntries(Object.entries(returns).map(([id, { mean }]) => [id, mean]))
  return (
    `evaluation at episode ${describeCount(trainingEpisodes)}: return ${describeReturns(means)} ` +
    `(${describeCount(episodes)} episodes, ${mode})`
  )
}

const scale = 'return per episode, mean of the last 1,000 training episodes'

/** How fast a run goes and how long it takes. On-policy algorithms learn from rollouts, minibatch by minibatch: an update is one of these. */
export function describeRates(progress: SessionState['progress']): string {
  const { envSteps, updates, learnsAt, envStepsPerSecond, updatesPerSecond, secondsLeft, rollouts, actors } = progress
  const speed = `${describeCount(envStepsPerSecond)} env steps/s${actors === undefined ? '' : describeActing(actors)}`
  if (learnsAt !== null) {
    if (rollouts !== undefined && envSteps >= learnsAt) return `${speed}, learning from the first rollout`
    const what = rollouts === undefined ? 'experience' : 'the first rollout'
    return `${speed}, collecting ${what}: ${describeCount(envSteps)} of ${describeCount(learnsAt)} steps`
  }
  const left = secondsLeft === null ? '' : `, ${describeSeconds(secondsLeft)} left`
  if (rollouts === undefined) return `${speed}, ${describeRate(updatesPerSecond)} updates/s${left}`
  const each = rollouts.envSteps === null ? '' : ` of ${describeCount(rollouts.envSteps)} steps`
  return (
    `${speed}, ${describeCount(updates)} rollouts${each} (${describeRate(updatesPerSecond)}/s), ` +
    `${describeRate(rollouts.minibatchesPerSecond)} updates/s${left}`
  )
}

/** ` by 4 actors (lag 1)`: the largest one. */
function describeActing({ count, first }: NonNullable<SessionState['progress']['actors']>): string {
  const lag = Math.max(...first.map(actor => actor.lag))
  return ` by ${describeCount(count)} ${count === 1 ? 'actor' : 'actors'} (lag ${lag})`
}

/** 12,345 or, where it matters, 3.4. */
function describeRate(value: number): string {
  return value > 0 && value < 10 ? value.toFixed(1) : describeCount(value)
}

function terminalReporter(length: number | { readonly steps: number }): Reporter {
  const [total, unit, place] =
    typeof length === 'number' ? [length, 'episodes' as const, 'episode'] : [length.steps, 'envSteps' as const, 'step']
  const bar = new SingleBar({
    format: `${pc.cyan('{bar}')} {percentage}%  ${place} {value}/{total}  return {returns}  {rates}`,
    barCompleteChar: '█',
    barIncompleteChar: '░',
    barsize: 24,
    hideCursor: true,
    gracefulExit: false,
    formatValue: value => describeCount(value),
  })
  let started = false
  const say = (sentence: string) => {
    if (started) bar.stop()
    print(sentence)
    if (started) bar.start(total, 0, { returns: '', rates: '' })
  }
  return {
    note: sentence => say(plainText(sentence)),
    actors: (_, sentence) => say(plainText(sentence)),
    progress(progress, returns) {
      if (!started) print(pc.dim(`return = ${scale}`))
      const payload = { returns: describeReturns(returns), rates: describeRates(progress) }
      if (started) bar.update(progress[unit], payload)
      else bar.start(total, progress[unit], payload)
      started = true
    },
    checkpoint() {},
    rollback: (rollback, reason) => say(plainText(describeRollback(rollback, reason))),
    finish() {
      if (started) bar.stop()
      started = false
    },
    evaluation(of, evaluation) {
      if (of.trainingEpisodes !== undefined) say(describeEvaluation(of.trainingEpisodes, evaluation))
    },
    summary: (_, table) => print(table),
  }
}

/** A plain line every few seconds is enough for a log file. */
const plainEverySeconds = 5

function plainReporter(): Reporter {
  let last = -Infinity
  return {
    note: sentence => print(plainText(sentence)),
    actors: (_, sentence) => print(plainText(sentence)),
    progress(progress, returns) {
      const now = performance.now() / 1000
      if (now - last < plainEverySeconds) return
      if (last === -Infinity) print(`return = ${scale}`)
      last = now
      const total = progress.totalEpisodes === null ? '' : `/${describeCount(progress.totalEpisodes)}`
      print(
        `episode ${describeCount(progress.episodes)}${total}  return ${describeReturns(returns)}  ${describeRates(progress)}`,
      )
    },
    checkpoint: (episodes, file, bytes) =>
      print(`checkpoint at episode ${describeCount(episodes)}: ${file} (${describeCount(bytes / 1e6)} MB)`),
    rollback: (rollback, reason) => print(describeRollback(rollback, reason)),
    finish() {},
    evaluation(of, evaluation) {
      if (of.trainingEpisodes !== undefined) print(describeEvaluation(of.trainingEpisodes, evaluation))
    },
    summary: (_, table) => print(table),
  }
}

function jsonReporter(): Reporter {
  return {
    note() {},
    actors: runKey => printEvent('actors', { runKey }),
    progress: (progress, returns) => printEvent('progress', { ...progress, returns }),
    checkpoint: (episodes, file, bytes) => printEvent('checkpoint', { episodes, file, bytes }),
    rollback: (rollback, reason) => printEvent('rollback', { ...rollback, reason }),
    finish() {},
    evaluation: (of, evaluation) => printEvent('evaluation', { ...of, ...evaluation }),
    summary: summary => printEvent('summary', summary),
  }
}
