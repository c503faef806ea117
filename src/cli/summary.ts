// The end of a training run: what was learnt, beside chance, doing nothing and a scripted controller, and what to do next.
import Table from 'cli-table3'
import pc from 'picocolors'
import { countersOf, type Evaluation, evaluate, type Run } from '../index.ts'
import { evaluationOf, type PolicyKind } from '../run.ts'
import { describeCount, describeReturns, describeSeconds, type Reporter } from './reporter.ts'

export interface Outcome {
  readonly stopped: boolean
  readonly wallSeconds: number
  readonly envStepsPerSecond: number
  /** Training returns by agent id. */
  readonly returns: Readonly<Record<string, number>>
}

const episodes = 1000

/** Evaluates, then reports the summary. */
export function summarize(run: Run, folder: string, reporter: Reporter, outcome: Outcome): void {
  const rows = baselines(run).map(([name, kind, mode]) => {
    const evaluation = evaluate(evaluationOf(run, kind, mode, episodes))
    reporter.evaluation({ policy: kind }, evaluation)
    return [name, evaluation] as const
  })
  const counters = countersOf(run)
  const { wallSeconds, envStepsPerSecond, returns } = outcome
  reporter.summary(
    {
      ...counters,
      wallSeconds,
      envStepsPerSecond,
      updateMilliseconds: run.rounds.millisecondsPerRound,
      runFolder: folder,
      returns,
    },
    [
      '',
      `${outcome.stopped ? pc.yellow('Stopped.') : pc.green('Trained.')} ${counted(counters)} in ${describeSeconds(wallSeconds)}` +
        ` (${describeCount(envStepsPerSecond)} env steps/s, ${run.rounds.millisecondsPerRound.toFixed(1)} ms per update round).`,
      `Training return, mean of the last 1,000 episodes: ${describeReturns(returns)}.`,
      '',
      tableOf(rows),
      pc.dim(`Mean return per agent per episode, ${describeCount(episodes)} evaluation episodes; higher is better.`),
      ...opponents(run),
      '',
      `Run folder   ${folder}`,
      `Watch it     npx marlstrom watch ${folder}`,
      `Go on        npx marlstrom train --resume ${folder} --episodes ${nextTarget(counters.episodes, run.config.run.episodes)}`,
    ].join('\n'),
  )
}

/** Who plays the same in every row of the table. */
function opponents({ agents, roster }: Run): string[] {
  const ids = agents.filter((_, index) => !('update' in roster[index]!)).map(({ id }) => id)
  return ids.length === 0 ? [] : [pc.dim(`In every row the same: ${ids.join(', ')}, who did not learn.`)]
}

/** What a trained team is compared with. */
function baselines(run: Run): [string, PolicyKind, 'sample' | 'greedy'][] {
  return [
    ['trained, sampling', 'trained', 'sample'],
    ['trained, best guess', 'trained', 'greedy'],
    ...(run.createGame().script === undefined
      ? []
      : [['scripted controller', 'scripted', 'greedy'] as [string, PolicyKind, 'greedy']]),
    ['doing nothing', 'noop', 'greedy'],
    ['random actions', 'random', 'sample'],
  ]
}

/** One column where all agents have the same return, else one per agent. */
function tableOf(rows: readonly (readonly [string, Evaluation])[]): string {
  const ids = Object.keys(rows[0]![1].returns)
  const cell = (evaluation: Evaluation, id: string) => {
    const { mean, standardError } = evaluation.returns[id]!
    return `${mean.toFixed(1)} ± ${standardError.toFixed(1)}`
  }
  const shared = rows.every(([, evaluation]) => new Set(ids.map(id => evaluation.returns[id]!.mean)).size === 1)
  const columns = shared ? [ids[0]!] : ids
  const table = new Table({
    head: ['policy', ...(shared ? ['return of every agent'] : ids)],
    colAligns: ['left', ...columns.map(() => 'right' as const)],
    style: { head: [], border: pc.isColorSupported ? ['dim'] : [] },
  })
  table.push(...rows.map(([name, evaluation]) => [name, ...columns.map(id => cell(evaluation, id))]))
  return table.toString()
}

function counted({ episodes, envSteps, updates }: ReturnType<typeof countersOf>): string {
  return `${describeCount(episodes)} episodes, ${describeCount(envSteps)} environment steps, ${describeCount(updates)} update rounds`
}

/** The planned end when the run was stopped before it, else the 60,000 of the paper's code, else twice as far. */
function nextTarget(done: number, planned: number): number {
  return done < planned ? planned : Math.max(60_000, 2 * done)
}
