#!/usr/bin/env node
// The command `marlstrom`: its subcommands, and what every error becomes: a sentence and an exit code.
import { Command, CommanderError } from 'commander'
import pc from 'picocolors'
import { describeError } from '../authoring/error-place.ts'
import { endStuckHooks } from '../authoring/hook-watch.ts'
import { ConfigError } from '../errors.ts'
import { packageVersion } from '../installation/package.ts'
import { plainColoured, plainText } from '../text/plain-text.ts'
import { printError } from './terminal/print.ts'

/** Every subcommand: what it does, and where it is. Only the one that is asked for is loaded, so that help comes at once. */
const commands: Readonly<Record<string, readonly [string, () => Promise<(program: Command) => void>]>> = {
  train: ['train agents in a scenario', async () => (await import('./train/train.ts')).addTrainCommand],
  evaluate: [
    'play episodes with the actors of a run, without learning',
    async () => (await import('./evaluate/evaluate.ts')).addEvaluateCommand,
  ],
  crossplay: [
    'let runs of one scenario play with and against each other',
    async () => (await import('./crossplay/crossplay.ts')).addCrossplayCommand,
  ],
  verify: [
    'train several seeds and hold their returns against those of the reference',
    async () => (await import('./reproduce/verify.ts')).addVerifyCommand,
  ],
  reproduce: [
    'train the runs behind the tables of the MADDPG paper, and print ours beside the paper',
    async () => (await import('./reproduce/reproduce.ts')).addReproduceCommand,
  ],
  sweep: [
    'search settings by many trainings: grid, random, Sobol, TPE, successive halving',
    async () => (await import('./sweep/sweep.ts')).addSweepCommand,
  ],
  compare: [
    'train several algorithms on one game and compare them on one page',
    async () => (await import('./compare/compare.ts')).addCompareCommand,
  ],
  worker: [
    'train the runs of sweeps that were started elsewhere',
    async () => (await import('./sweep/worker.ts')).addWorkerCommand,
  ],
  actor: ['play for a training that runs elsewhere', async () => (await import('./actor/actor.ts')).addActorCommand],
  report: [
    'compare runs on one page: curves, final returns, statistics, replays',
    async () => (await import('./report/report.ts')).addReportCommand,
  ],
  playback: [
    'play recordings on the live page, verify them, and go on from any step',
    async () => (await import('./playback/playback.ts')).addPlaybackCommand,
  ],
  render: ['draw an episode as GIF, PNG or SVG', async () => (await import('./render/render.ts')).addRenderCommand],
  watch: [
    'serve the live page of a run or of a scenario',
    async () => (await import('./watch/watch.ts')).addWatchCommand,
  ],
  list: [
    'show scenarios, algorithms, presets and settings',
    async () => (await import('./list/list.ts')).addListCommand,
  ],
  runs: ['list, filter, compare and export runs', async () => (await import('./runs/runs.ts')).addRunsCommand],
  check: [
    'check a scenario before it is trained: every hook, many episodes',
    async () => (await import('./author/check.ts')).addCheckCommand,
  ],
  new: ['write a new scenario and its test to begin with', async () => (await import('./author/new.ts')).addNewCommand],
  conformance: [
    'replay recorded traces of the reference worlds and compare',
    async () => (await import('./author/conformance-command.ts')).addConformanceCommand,
  ],
  export: [
    'write the trained actors of a run for other programs',
    async () => (await import('./export/export.ts')).addExportCommand,
  ],
  bench: [
    'measure speed on this machine, as ratios to named alternatives',
    async () => (await import('./bench/bench.ts')).addBenchCommand,
  ],
}

const program = new Command('marlstrom')
  .description('Multi-agent reinforcement learning: train particle worlds, watch the agents live.')
  .version(packageVersion())
  .showHelpAfterError('(add --help for all options)')
  .configureOutput({
    writeOut: text => process.stdout.write(plainColoured(text, pc.isColorSupported)),
    writeErr: text => process.stderr.write(plainColoured(text, pc.isColorSupported)),
  })
  .exitOverride()

const asked = process.argv.slice(2).find(word => Object.hasOwn(commands, word))
for (const [name, [description, load]] of Object.entries(commands)) {
  if (name === asked) (await load())(program)
  else program.command(name)
  program.commands.at(-1)!.description(description)
}

endStuckHooks()
try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = explain(error)
}

/** Prints what a person needs to know; 2: wrong usage or config, 1: failed, 0: help was asked for. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const sentence = describeError(error)
  printError(`${pc.red('error:')} ${plainText(sentence)}`)
  if (error instanceof Error && error.name === 'Error' && process.env.DEBUG !== undefined) printError(error.stack ?? '')
  return error instanceof ConfigError ? 2 : 1
}
