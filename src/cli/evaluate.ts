// marlstrom evaluate: plays episodes with a trained run, without learning, and reports the returns.
import type { Command } from 'commander'
import { evaluate } from '../index.ts'
import { evaluationOf } from '../run.ts'
import { openTrainedRun } from './open-run.ts'
import { choiceOf, wholeNumber } from './settings.ts'

interface EvaluateOptions {
  readonly episodes: number
  readonly mode: 'sample' | 'greedy'
  readonly policy: 'trained' | 'random' | 'noop' | 'scripted'
  readonly seed: number
  readonly json?: boolean
}

export function addEvaluateCommand(program: Command): void {
  program
    .command('evaluate')
    .argument('<run>', 'a run folder')
    .option('--episodes <n>', 'episodes to play', wholeNumber, 1000)
    .option('--mode <mode>', 'sample as in training, or greedy', choiceOf('sample', 'greedy'), 'sample')
    .option(
      '--policy <kind>',
      'trained, or what to compare with: random, noop, scripted',
      choiceOf('trained', 'random', 'noop', 'scripted'),
      'trained',
    )
    .option('--seed <n>', 'seed of the evaluation episodes', wholeNumber, 0)
    .option('--json', 'one JSON object per line')
    .action(evaluateCommand)
}

async function evaluateCommand(path: string, options: EvaluateOptions): Promise<void> {
  const { run } = await openTrainedRun(path)
  const evaluation = evaluate(evaluationOf(run, options.policy, options.mode, options.episodes, options.seed))
  run.dispose()
  if (options.json) {
    console.log(JSON.stringify({ event: 'evaluation', policy: options.policy, ...evaluation }))
    return
  }
  console.log(
    `${evaluation.episodes} episodes, ${options.policy}, ${options.mode}: return per agent per episode (± standard error)`,
  )
  for (const [id, { mean, standardError }] of Object.entries(evaluation.returns)) {
    console.log(`${id.padEnd(18)} ${mean.toFixed(2)} ± ${standardError.toFixed(2)}`)
  }
  for (const [title, metrics] of [
    ['mean over the steps of an episode', evaluation.metrics],
    ['at the last step of an episode', evaluation.finalMetrics],
  ] as const) {
    if (Object.keys(metrics).length > 0) console.log(`\n${title}`)
    for (const [name, { mean, standardError }] of Object.entries(metrics)) {
      console.log(`${name.padEnd(18)} ${mean.toFixed(3)} ± ${standardError.toFixed(3)}`)
    }
  }
}
