// marlstrom watch: serves the live page of a trained run, or of a scenario with scripted or random agents.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { firstValueFrom, fromEvent, merge } from 'rxjs'
import { isScenarioPath } from '../authoring/bundle.ts'
import { type MarkovGame, type Policy, type RunConfig, resolveConfig } from '../index.ts'
import { findGame, gameOf, policiesOf, trainedPolicies } from '../run.ts'
import { initialSession, openLive } from './live.ts'
import { openTrainedRun } from './open-run.ts'
import { addServingOptions, type ServingOptions, servingOf, whereToLook } from './serving.ts'
import { addConfigOption, choiceOf, overridesOf, portNumber, wholeNumber } from './settings.ts'
import { watchFile } from './watch-file.ts'

interface WatchOptions extends ServingOptions {
  readonly config?: readonly string[]
  readonly port?: number
  readonly policy?: 'scripted' | 'random' | 'noop'
  readonly seed?: number
  readonly set?: readonly string[]
}

export function addWatchCommand(program: Command): void {
  addServingOptions(addConfigOption(program.command('watch')))
    .argument('<run|scenario>', 'a run folder, the id of a scenario, or a scenario file (reloaded when it is saved)')
    .option('--port <n>', 'default: the first free one', portNumber)
    .option('--policy <kind>', 'who plays a scenario: scripted, random, noop', choiceOf('scripted', 'random', 'noop'))
    .option('--seed <n>', 'seed of the games shown', wholeNumber)
    .option('--set <key=value>', 'a setting of the scenario, repeatable', (value, all: string[] = []) => [
      ...all,
      value,
    ])
    .action(watchCommand)
}

async function watchCommand(target: string, options: WatchOptions): Promise<void> {
  const serving = servingOf(options)
  const isRun = existsSync(join(target, 'config.json'))
  if (!isRun && isScenarioPath(target)) return watchFile(target, overridesOf(options, target), options)
  const shown = isRun ? await showRun(target, options) : await showScenario(target, options)
  const { config, game, policies, who, folder } = shown
  const identity = {
    scenario: game.id,
    algorithm: who,
    seed: config.run.seed,
    preset: config.run.preset,
    folder,
  }
  const live = await openLive(initialSession(identity, 'playing', game, null), game, policies, serving, options.port)
  // Heard before the line is printed: a program may answer to it at once.
  const ended = firstValueFrom(merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')))
  console.log(whereToLook(live, '   (Ctrl-C ends)'))
  await ended
  live.session.dispatch({ type: 'ended', message: 'watching was ended' })
  await live.close('watching was ended')
}

interface Shown {
  readonly config: RunConfig
  readonly game: MarkovGame
  readonly policies: readonly Policy[]
  /** Who plays, as the page names it. */
  readonly who: string
  readonly folder: string | null
}

async function showRun(path: string, options: WatchOptions): Promise<Shown> {
  const { run } = await openTrainedRun(path)
  const game = run.createGame()
  const seeded = { ...run.config, run: { ...run.config.run, seed: options.seed ?? run.config.run.seed } }
  return {
    config: seeded,
    game,
    policies: trainedPolicies(run, 'exhibition', [game]),
    who: run.who,
    folder: path,
  }
}

async function showScenario(id: string, options: WatchOptions): Promise<Shown> {
  const { definition } = await findGame(id)
  const config = resolveConfig(overridesOf(options, id), definition)
  const game = gameOf(config, definition)()
  const who = options.policy ?? (game.script === undefined ? 'random' : 'scripted')
  return { config, game, policies: policiesOf(who, [game], config.run.seed), who, folder: null }
}
