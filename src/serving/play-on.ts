// A recorded game goes on from one of its frames, played by others, as a live game.
import { basename, resolve } from 'node:path'
import { ConfigError } from '../errors.ts'
import { baselineSetup } from '../exhibition/baseline-setup.ts'
import { createExhibition } from '../exhibition/exhibition.ts'
import type { ExhibitionSetup } from '../exhibition/setup.ts'
import { initialSession } from '../experiment/initial-session.ts'
import { isRunFolder } from '../experiment/run-folder.ts'
import { createSession } from '../experiment/session.ts'
import type { RecordedMoment, Recording } from '../recording/recording.ts'
import { createResimulation } from '../recording/resimulate.ts'
import { isBaseline } from '../run/policies.ts'
import { runSetup } from '../run/run-setup.ts'
import { openTrainedRun } from '../starting/open-run.ts'
import type { Saved } from '../types.ts'
import type { LiveView } from './live-view.ts'
import { openPage, type Page } from './page.ts'
import type { PageOptions, RecordOptions } from './page-options.ts'
import { definitionOf, recordedGames } from './recorded-games.ts'
import { identityOf } from './recorded-identity.ts'
import { addressName, hide, showAll } from './show-sessions.ts'
import { startRecording } from './start-recording.ts'

/** The names are those of the options of `marlstrom playback`. */
export interface PlayOnOptions extends PageOptions, RecordOptions {
  /** A baseline (scripted, random, noop) or a run folder; absent: the run that was recorded, or who played. */
  readonly policy?: string | undefined
  /** A page that is open already. */
  readonly page?: Page | undefined
}

/**
 * Serves a recorded game as a live one that goes on from frame `number`.
 * @example
 * const view = await playOn('game.mcap', 120, { policy: 'random' })
 * @throws ConfigError when there is no such frame, or nobody like that can play; FileError for a damaged recording
 */
export async function playOn(file: string, number: number, options: PlayOnOptions = {}): Promise<LiveView> {
  const { note = () => {} } = options
  const { openRecording } = await import('../recording/recording.ts')
  const recording = await openRecording(file)
  let next: NextPlayers | undefined
  let recorder: Awaited<ReturnType<typeof startRecording>> | undefined
  let page: Page | undefined
  const owned = options.page === undefined
  const close = async () => {
    next?.dispose()
    await recording.close()
  }
  try {
    if (!recording.whole) note(`${file} was cut off, or is still being written; what is there is played`)
    const { moment, opening, state } = await stateAt(recording, number)
    const { frame, game } = moment
    const definition = await definitionOf(recording.file, opening, game.source)
    next = await nextPlayersOf(recording, options.policy, note)
    const { setup: setupOf, who } = next
    const { seed, players } = opening
    const setup = { ...setupOf(definition, opening.options, seed), definition, options: opening.options, seed }
    const identity = { ...identityOf(recording), scenario: definition.id, algorithm: who, seed }
    const session = createSession(initialSession(identity, 'playing', game.schema, null))
    const show = createExhibition(setup, session, {
      number,
      // The first thing that an exhibition does is to begin an episode.
      episode: frame.episode - 1,
      players: options.policy === undefined ? stillThere(players, setup) : {},
      state: { game: state, steps: frame.step, returns: frame.returns },
    })
    const config = JSON.parse(recording.about.get('config') ?? '{}')
    const of = { session, show, config, source: () => game.source }
    if (options.record !== undefined) recorder = await startRecording(options, of, note)
    page = options.page ?? (await openPage(options))
    const title = `${basename(file)} from frame ${number}`
    const id = addressName(basename(file, '.mcap'))
    return showAll(page, owned, [{ id, title, session, show, recorder, close }])
  } catch (error) {
    await recorder?.close()
    if (page !== undefined) await hide(page, owned, [], 'watching was ended')
    await close()
    throw error
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
async function nextPlayersOf(
  recording: Recording,
  policy: string | undefined,
  note: (sentence: string) => void,
): Promise<NextPlayers> {
  if (policy !== undefined && isBaseline(policy)) {
    return {
      setup: (definition, options, seed) => baselineSetup(definition, options, seed, policy),
      who: policy,
      dispose() {},
    }
  }
  const folder = policy ?? (recording.about.get('run') || null)
  if (folder !== null && isRunFolder(folder)) {
    const { run } = await openTrainedRun(folder, note)
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
