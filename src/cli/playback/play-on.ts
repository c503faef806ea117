// marlstrom playback --fork: a recorded game goes on from one of its frames, played by others, as a live game.
import { basename, resolve } from 'node:path'
import { firstValueFrom, fromEvent, merge } from 'rxjs'
import {
  baselineSetup,
  ConfigError,
  createExhibition,
  createSession,
  type ExhibitionSetup,
  initialSession,
  isRunFolder,
  runSetup,
  type SessionState,
} from '../../index.ts'
import type { RecordedMoment, Recording } from '../../recording/recording.ts'
import { createResimulation } from '../../recording/resimulate.ts'
import { isBaseline } from '../../run/policies.ts'
import { openTrainedRun } from '../../starting/open-run.ts'
import type { Saved } from '../../types.ts'
import { type RecordOptions, startRecording } from '../options/recording.ts'
import { print, printNote } from '../terminal/print.ts'
import { openServer, openWanted, type Serving, whereToLook } from '../watch/serving.ts'
import { definitionOf, recordedGames } from './recorded-games.ts'

export interface PlayOnOptions extends RecordOptions {
  readonly port?: number
  /** A baseline or a run folder; absent: the run that was recorded, or who played. */
  readonly policy?: string
}

/** Serves the game from frame `number` on, until Ctrl-C. @throws ConfigError when there is no such frame, or nobody like that can play */
export async function playOn(
  recording: Recording,
  number: number,
  options: PlayOnOptions,
  serving: Serving,
): Promise<void> {
  const { moment, opening, state } = await stateAt(recording, number)
  const { frame, game } = moment
  const definition = await definitionOf(recording.file, opening, game.source)
  const { setup: setupOf, who, dispose } = await nextPlayersOf(recording, options.policy)
  const { seed, players } = opening
  const setup = { ...setupOf(definition, opening.options, seed), definition, options: opening.options, seed }
  const identity = { ...identityOf(recording), scenario: definition.id, algorithm: who, seed }
  const session = createSession(initialSession(identity, 'playing', game.schema, null))
  const exhibition = createExhibition(setup, session, {
    number,
    // The first thing that an exhibition does is to begin an episode.
    episode: frame.episode - 1,
    players: options.policy === undefined ? stillThere(players, setup) : {},
    state: { game: state, steps: frame.step, returns: frame.returns },
  })
  const recorder =
    options.record === undefined
      ? undefined
      : await startRecording(options, {
          session,
          show: exhibition,
          config: JSON.parse(recording.about.get('config') ?? '{}'),
          source: () => game.source,
        })
  const server = await openServer(serving, options.port)
  const title = `${basename(recording.file)} from frame ${number}`
  server.add({
    id: basename(recording.file, '.mcap').replace(/[^\w.-]/g, '-'),
    title,
    session,
    show: exhibition,
    recording: recorder?.snapshot,
  })
  const ended = firstValueFrom(merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM')))
  print(whereToLook(server, `   (goes on from frame ${number}, played by ${who}; Ctrl-C ends)`))
  openWanted(server, serving)
  if (recorder !== undefined) print(`recording: ${recorder.file}`)
  await ended
  await recorder?.close()
  session.dispatch({ type: 'ended', message: 'watching was ended' })
  await server.close('watching was ended')
  dispose()
  await recording.close()
}

/** What was recorded, as the page names it. */
export function identityOf({ about }: Recording): SessionState['run'] {
  const config = JSON.parse(about.get('config') ?? '{}') as { readonly run?: { readonly preset?: string } }
  return {
    scenario: about.get('scenario') ?? '',
    algorithm: about.get('players') ?? '',
    seed: Number(about.get('seed') ?? 0),
    preset: config.run?.preset ?? '',
    folder: about.get('run') || null,
  }
}

/** The game as it stood at a frame: simulated from the opening before it. */
async function stateAt(
  recording: Recording,
  number: number,
): Promise<{ moment: RecordedMoment; opening: NonNullable<RecordedMoment['opening']>; state: Saved }> {
  const { first, last, file } = recording
  if (number < first || number > last) {
    throw new ConfigError('--fork', `expected a frame of ${file}, ${first} ... ${last}, got ${number}`)
  }
  const begin = await recording.openingBefore(number)
  if (begin === null)
    throw new ConfigError('--fork', `how the game came to frame ${number} is not in ${file}; choose a later one`)
  const simulation = createResimulation(recordedGames(file))
  for await (const moment of recording.from(begin.frame.number)) {
    const game = await simulation.follow(moment)
    if (moment.frame.number < number) continue
    return { moment, opening: begin.opening!, state: game!.save() }
  }
  throw new ConfigError('--fork', `frame ${number} of ${file} cannot be read`)
}

interface NextPlayers {
  readonly setup: (...of: Parameters<typeof baselineSetup>) => ExhibitionSetup
  /** In words. */
  readonly who: string
  dispose(): void
}

/** Who plays on: as said, or else the run that was recorded, where it still is. */
async function nextPlayersOf(recording: Recording, policy: string | undefined): Promise<NextPlayers> {
  if (policy !== undefined && isBaseline(policy)) {
    return {
      setup: (definition, options, seed) => baselineSetup(definition, options, seed, policy),
      who: policy,
      dispose() {},
    }
  }
  const folder = policy ?? (recording.about.get('run') || null)
  if (folder !== null && isRunFolder(folder)) {
    const { run } = await openTrainedRun(folder, printNote)
    return { setup: (_, __, seed) => runSetup(run, undefined, seed), who: run.who, dispose: () => run.dispose() }
  }
  if (policy === undefined) return { setup: baselineSetup, who: recording.about.get('players') ?? '', dispose() {} }
  const expected = 'expected random, noop, scripted or a run folder'
  throw new ConfigError('--policy', `${expected}, got '${policy}', and ${resolve(policy)} is no run`)
}

/** Of those who played, who can be had again. */
function stillThere(players: Readonly<Record<string, string>>, setup: ExhibitionSetup): Record<string, string> {
  const game = setup.definition.create(setup.options)
  return Object.fromEntries(Object.entries(players).filter(([team, who]) => setup.choices(team, game).includes(who)))
}
