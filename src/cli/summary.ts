// The end of a training run: what was learnt, beside chance, doing nothing and a scripted controller, and what to do next.
import pc from 'picocolors'
import { lastValueFrom, type Observable, takeUntil } from 'rxjs'
import { carryOut } from '../engine/carry-out.ts'
import { countersOf, fastClock, type Run } from '../index.ts'
import { learntTeams, playingStandings, type Standing } from '../standings.ts'
import { describeCount, describeReturns, describeSeconds, type Reporter } from './reporter.ts'
import { standingsText } from './standings-text.ts'

/** What a training came to in this process. */
export interface TrainingFigures {
  readonly wallSeconds: number
  readonly envStepsPerSecond: number
  /** Training returns by agent id. */
  readonly returns: Readonly<Record<string, number>>
}

export interface Outcome extends TrainingFigures {
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
  { stopped, wallSeconds, envStepsPerSecond, returns }: Outcome,
): void {
  for (const { policy, team, evaluation, lead } of table ?? []) reporter.evaluation({ policy, team, lead }, evaluation)
  const counters = countersOf(run)
  reporter.summary(
    {
      ...counters,
      stopped,
      wallSeconds,
      envStepsPerSecond,
      updateMilliseconds: run.rounds.millisecondsPerRound,
      runFolder: folder,
      returns,
    },
    [
      '',
      `${stopped ? pc.yellow('Stopped.') : pc.green('Trained.')} ${counted(counters)} in ${describeSeconds(wallSeconds)}` +
        ` (${describeCount(envStepsPerSecond)} env steps/s, ${run.rounds.millisecondsPerRound.toFixed(1)} ms per update round).`,
      `Training return, mean of the last 1,000 episodes: ${describeReturns(returns)}.`,
      '',
      ...(table === null
        ? []
        : [standingsText(table, run.agents, learntTeams(run), { markdown: false, metrics: false }), '']),
      `Run folder   ${folder}`,
      ...(table === null ? [`Evaluate it  npx marlstrom evaluate ${folder}`] : []),
      `Watch it     npx marlstrom watch ${folder}`,
      `Go on        npx marlstrom train --resume ${folder}${stopped ? '' : ` --episodes ${nextTarget(counters.episodes)}`}`,
    ].join('\n'),
  )
}

function counted({ episodes, envSteps, updates }: ReturnType<typeof countersOf>): string {
  return `${describeCount(episodes)} episodes, ${describeCount(envSteps)} environment steps, ${describeCount(updates)} update rounds`
}

/** The 60,000 episodes of the paper's code, else twice as far. */
function nextTarget(done: number): number {
  return Math.max(60_000, 2 * done)
}
