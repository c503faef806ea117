// marlstrom watch: serves the live page of a trained run, or of a scenario with scripted or random agents.
import { basename, resolve } from 'node:path'
import type { Command } from 'commander'
import { firstValueFrom, fromEvent, merge } from 'rxjs'
import { isScenarioPath } from '../../authoring/bundle.ts'
import type { KeptSource } from '../../authoring/kept-source.ts'
import { baselinesOf } from '../../exhibition/baseline-setup.ts'
import {
  type CheckpointChoice,
  ConfigError,
  createSession,
  initialSession,
  isRunFolder,
  type RunConfig,
  resolveConfig,
} from '../../index.ts'
import { host, type LiveGame, startLiveGame } from '../../live/live.ts'
import type { Recorder } from '../../recording/recorder.ts'
import { demandPictures, findGame } from '../../run/run.ts'
import { openTrainedRun } from '../../starting/open-run.ts'
import { addCheckpointOption } from '../options/checkpoint-option.ts'
import { addRecordOption, type RecordOptions, startRecording } from '../options/recording.ts'
import { addConfigOption, choiceOf, gameOptionsOf, overridesOf, portNumber, wholeNumber } from '../options/settings.ts'
import { print, printNote } from '../terminal/print.ts'
import { tellPast } from '../train/session-news.ts'
import { addServingOptions, openServer, openWanted, type ServingOptions, servingOf, whereToLook } from './serving.ts'
import { watchFile } from './watch-file.ts'

interface WatchOptions extends ServingOptions, RecordOptions {
  readonly config?: readonly string[]
  readonly port?: number
  readonly policy?: 'scripted' | 'random' | 'noop'
  readonly seed?: number
  readonly checkpoint?: CheckpointChoice
  readonly set?: readonly string[]
}

export function addWatchCommand(program: Command): void {
  addRecordOption(addServingOptions(addCheckpointOption(addConfigOption(program.command('watch')))))
    .argument(
      '<run|scenario...>',
      'run folders and ids of scenarios, all on one page; or a scenario file (reloaded when it is saved)',
    )
    .option('--port <n>', 'default: the first free one', portNumber)
    .option('--policy <kind>', 'who plays a scenario: scripted, random, noop', choiceOf('scripted', 'random', 'noop'))
    .option('--seed <n>', 'seed of the games shown', wholeNumber)
    .option(
      '--set <key=value>',
      'an option of the scenario, like scenario.agents=5; of a run, one that differs from the training; repeatable',
      (value, all: string[] = []) => [...all, value],
    )
    .action(watchCommand)
}

async function watchCommand(targets: readonly string[], options: WatchOptions): Promise<void> {
  const serving = servingOf(options)
  const [first] = targets as [string]
  if (targets.length === 1 && !isRunFolder(first) && isScenarioPath(first)) {
    return watchFile(first, overridesOf(options, first), options)
  }
  if (targets.length > 1 && typeof options.record === 'string') {
    throw new ConfigError('--record', 'of several games each has a recording of its own; leave the file out')
  }
  const server = await openServer(serving, options.port)
  const shown: Shown[] = []
  const recorders: Recorder[] = []
  const message = 'watching was ended'
  try {
    for (const target of targets) shown.push(await show(target, options))
    if (options.record !== undefined) for (const of of shown) recorders.push(await record(of, options))
    const names = uniqueNames(targets)
    shown.forEach(
      ({ session, exhibition }, i) => void host(server, names[i]!, { session, exhibition }, exhibition, recorders[i]),
    )
    // Heard before the line is printed: a program may answer to it at once.
    const ended = firstValueFrom(merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')))
    print(whereToLook(server, '   (Ctrl-C ends)'))
    openWanted(server, serving)
    for (const { file } of recorders) print(`recording: ${file}`)
    await ended
  } finally {
    await Promise.all(recorders.map(recorder => recorder.close()))
    for (const { session } of shown) session.dispatch({ type: 'ended', message })
    await server.close(message)
    await Promise.all(shown.map(({ exhibition }) => exhibition.close()))
  }
}

interface Shown extends LiveGame {
  readonly config: RunConfig
  readonly source: KeptSource | null
}

function show(target: string, options: WatchOptions): Promise<Shown> {
  return isRunFolder(target) ? showRun(target, options) : showScenario(target, options)
}

async function showRun(path: string, options: WatchOptions): Promise<Shown> {
  const gameOptions = gameOptionsOf(options)
  const { run, folder } = await openTrainedRun(path, printNote, { ...options, scenario: gameOptions })
  const seed = options.seed ?? run.config.run.seed
  demandPictures(run.createGame())
  const identity = {
    scenario: run.definition.id,
    algorithm: run.who,
    seed,
    preset: run.config.run.preset,
    folder: path,
  }
  const session = createSession(initialSession(identity, 'playing', run, null))
  tellPast(session, run, folder.readMetrics())
  // The game is played in its own thread, by a run that is opened there.
  run.dispose()
  const checkpoint = options.checkpoint ?? 'last'
  const liveGame = await startLiveGame(session, { kind: 'run', folder: path, checkpoint, options: gameOptions })
  return { ...liveGame, config: run.config, source: run.source }
}

async function showScenario(id: string, options: WatchOptions): Promise<Shown> {
  const { definition, source } = await findGame(id)
  const config = resolveConfig(overridesOf(options, id), definition)
  const { scenario, run } = config
  const { id: _, ...given } = scenario
  const game = definition.create(given)
  demandPictures(game)
  const who = options.policy ?? baselinesOf(game)[0]!
  const identity = { scenario: game.id, algorithm: who, seed: run.seed, preset: run.preset, folder: null }
  const session = createSession(initialSession(identity, 'playing', game, null))
  const liveGame = await startLiveGame(session, { kind: 'scenario', id, options: given, policy: options.policy })
  return { ...liveGame, config, source }
}

function record({ session, exhibition, config, source }: Shown, options: RecordOptions): Promise<Recorder> {
  return startRecording(options, { session, show: exhibition, config: { ...config }, source: () => source })
}

/** What sessions are called in addresses: the last part of each path, numbered where two are alike. */
function uniqueNames(targets: readonly string[]): string[] {
  const names = targets.map(target => basename(resolve(target)).replace(/[^\w.-]/g, '-'))
  return names.map((name, i) => (names.indexOf(name) === i ? name : `${name}-${i + 1}`))
}
