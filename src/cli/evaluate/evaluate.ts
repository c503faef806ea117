// marlstrom evaluate: plays episodes with trained runs, without learning, beside policies that learnt nothing.
import type { Command } from 'commander'
import pc from 'picocolors'
import type { EvaluationMode } from '../../experiment/evaluate.ts'
import type { CheckpointChoice } from '../../index.ts'
import { exactStandings } from '../../run/exact-standings.ts'
import { learntTeams, standingsOf } from '../../run/standings.ts'
import { openTrainedRun } from '../../starting/open-run.ts'
import { addCheckpointOption } from '../options/checkpoint-option.ts'
import { addGameOption, choiceOf, gameOptionsOf, positiveNumber, wholeNumber } from '../options/settings.ts'
import { print, printNote } from '../terminal/print.ts'
import { exactText } from './exact-text.ts'
import { standingsText } from './standings-text.ts'

interface EvaluateOptions {
  readonly episodes: number
  readonly mode: 'both' | 'sample' | 'greedy'
  readonly seed: number
  readonly checkpoint?: CheckpointChoice
  readonly set?: readonly string[]
  readonly baselines: boolean
  readonly exact?: boolean
  readonly markdown?: boolean
  readonly json?: boolean
}

export function addEvaluateCommand(program: Command): void {
  addGameOption(addCheckpointOption(program.command('evaluate')))
    .argument('<runs...>', 'run folders')
    .option('--episodes <n>', 'episodes to play, rounded up to a multiple of 50', positiveNumber, 1000)
    .option(
      '--mode <mode>',
      'sample, as in training; greedy, the best guess; both',
      choiceOf('both', 'sample', 'greedy'),
      'both',
    )
    .option('--no-baselines', 'leave out scripted, doing nothing and random')
    .option('--exact', 'of games in turns: how often teams win, computed without playing episodes')
    .option('--seed <n>', 'seed of the evaluation episodes', wholeNumber, 0)
    .option('--markdown', 'tables as Markdown')
    .option('--json', 'one JSON object per line and nothing else on stdout')
    .action(evaluateCommand)
}

async function evaluateCommand(paths: readonly string[], options: EvaluateOptions): Promise<void> {
  for (const [i, path] of paths.entries()) {
    if (i > 0 && !options.json) print()
    await evaluateRun(path, options)
  }
}

async function evaluateRun(path: string, options: EvaluateOptions): Promise<void> {
  const { episodes, mode, seed, baselines, markdown = false, json = false } = options
  const scenario = gameOptionsOf(options)
  const { run } = await openTrainedRun(path, printNote, { ...options, scenario })
  const modes: readonly [EvaluationMode, ...EvaluationMode[]] = mode === 'both' ? ['sample', 'greedy'] : [mode]
  const changes = Object.entries(scenario).map(([name, value]) => `, scenario.${name}=${value}`)
  const title = `${path}: ${run.who} on ${run.definition.id}${changes.join('')}`
  try {
    if (options.exact) {
      const exact = exactStandings(run, modes)
      if (json) for (const standing of exact) print(JSON.stringify({ event: 'exact', run: path, ...standing }))
      else {
        print(markdown ? `**${title}**\n` : pc.bold(title))
        print(exactText(exact, markdown))
      }
      return
    }
    const standings = standingsOf(run, {
      modes,
      episodes,
      seed,
      baselines,
    })
    const changed = Object.keys(scenario).length === 0 ? {} : { scenario }
    if (json) {
      for (const { policy, team, evaluation, lead } of standings)
        print(JSON.stringify({ event: 'evaluation', run: path, ...changed, policy, team, seed, ...evaluation, lead }))
      return
    }
    print(markdown ? `**${title}**\n` : pc.bold(title))
    print(standingsText(standings, run.agents, learntTeams(run), { markdown, metrics: true }))
  } finally {
    run.dispose()
  }
}
