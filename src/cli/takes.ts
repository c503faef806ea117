// What there is to draw: an episode of a run, of a scenario, or of a recording.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { episodeFrames } from '../exhibition/episodes.ts'
import { ConfigError, createRandom, type MarkovGame, type Policy, resolveConfig } from '../index.ts'
import type { Take, TakenFrame } from '../render/take.ts'
import { findGame, gameOf, type PolicyKind, policiesOf, trainedPolicies } from '../run.ts'
import { openTrainedRun } from './open-run.ts'
import { overridesOf } from './settings.ts'

export interface TakeOptions {
  readonly episode: number
  readonly from?: number
  readonly to?: number
  readonly seed?: number
  readonly greedy?: boolean
  readonly policy?: Exclude<PolicyKind, 'trained'>
  readonly set?: readonly string[]
}

/** An animation of more steps is nothing to look at; `--from` and `--to` choose a part. */
const mostFrames = 2000

/** @throws ConfigError when there is no such thing, episode or step */
export async function takeOf(target: string, options: TakeOptions): Promise<Take> {
  const take = existsSync(join(target, 'config.json'))
    ? await runTake(target, options)
    : await scenarioTake(target, options)
  return cut(take, options)
}

/** A run's settings are its own. @throws ConfigError */
function refuseSettings({ set }: TakeOptions): void {
  if (set !== undefined)
    throw new ConfigError('--set', 'a run is played with its own settings; --set goes with a scenario')
}

async function runTake(path: string, options: TakeOptions): Promise<Take> {
  refuseSettings(options)
  const { run } = await openTrainedRun(path)
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
  const config = resolveConfig(overridesOf({ ...(options.set && { set: options.set }), seed }, id), definition)
  const game = gameOf(config, definition)()
  const who = options.policy ?? (game.script === undefined ? 'random' : 'scripted')
  return played(game, policiesOf(who, [game], seed), seed, options, `${game.id} · ${who}`)
}

/** Plays up to the episode that is wanted, and that one. */
function played(
  game: MarkovGame,
  policies: readonly Policy[],
  seed: number,
  options: TakeOptions,
  title: string,
): Take {
  if (game.frames === undefined)
    throw new ConfigError('', `${game.id} cannot be drawn: the game says nothing about pictures`)
  const next = episodeFrames(game, policies, createRandom(seed, 'render'), options.greedy !== true)
  const frames: TakenFrame[] = []
  for (let frame = next(); frame.episode <= options.episode; frame = next()) {
    if (frame.episode < options.episode) continue
    frames.push({ step: frame.step, row: frame.row, anew: frame.restarted || frame.placed })
    if (frames.length > mostFrames || frame.step === options.to) break
  }
  return { schema: game.frames.schema, frames, title }
}

function cut(take: Take, { from = 0, to = Number.POSITIVE_INFINITY }: TakeOptions): Take {
  const frames = take.frames.filter(({ step }) => step >= from && step <= to)
  if (frames.length > 0) return { ...take, frames: frames.slice(0, mostFrames) }
  const last = take.frames.at(-1)!.step
  throw new ConfigError('--from', `expected a stretch within steps 0 ... ${last} of the episode, got ${from} ... ${to}`)
}
