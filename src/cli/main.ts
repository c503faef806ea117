#!/usr/bin/env node
// The command `marlstrom`: its subcommands, and what every error becomes: a sentence and an exit code.
import { Command, CommanderError } from 'commander'
import pc from 'picocolors'
import { describeError } from '../authoring/error-place.ts'
import { ConfigError } from '../index.ts'
import { addBenchCommand } from './bench.ts'
import { addCheckCommand } from './check.ts'
import { addConformanceCommand } from './conformance-command.ts'
import { addCrossplayCommand } from './crossplay.ts'
import { addEvaluateCommand } from './evaluate.ts'
import { addExportCommand } from './export.ts'
import { addListCommand } from './list.ts'
import { addNewCommand } from './new.ts'
import { packageVersion } from './package.ts'
import { addReportCommand } from './report.ts'
import { addReproduceCommand } from './reproduce.ts'
import { addRunsCommand } from './runs.ts'
import { addTrainCommand } from './train.ts'
import { addVerifyCommand } from './verify.ts'
import { addWatchCommand } from './watch.ts'

const program = new Command('marlstrom')
  .description('Multi-agent reinforcement learning: train particle worlds, watch the agents live.')
  .version(packageVersion())
  .showHelpAfterError('(add --help for all options)')
  .exitOverride()

addTrainCommand(program)
addEvaluateCommand(program)
addCrossplayCommand(program)
addVerifyCommand(program)
addReproduceCommand(program)
addReportCommand(program)
addWatchCommand(program)
addListCommand(program)
addRunsCommand(program)
addCheckCommand(program)
addNewCommand(program)
addConformanceCommand(program)
addExportCommand(program)
addBenchCommand(program)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = explain(error)
}

/** Prints what a person needs to know; 2: wrong usage or config, 1: failed, 0: help was asked for. */
function explain(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  const sentence = describeError(error)
  console.error(`${pc.red('error:')} ${sentence}`)
  if (error instanceof Error && error.name === 'Error' && process.env.DEBUG !== undefined) console.error(error.stack)
  return error instanceof ConfigError ? 2 : 1
}
