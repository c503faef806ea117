// An episode written down number by number, played by chance from a seed: so that two plays can be compared.
import { createRandom, type Random } from '../random.ts'
import { actionSize } from '../spaces.ts'
import type { Matrix } from '../types.ts'
import { agentsOf } from './game-agents.ts'
import { createLives, type Lives } from './lives.ts'
import type { MarkovGame } from './markov-game.ts'
import { createMaskReader } from './mask-reader.ts'

/** What stood after one step; the first moment of an episode stands before its first step. */
export interface RecordedStep {
  /** Steps since the episode began. */
  readonly step: number
  /** Per agent. */
  readonly observations: readonly Float64Array[]
  readonly rewards: readonly number[]
  readonly terminated: readonly number[]
  readonly truncated: boolean
}

/** The first place where two recordings part. */
export interface RecordingDifference {
  readonly hook: 'observe' | 'reward' | 'done'
  readonly agent: number
  readonly step: number
  readonly expected: number
  readonly got: number
}

/** A game and the two streams of random numbers behind it: what happens, and what the agents do. */
export interface RandomPlayer {
  readonly game: MarkovGame
  readonly random: Random
  /** Begins an episode if there is none, else moves everybody at random; gives what stands then. */
  next(): RecordedStep
  /** What the agents will do from here on, for a player that takes over. */
  readonly chance: Random
  readonly step: number
  /** Who is in the game. */
  readonly lives: Lives
}

/** A player that begins with the next episode; `actions` is the seed of what the agents do. */
export function createPlayer(game: MarkovGame, seed: number, actions = seed): RandomPlayer {
  const random = createRandom(seed, 'check', 'game')
  const chance = createRandom(actions, 'check', 'actions')
  const rows = game.agents.map(({ actionSpace }): Matrix => {
    const columns = actionSize(actionSpace)
    return { rows: 1, columns, data: new Float32Array(columns) }
  })
  const agents = agentsOf(game)
  const lives = createLives(agents, [game])
  const readers = agents.map(agent => (agent.isMasked === true ? createMaskReader(agent) : null))
  const masks = rows.map(({ columns }) => ({ rows: 1, columns, data: new Float32Array(columns) }))
  /** Draws what an agent does: of each choice one of the allowed alternatives. */
  const draw = (agent: number) => {
    const { data } = rows[agent]!
    const mask = masks[agent]!
    mask.data.fill(1)
    if (lives.present[agent] === 1) readers[agent]?.(game, agent, mask, 0, step)
    let at = 0
    for (const part of agents[agent]!.actionSpace) {
      if (part.kind === 'box') {
        for (let i = 0; i < part.size; i++) data[at++] = chance.between(part.low, part.high)
        continue
      }
      const allowed = mask.data.subarray(at, at + part.size)
      let left = chance.integer(allowed.reduce((sum, is) => sum + is, 0))
      for (let i = 0; i < part.size; i++) data[at++] = allowed[i] === 1 && left-- === 0 ? 1 : 0
    }
  }
  let step = -1
  return {
    game,
    lives,
    random,
    chance,
    get step() {
      return step
    },
    next() {
      if (step < 0 || lives.over[0] === 1) {
        game.reset(random)
        lives.begin(0)
        step = 0
      } else {
        rows.forEach((_, agent) => void draw(agent))
        game.step(rows, 0)
        lives.step(0)
        step++
      }
      return momentOf(game, step)
    },
  }
}

/** So many moments of a game, over as many episodes as they take. */
export function recordMoments(player: RandomPlayer, moments: number): RecordedStep[] {
  return Array.from({ length: moments }, () => player.next())
}

/** Null when they are the same to the last bit. */
export function firstDifference(
  expected: readonly RecordedStep[],
  got: readonly RecordedStep[],
): RecordingDifference | null {
  for (const [i, a] of expected.entries()) {
    const b = got[i]!
    for (let agent = 0; agent < a.rewards.length; agent++) {
      const place = { agent, step: a.step }
      if (!Object.is(a.rewards[agent], b.rewards[agent])) {
        return { hook: 'reward', ...place, expected: a.rewards[agent]!, got: b.rewards[agent]! }
      }
      const seen = a.observations[agent]!
      const at = seen.findIndex((value, k) => !Object.is(value, b.observations[agent]![k]))
      if (at !== -1) return { hook: 'observe', ...place, expected: seen[at]!, got: b.observations[agent]![at]! }
      if (a.terminated[agent] !== b.terminated[agent]) {
        return { hook: 'done', ...place, expected: a.terminated[agent]!, got: b.terminated[agent]! }
      }
    }
    if (a.step !== b.step) return { hook: 'done', agent: -1, step: b.step, expected: a.step, got: b.step }
  }
  return null
}

/** What a game saves as text, to compare; typed arrays are lists. */
export function textOf(saved: unknown): string {
  return JSON.stringify(saved, (_, value) =>
    ArrayBuffer.isView(value) ? Array.from(value as Float64Array, String) : value,
  )
}

function momentOf(game: MarkovGame, step: number): RecordedStep {
  const observations = game.agents.map((agent, index) => {
    // Numbers that are not written stay what no observation may hold.
    const row = new Float64Array(agent.observationSize).fill(Number.NaN)
    if (game.present[index] === 1) game.observe(index, row)
    else row.fill(0)
    return row
  })
  return {
    step,
    observations,
    rewards: step === 0 ? game.agents.map(() => 0) : Array.from(game.rewards),
    terminated: Array.from(game.terminated),
    truncated: game.truncated,
  }
}
