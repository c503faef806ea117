// The frames to draw: an episode of a run, of a scenario, or of a recording.

import type { Policy } from '../agents/policy.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError } from '../errors.ts'
import { episodeFrames } from '../exhibition/episodes.ts'
import { isRunFolder } from '../experiment/run-folder.ts'
import { actionWords } from '../picture/action-words.ts'
import { createRandom } from '../random.ts'
import type { RecordedMoment } from '../recording/recording.ts'
import type { Take, TakenFrame } from '../render/take.ts'
import { type Overrides, resolveConfig } from '../run/config/config.ts'
import { demandPictures, findGame, gameOf, type PolicyKind, policiesOf, trainedPolicies } from '../run/run.ts'
import { openTrainedRun } from '../starting/open-run.ts'

export interface TakeOptions {
  readonly episode: number
  readonly from?: number | undefined
  readonly to?: number | undefined
  readonly seed?: number | undefined
  readonly greedy?: boolean | undefined
  readonly policy?: Exclude<PolicyKind, 'trained'> | undefined
  /** Settings of a scenario by its id; null: there are none to change. */
  readonly overrides: ((id: string) => Overrides) | null
  readonly note: (sentence: string) => void
}

/** An animation of more steps is nothing to look at; `--from` and `--to` choose a part. */
const mostFrames = 2000

/** @throws ConfigError when there is no such thing, episode or step */
export async function takeOf(target: string, options: TakeOptions): Promise<Take> {
  if (isRunFolder(target)) return cut(await runTake(target, options), options)
  if (target.endsWith('.mcap')) return cut(await recordedTake(target, options), options)
  return cut(await scenarioTake(target, options), options)
}

/** A run's settings are its own. @throws ConfigError */
function refuseSettings({ overrides }: TakeOptions): void {
  if (overrides !== null)
    throw new ConfigError('--set', 'a run is played with its own settings; --set goes with a scenario')
}

async function runTake(path: string, options: TakeOptions): Promise<Take> {
  refuseSettings(options)
  const { run } = await openTrainedRun(path, options.note)
  try {
    const game = run.createGame()
    const seed = options.seed ?? 0
    const policies = options.policy
      ? policiesOf(options.policy, [game], seed)
      : trainedPolicies(run, `render/${seed}`, [game])
    return played(game, policies, seed, options, `${game.id} · ${options.policy ?? run.who}`)
  } finally {
    run.dispose()
  }
}

async function scenarioTake(id: string, options: TakeOptions): Promise<Take> {
  const { definition } = await findGame(id)
  const seed = options.seed ?? 0
  const given = options.overrides?.(id) ?? {}
  const settings = { ...given, scenario: { ...given.scenario, id }, run: { ...given.run, seed } }
  const config = resolveConfig(settings, definition)
  const game = gameOf(config, definition)()
  const who = options.policy ?? (game.script === undefined ? 'random' : 'scripted')
  return played(game, policiesOf(who, [game], seed), seed, options, `${game.id} · ${who}`)
}

/** Nothing is played: what happened is drawn. */
async function recordedTake(file: string, options: TakeOptions): Promise<Take> {
  const { seed, greedy, policy } = options
  const set = options.overrides ?? undefined
  for (const [name, given] of Object.entries({ seed, greedy, policy, set })) {
    if (given !== undefined) throw new ConfigError(`--${name}`, 'a recording is drawn as it was played')
  }
  const { openRecording } = await import('../recording/recording.ts')
  const recording = await openRecording(file)
  try {
    const moments: RecordedMoment[] = []
    let wanted: number | null = null
    let episode = 0
    for await (const moment of recording.from(recording.first)) {
      ;({ episode } = moment.frame)
      wanted ??= episode + options.episode - 1
      if (episode > wanted || moments.length > mostFrames) break
      if (episode === wanted && (moments[0]?.game ?? moment.game) === moment.game) moments.push(moment)
    }
    if (moments.length === 0) {
      const there = episode - wanted! + options.episode
      throw new ConfigError('--episode', `${file} has ${there} episodes, got ${options.episode}`)
    }
    const { agents } = moments[0]!.game.schema
    const frames = moments.map(({ frame: { step, row, actions, restarted, placed } }) => ({
      step,
      row,
      words: actionWords(agents, actions),
      anew: restarted || placed,
    }))
    const title = `${recording.about.get('scenario')} · ${recording.about.get('players')}`
    return { schema: moments[0]!.game.schema, frames, title }
  } finally {
    await recording.close()
  }
}

/** Plays up to the episode that is wanted, and that one. */
function played(
  game: MarkovGame,
  policies: readonly Policy[],
  seed: number,
  options: TakeOptions,
  title: string,
): Take {
  const { schema } = demandPictures(game)
  const next = episodeFrames(game, policies, createRandom(seed, 'render'), options.greedy !== true)
  const frames: TakenFrame[] = []
  for (let frame = next(); frame.episode <= options.episode; frame = next()) {
    if (frame.episode < options.episode) continue
    const words = actionWords(game.agents, frame.actions)
    frames.push({ step: frame.step, row: frame.row, words, anew: frame.restarted || frame.placed })
    if (frames.length > mostFrames || frame.step === options.to) break
  }
  return { schema, frames, title }
}

function cut(take: Take, { from = 0, to = Number.POSITIVE_INFINITY }: TakeOptions): Take {
  const frames = take.frames.filter(({ step }) => step >= from && step <= to)
  if (frames.length > 0) return { ...take, frames: frames.slice(0, mostFrames) }
  const last = take.frames.at(-1)!.step
  throw new ConfigError('--from', `expected a stretch within steps 0 ... ${last} of the episode, got ${from} ... ${to}`)
}
