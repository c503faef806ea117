// The end of a training run: what was learnt, beside chance, doing nothing and a scripted controller, and what to do next.
import pc from 'picocolors'
import { firstUpdateAt } from '../experience.ts'
import { countersOf, type Run } from '../index.ts'
import { plainText } from '../plain-text.ts'
import { marlstromCommand } from '../shell-quoted.ts'
import { learntTeams, standingsOf } from '../standings.ts'
import { describeCount, describeReturns, describeSeconds, type Reporter } from './reporter.ts'
import { standingsText } from './standings-text.ts'

export interface Outcome {
  readonly stopped: boolean
  readonly wallSeconds: number
  readonly envStepsPerSecond: number
  /** Training returns by agent id. */
  readonly returns: Readonly<Record<string, number>>
}

/** Evaluates, then reports the summary. */
export function summarize(run: Run, folder: string, reporter: Reporter, outcome: Outcome): void {
  const { summaryEpisodes: episodes } = run.config.run
  const standings =
    episodes === 0 ? [] : standingsOf(run, { modes: ['sample', 'greedy'], episodes, seed: 0, baselines: true })
  for (const { policy, team, evaluation, lead } of standings) reporter.evaluation({ policy, team, lead }, evaluation)
  const counters = countersOf(run)
  const { wallSeconds, envStepsPerSecond, returns } = outcome
  // Of the rounds of this process; a run that was resumed at its end has none.
  const milliseconds = run.rounds.millisecondsPerRound
  const ofRounds = Number.isFinite(milliseconds) ? `, ${milliseconds.toFixed(1)} ms per update round` : ''
  reporter.summary(
    {
      ...counters,
      wallSeconds,
      envStepsPerSecond,
      updateMilliseconds: Number.isFinite(milliseconds) ? milliseconds : null,
      runFolder: folder,
      returns,
    },
    [
      '',
      `${howItEnded(outcome.stopped, counters.updates)} ${counted(counters)} in ${describeSeconds(wallSeconds)}` +
        ` (${describeCount(envStepsPerSecond)} env steps/s${ofRounds}).`,
      ...(counters.updates === 0 ? [whyNothing(run)] : []),
      `Training return, mean of the last 1,000 episodes: ${describeReturns(returns)}.`,
      '',
      ...(episodes === 0
        ? []
        : [standingsText(standings, run.agents, learntTeams(run), { markdown: false, metrics: false }), '']),
      `Run folder   ${plainText(folder)}`,
      `Watch it     ${marlstromCommand('watch', folder)}`,
      `Go on        ${marlstromCommand('train', '--resume', folder, '--episodes', String(nextTarget(counters.episodes, run.config.run.episodes)))}`,
    ].join('\n'),
  )
}

function howItEnded(stopped: boolean, updates: number): string {
  if (stopped) return pc.yellow('Stopped.')
  return updates === 0 ? pc.yellow('Finished without learning.') : pc.green('Trained.')
}

/** Why there was no update round. */
function whyNothing({ config, replay }: Run): string {
  return (
    `Nothing was learnt: the first update round comes at ${describeCount(firstUpdateAt(config))} environment steps ` +
    `(learner.updateAfter ${describeCount(config.learner.updateAfter)}), and the replay buffer holds ` +
    `${describeCount(replay.size)} transitions.`
  )
}

function counted({ episodes, envSteps, updates }: ReturnType<typeof countersOf>): string {
  return `${describeCount(episodes)} episodes, ${describeCount(envSteps)} environment steps, ${describeCount(updates)} update rounds`
}

/** The planned end when the run was stopped before it, else the 60,000 of the paper's code, else twice as far. */
function nextTarget(done: number, planned: number): number {
  return done < planned ? planned : Math.max(60_000, 2 * done)
}
