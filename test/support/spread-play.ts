// The same games in one thread and in several, played by the same actions.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import { playedHere } from '../../src/authoring/played-here.ts'
import { agentsOf, stateSizeOf } from '../../src/envs/game-agents.ts'
import type { VectorGame } from '../../src/envs/vector-game.ts'
import { createRandom } from '../../src/random.ts'
import { findGame } from '../../src/run/find-game.ts'
import { createGamesInThreads } from '../../src/run/threads/games-in-threads.ts'
import type { GamesInThreads } from '../../src/run/threads/games-of-run.ts'
import type { RandomGameOptions } from './random-game.ts'
import { actRandomly, randomExtras } from './random-play.ts'

export interface SpreadPlay {
  /** Vector steps after which the games are spread; null: by measured time. */
  readonly spreadAfter?: number | null
  readonly games?: number
  readonly options?: Readonly<Record<string, unknown>>
  readonly hookSeconds?: number
  readonly seed?: number
  readonly keptSteps?: number | null
}

/** Makes the games of an id or a file, in so many threads at most; the threads end with the test. */
export async function gamesOf(scenario: string, play: SpreadPlay = {}): Promise<(threads: number) => GamesInThreads> {
  const { spreadAfter = 3, games = 7, options = {}, hookSeconds = 5, seed = 1, keptSteps = null } = play
  const { definition, bundle } = await findGame(scenario)
  playedHere.seed = seed
  const create = () => definition.create(options)
  const game = create()
  return threads => {
    const made = createGamesInThreads({
      create,
      createWith: other => definition.create({ ...options, ...other }),
      games,
      random: game => createRandom(seed, 'game', game),
      extras: agentsOf(game).map(() => randomExtras),
      states: stateSizeOf(game) > 0,
      threads,
      hookSeconds,
      keptSteps,
      spreadAfter,
      source: { scenario: bundle ?? scenario, options, seed },
    })
    onTestFinished(() => made.dispose())
    return made
  }
}

/** A scenario file whose game is a random one. */
export function randomGameFile(folder: string, options: RandomGameOptions): string {
  const file = join(folder, 'random.ts')
  const random = join(import.meta.dirname, 'random-game.ts')
  const text = `import { createRandomGame } from ${JSON.stringify(random)}
export default () => createRandomGame(${JSON.stringify(options)})
`
  writeFileSync(file, text)
  return file
}

/** Writes actions that are allowed, the same for equal steps and seeds. */
export function act(vectorGame: VectorGame, seed = 0): void {
  const { step } = vectorGame.next
  actRandomly(vectorGame, step, createRandom(seed, 'actions', step), true, new Map())
}

/** Plays so many steps of both, which must stay the same in all that they show. */
export function expectSame(one: VectorGame, other: VectorGame, steps: number, seed = 0): void {
  for (let n = 0; n < steps; n++) {
    expect(plain(beginning(other))).toEqual(plain(beginning(one)))
    expect(beside(other)).toEqual(beside(one))
    act(one, seed)
    act(other, seed)
    expect(plain(other.advance())).toEqual(plain(one.advance()))
  }
  expect(other.save()).toEqual(one.save())
}

/** What is there when a step begins; its other arrays are written later. */
function beginning({ next: { step, observations, present, states } }: VectorGame) {
  return { step, observations, present, states }
}

function beside({ steps, restarted, begun, acting }: VectorGame) {
  return {
    steps,
    restarted: [...restarted],
    begun: begun.map(flags => [...flags]),
    acting: acting?.map(flags => [...flags]),
  }
}

/** Arrays as they are now, whatever memory they lie in. */
function plain(step: object): unknown {
  return JSON.parse(
    JSON.stringify(step, (_, value) => (ArrayBuffer.isView(value) ? Array.from(value as Uint8Array) : value)),
  )
}
