// marlstrom watch: serves the live page of a trained run, or of a scenario with scripted or random agents.
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import { firstValueFrom, fromEvent, merge } from 'rxjs'
import { isScenarioPath } from '../authoring/bundle.ts'
import { baselinesOf } from '../exhibition/baseline-stage.ts'
import { baselineStage, type Choice, isRunFolder, resolveConfig, runStage } from '../index.ts'
import { findGame } from '../run.ts'
import { goOnAir, host, type OnAir } from './live.ts'
import { addCheckpointOption, openTrainedRun } from './open-run.ts'
import { addServingOptions, openServer, type ServingOptions, servingOf, whereToLook } from './serving.ts'
import { sessionOf } from './session-news.ts'
import { addConfigOption, choiceOf, overridesOf, portNumber, wholeNumber } from './settings.ts'
import { watchFile } from './watch-file.ts'

interface WatchOptions extends ServingOptions {
  readonly config?: readonly string[]
  readonly port?: number
  readonly policy?: 'scripted' | 'random' | 'noop'
  readonly seed?: number
  readonly checkpoint?: Choice
  readonly set?: readonly string[]
}

export function addWatchCommand(program: Command): void {
  addServingOptions(addCheckpointOption(addConfigOption(program.command('watch'))))
    .argument(
      '<run|scenario...>',
      'run folders and ids of scenarios, all on one page; or a scenario file (reloaded when it is saved)',
    )
    .option('--port <n>', 'default: the first free one', portNumber)
    .option('--policy <kind>', 'who plays a scenario: scripted, random, noop', choiceOf('scripted', 'random', 'noop'))
    .option('--seed <n>', 'seed of the games shown', wholeNumber)
    .option('--set <key=value>', 'a setting of the scenario, repeatable', (value, all: string[] = []) => [
      ...all,
      value,
    ])
    .action(watchCommand)
}

async function watchCommand(targets: readonly string[], options: WatchOptions): Promise<void> {
  const serving = servingOf(options)
  const [first] = targets as [string]
  if (targets.length === 1 && !isRunFolder(first) && isScenarioPath(first)) {
    return watchFile(first, overridesOf(options, first), options)
  }
  const shown = await Promise.all(targets.map(target => show(target, options)))
  const server = await openServer(serving, options.port)
  const names = uniqueNames(targets)
  shown.forEach(({ session, exhibition }, i) => void host(server, names[i]!, { session, exhibition }))
  // Heard before the line is printed: a program may answer to it at once.
  const ended = firstValueFrom(merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')))
  console.log(whereToLook(server, '   (Ctrl-C ends)'))
  await ended
  const message = 'watching was ended'
  for (const { session } of shown) session.dispatch({ type: 'ended', message })
  await server.close(message)
  for (const { dispose } of shown) dispose()
}

interface Shown extends OnAir {
  dispose(): void
}

function show(target: string, options: WatchOptions): Promise<Shown> {
  return isRunFolder(target) ? showRun(target, options) : showScenario(target, options)
}

async function showRun(path: string, options: WatchOptions): Promise<Shown> {
  const { run } = await openTrainedRun(path, options)
  const seed = options.seed ?? run.config.run.seed
  const identity = {
    scenario: run.definition.id,
    algorithm: run.who,
    seed,
    preset: run.config.run.preset,
    folder: path,
  }
  const air = goOnAir(sessionOf(identity, 'playing', run, null), runStage(run, undefined, seed))
  return { ...air, dispose: () => run.dispose() }
}

async function showScenario(id: string, options: WatchOptions): Promise<Shown> {
  const { definition } = await findGame(id)
  const { scenario, run } = resolveConfig(overridesOf(options, id), definition)
  const { id: _, ...given } = scenario
  const stage = baselineStage(definition, given, run.seed, options.policy)
  const game = definition.create(given)
  const who = options.policy ?? baselinesOf(game)[0]!
  const identity = { scenario: game.id, algorithm: who, seed: run.seed, preset: run.preset, folder: null }
  return { ...goOnAir(sessionOf(identity, 'playing', game, null), stage), dispose() {} }
}

/** What sessions are called in addresses: the last part of each path, numbered where two are alike. */
function uniqueNames(targets: readonly string[]): string[] {
  const names = targets.map(target => basename(resolve(target)).replace(/[^\w.-]/g, '-'))
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name}-${i + 1}`))
}
