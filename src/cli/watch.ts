// marlstrom watch: serves the live page of a trained run, or of a scenario with scripted or random agents.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { Command } from 'commander'
import { firstValueFrom, fromEvent, merge } from 'rxjs'
import {
  createRun,
  type MarkovGame,
  type Overrides,
  openRunFolder,
  type Policy,
  type RunConfig,
  resolveConfig,
} from '../index.ts'
import { gameOf, policiesOf, trainedPolicies } from '../run.ts'
import { initialSession, openLive } from './live.ts'
import { choiceOf, overridesOf, portNumber, wholeNumber } from './settings.ts'

interface WatchOptions {
  readonly port?: number
  readonly policy?: 'scripted' | 'random' | 'noop'
  readonly seed?: number
  readonly set?: readonly string[]
}

export function addWatchCommand(program: Command): void {
  program
    .command('watch')
    .description('serve the live page of a run or of a scenario')
    .argument('<run|scenario>', 'a run folder, or the id of a scenario')
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
  const shown = existsSync(join(target, 'config.json')) ? await showRun(target, options) : showScenario(target, options)
  const { config, game, policies, who, folder } = shown
  const identity = {
    scenario: config.scenario.id,
    algorithm: who,
    seed: config.run.seed,
    preset: config.run.preset,
    folder,
  }
  const live = await openLive(initialSession(identity, 'playing', game, null), game, policies, options.port)
  console.log(`live page: ${live.url}   (Ctrl-C ends)`)
  await firstValueFrom(merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')))
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
  const { folder, config } = openRunFolder(path)
  const run = await createRun(config as Overrides)
  run.restoreLearners(folder.readCheckpoint(name => name.startsWith('learners/')))
  const game = run.createGame()
  const seeded = { ...run.config, run: { ...run.config.run, seed: options.seed ?? run.config.run.seed } }
  return {
    config: seeded,
    game,
    policies: trainedPolicies(run, 'exhibition'),
    who: run.config.learner.algorithm,
    folder: path,
  }
}

function showScenario(id: string, options: WatchOptions): Shown {
  const config = resolveConfig(overridesOf(options, id))
  const game = gameOf(config)()
  const who = options.policy ?? (game.script === undefined ? 'random' : 'scripted')
  return { config, game, policies: policiesOf(who, [game], config.run.seed), who, folder: null }
}
