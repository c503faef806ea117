// marlstrom check: plays a scenario in every way that training and viewers will, in a thread of its own, and says what is wrong.
import type { Command } from 'commander'
import pc from 'picocolors'
import { bundleFile, isScenarioPath } from '../../authoring/bundle.ts'
import type { GameMessage, PlacedProblem, PlacedReport } from '../../authoring/game-messages.ts'
import { startGameThread } from '../../authoring/game-thread.ts'
import { ConfigError, checkGame, describeProblem } from '../../index.ts'
import { type Overrides, resolveConfig } from '../../run/config/config.ts'
import { trainingDefaults } from '../../run/config/presets.ts'
import { findGame } from '../../run/run.ts'
import { addConfigOption, overridesOf, wholeNumber } from '../options/settings.ts'
import { print } from '../terminal/print.ts'

interface CheckOptions {
  readonly config?: readonly string[]
  readonly preset?: string
  readonly set?: readonly string[]
  readonly seed?: number
  readonly json?: boolean
}

export function addCheckCommand(program: Command): void {
  addConfigOption(program.command('check'))
    .argument('<scenario>', 'a scenario file, or the id of a scenario')
    .option('--preset <name>', 'named settings: openai')
    .option('--seed <n>', 'the first of three seeds to play', wholeNumber)
    .option('--set <key=value>', 'an option of the scenario, repeatable', (value, all: string[] = []) => [
      ...all,
      value,
    ])
    .option('--json', 'one JSON object per line')
    .action(async (scenario: string, options: CheckOptions) => {
      process.exitCode = await checkCommand(scenario, options)
    })
}

/** 0: all is well, 1: problems were found. */
async function checkCommand(scenario: string, options: CheckOptions): Promise<number> {
  const report = await reportOf(scenario, overridesOf(options, scenario))
  if (options.json) printJson(report)
  else printReport(report)
  return report.problems.length === 0 ? 0 : 1
}

async function reportOf(scenario: string, overrides: Overrides): Promise<PlacedReport> {
  if (!isScenarioPath(scenario)) {
    // What ships with marlstrom is trusted to come back.
    const { definition } = await findGame(scenario)
    const { run, scenario: config } = resolveConfig(overrides, definition)
    const { id: _, ...options } = config
    definition.create(options)
    const report = checkGame(definition, { options, seeds: seedsFrom(run.seed) })
    return { ...report, problems: report.problems.map(({ error: _, ...problem }) => ({ ...problem, place: null })) }
  }
  const { run } = resolveConfig(overrides)
  const { id: _, ...options } = overrides.scenario ?? {}
  const bundle = await bundleFile(scenario)
  const message = await new Promise<GameMessage>(ended => {
    startGameThread(
      {
        task: 'check',
        bundle,
        options,
        preset: trainingDefaults.scenario ?? {},
        seed: run.seed,
        hookSeconds: run.hookSeconds,
        exhibition: { paused: false, speed: 1 },
      },
      message => {
        if (message.type !== 'agentIds' && message.type !== 'thread') ended(message)
      },
    )
  })
  if (message.type === 'report') return message.report
  if (message.type === 'stuck') return stuckReport(bundle.file, message.problem)
  if (message.type !== 'failed') throw new Error(`check: expected a report, got ${message.type}`)
  throw message.wrongUsage ? new ConfigError('', message.message) : new Error(message.message)
}

function seedsFrom(seed: number): number[] {
  return [seed, seed + 1, seed + 2]
}

function stuckReport(file: string, problem: PlacedProblem): PlacedReport {
  const checks = [{ name: 'plays', sentence: 'every hook comes back', outcome: 'failed' as const }]
  return { id: file, agents: [], checks, problems: [problem], stepsPerSecond: 0 }
}

const marks = { passed: pc.green('ok  '), failed: pc.red('FAIL'), skipped: pc.dim('-   ') }

function printReport(report: PlacedReport): void {
  const { id, agents, checks, problems, stepsPerSecond } = report
  print(`${pc.bold(id)}${agents.length === 0 ? '' : `: ${agents.length} agents`}`)
  const kinds = new Map<string, string[]>()
  for (const { id, observationSize, actionSize } of agents) {
    const kind = `sees ${observationSize} numbers, acts with ${actionSize}`
    kinds.set(kind, [...(kinds.get(kind) ?? []), id])
  }
  for (const [kind, ids] of kinds) print(pc.dim(`  ${ids.join(', ')}: ${kind}`))
  for (const { name, sentence, outcome } of checks) {
    print(`${marks[outcome]} ${name.padEnd(11)} ${sentence}`)
    for (const problem of problems) {
      if (problem.check !== name || outcome !== 'failed') continue
      print(`       ${describeProblem(problem)}`)
      if (problem.place !== null) print(`       at ${problem.place}`)
    }
  }
  if (problems.length > 0) {
    print(`\n${problems.length} ${problems.length === 1 ? 'problem' : 'problems'}`)
  } else {
    const passed = checks.filter(({ outcome }) => outcome === 'passed').length
    print(`\n${passed} checks passed; ${Math.round(stepsPerSecond).toLocaleString('en-US')} steps/s of one game`)
  }
}

function printJson({ problems, checks, ...rest }: PlacedReport): void {
  for (const check of checks) print(JSON.stringify({ event: 'check', ...check }))
  for (const problem of problems) print(JSON.stringify({ event: 'problem', ...problem }))
  const count = (outcome: string) => checks.filter(check => check.outcome === outcome).length
  print(JSON.stringify({ event: 'summary', passed: count('passed'), failed: count('failed'), ...rest }))
}
