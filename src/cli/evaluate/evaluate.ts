// marlstrom evaluate: plays episodes with trained runs, without learning, beside policies that learnt nothing.
import type { Command } from 'commander'
import pc from 'picocolors'
import { type CheckpointChoice, evaluateRun } from '../../index.ts'
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
    await evaluateAndPrint(path, options)
  }
}

async function evaluateAndPrint(path: string, options: EvaluateOptions): Promise<void> {
  const { seed, markdown = false, json = false } = options
  const scenario = gameOptionsOf(options)
  const evaluated = await evaluateRun(path, { ...options, scenario, note: printNote })
  const { who, scenario: id, agents, teams, standings, exact } = evaluated
  const changed = Object.keys(scenario).length === 0 ? {} : { scenario }
  if (json) {
    for (const standing of exact) print(JSON.stringify({ event: 'exact', run: path, ...standing }))
    for (const { policy, team, evaluation, lead } of standings)
      print(JSON.stringify({ event: 'evaluation', run: path, ...changed, policy, team, seed, ...evaluation, lead }))
    return
  }
  const changes = Object.entries(scenario).map(([name, value]) => `, scenario.${name}=${value}`)
  const title = `${path}: ${who} on ${id}${changes.join('')}`
  print(markdown ? `**${title}**\n` : pc.bold(title))
  if (options.exact) print(exactText(exact, markdown))
  else print(standingsText(standings, agents, teams, { markdown, metrics: true }))
}
