// The end of a training run: what was learnt, beside chance, doing nothing and a scripted controller, and what to do next.
import pc from 'picocolors'
import { lastValueFrom, type Observable, takeUntil } from 'rxjs'
import { carryOut } from '../../engine/carry-out.ts'
import { countersOf, fastClock, type Run } from '../../index.ts'
import { describeWait, firstUpdateAt } from '../../run/experience.ts'
import { learntTeams, playingStandings, type Standing } from '../../run/standings.ts'
import { describeCount } from '../../text/describe-count.ts'
import { plainText } from '../../text/plain-text.ts'
import { marlstromCommand } from '../../text/shell-quoted.ts'
import { standingsText } from '../evaluate/standings-text.ts'
import { describeReturns, describeSeconds, type Reporter } from './reporter.ts'

/** What a training came to in this process. */
export interface TrainingFigures {
  readonly wallSeconds: number
  readonly envStepsPerSecond: number
  /** Training returns by agent id. */
  readonly returns: Readonly<Record<string, number>>
}

export interface TrainingOutcome extends TrainingFigures {
  /** The run is not done. */
  readonly stopped: boolean
}

/** Milliseconds after which a table that is still being played is spoken of. */
const quiet = 2000

/** Plays the table tick by tick, so that viewers and signals are served; null: it was stopped, or none is wanted. */
export async function playTable(
  run: Run,
  stop$: Observable<unknown>,
  { note }: Pick<Reporter, 'note'>,
): Promise<readonly Standing[] | null> {
  const { summaryEpisodes: episodes } = run.config.run
  if (episodes === 0) return null
  const remark = setTimeout(
    () => note(`playing ${describeCount(episodes)} episodes of every policy for the table; Ctrl-C leaves it out`),
    quiet,
  )
  const playing = playingStandings(run, { modes: ['sample', 'greedy'], episodes, seed: 0, baselines: true })
  try {
    return await lastValueFrom(fastClock().pipe(takeUntil(stop$), carryOut(playing)), { defaultValue: null })
  } finally {
    clearTimeout(remark)
  }
}

/** Reports the summary. `table`: null where there is none. */
export function summarize(
  run: Run,
  folder: string,
  reporter: Reporter,
  table: readonly Standing[] | null,
  { stopped, wallSeconds, envStepsPerSecond, returns }: TrainingOutcome,
): void {
  for (const { policy, team, evaluation, lead } of table ?? []) reporter.evaluation({ policy, team, lead }, evaluation)
  const counters = countersOf(run)
  // Of the rounds of this process; a run that was resumed at its end has none.
  const milliseconds = run.rounds.millisecondsPerRound
  const ofRounds = Number.isFinite(milliseconds) ? `, ${milliseconds.toFixed(1)} ms per update round` : ''
  reporter.summary(
    {
      ...counters,
      stopped,
      wallSeconds,
      envStepsPerSecond,
      updateMilliseconds: Number.isFinite(milliseconds) ? milliseconds : null,
      runFolder: folder,
      returns,
    },
    [
      '',
      `${howItEnded(stopped, counters.updates)} ${counted(counters)} in ${describeSeconds(wallSeconds)}` +
        ` (${describeCount(envStepsPerSecond)} env steps/s${ofRounds}).`,
      ...(counters.updates === 0 ? [whyNothing(run)] : []),
      `Training return, mean of the last 1,000 episodes: ${describeReturns(returns)}.`,
      '',
      ...(table === null
        ? []
        : [standingsText(table, run.agents, learntTeams(run), { markdown: false, metrics: false }), '']),
      `Run folder   ${plainText(folder)}`,
      ...(table === null ? [`Evaluate it  ${marlstromCommand('evaluate', folder)}`] : []),
      `Watch it     ${marlstromCommand('watch', folder)}`,
      `Go on        ${marlstromCommand('train', '--resume', folder, ...(stopped ? [] : [...further(run)]))}`,
    ].join('\n'),
  )
}

function howItEnded(stopped: boolean, updates: number): string {
  if (stopped) return pc.yellow('Stopped.')
  return updates === 0 ? pc.yellow('Finished without learning.') : pc.green('Trained.')
}

/** Why there was no update round. */
function whyNothing(run: Run): string {
  const first = firstUpdateAt(run)
  if (first === null) return 'Nothing was learnt: no update round was due.'
  return (
    `Nothing was learnt: the first update round comes at ${describeCount(first)} environment steps ` +
    `(${describeWait(run)})${run.replay ? `, and the replay buffer holds ${describeCount(run.replay.size)} transitions` : ''}.`
  )
}

function counted({ episodes, envSteps, updates }: ReturnType<typeof countersOf>): string {
  return `${describeCount(episodes)} episodes, ${describeCount(envSteps)} environment steps, ${describeCount(updates)} update rounds`
}

/** How to train on: to the 60,000 episodes of the paper's code, else twice as far. */
function further(run: Run): string[] {
  const { episodes, envSteps } = countersOf(run)
  return run.config.run.steps === null
    ? ['--episodes', String(Math.max(60_000, 2 * episodes))]
    : ['--steps', String(2 * envSteps)]
}
