// What is read of games side by side into the rows of a joint step: what agents see and may do, and the world's own state.
import { NonFiniteError } from '../errors.ts'
import type { AgentSpec, Matrix, Seen } from '../types.ts'
import { stateSizeOf } from './game-agents.ts'
import { badObservation, badReward } from './game-faults.ts'
import type { Lives } from './lives.ts'
import type { MarkovGame } from './markov-game.ts'
import { createMaskReader } from './mask-reader.ts'
import type { SharedWorld } from './particle-game.ts'

/** Rows are those of the games; numbers are rounded to float32. @throws NonFiniteError naming game, agent, part and vector step. */
export interface Sights {
  /** Numbers of the world's own state; 0: it is not kept. */
  readonly stateSize: number
  observe(into: readonly Matrix[], game: number, agent: number, step: number): void
  /** The masks of those who act next; those of all others are ones. @throws GameError naming agent, part and step of the episode */
  readMasks(into: readonly Seen[], game: number, lives: Lives): void
  readState(into: Matrix, game: number, step: number): void
  /** The reward of an agent. */
  reward(game: number, agent: number, step: number): number
}

/**
 * `agents` as `agentsOf` gives them; `states`: whether the games' own states are kept; `shared`: the world in which the games take turns,
 * where they do: the one that is asked about has its turn; `first`: what the first game is called.
 */
export function createSights(
  agents: readonly AgentSpec[],
  games: readonly MarkovGame[],
  states: boolean,
  shared: Pick<SharedWorld, 'playing'> | null,
  first = 0,
): Sights {
  /** Per agent, one observation in double precision. */
  const rows = agents.map(agent => new Float64Array(agent.observationSize))
  const masks = agents.map(agent => (agent.isMasked === true ? createMaskReader(agent) : null))
  const isMasked = masks.some(reader => reader !== null)
  const playing = shared?.playing ?? null
  const state = new Float64Array(states ? stateSizeOf(games[0]!) : 0)

  const refuse = (what: string, game: number, step: number, why: string): never => {
    throw new NonFiniteError(
      `${games[game]!.id}: ${what} is not finite at step ${step} of game ${first + game}: ${why}`,
    )
  }

  return {
    stateSize: state.length,
    observe(into, game, agent, step) {
      const row = rows[agent]!
      const { data } = into[agent]!
      const from = game * row.length
      if (playing !== null) {
        playing.observeInto(agent, data, from)
        if (areFinite(data, from, from + row.length)) return
        playing.observe(agent, row)
      } else {
        games[game]!.observe(agent, row)
        for (let i = 0; i < row.length; i++) data[from + i] = row[i]!
        if (areFinite(data, from, from + row.length)) return
      }
      const { id, observationParts } = agents[agent]!
      const part = badPart(observationParts, row)
      refuse(`observation '${part}' of ${id}`, game, step, badObservation(agents[agent]!, row))
    },
    readMasks(into, game, { present, steps }) {
      if (!isMasked) return
      for (let agent = 0, at = game * agents.length; agent < agents.length; agent++, at++) {
        const read = masks[agent]!
        if (read === null) continue
        const mask = into[agent]!.mask!
        if (present[at] === 1) read(games[game]!, agent, mask, game, steps[game]!)
        else mask.data.fill(1, game * mask.columns, (game + 1) * mask.columns)
      }
    },
    readState({ data }, game, step) {
      games[game]!.state!(state)
      data.set(state, game * state.length)
      if (state.every(value => Number.isFinite(Math.fround(value)))) return
      const observationParts = games[game]!.stateParts!
      refuse(`state '${badPart(observationParts, state)}'`, game, step, badObservation({ observationParts }, state))
    },
    reward(game, agent, step) {
      const given = (playing ?? games[game]!).rewards[agent]!
      const reward = Math.fround(given)
      if (reward - reward === 0) return reward
      const { id } = agents[agent]!
      return refuse(`reward of ${id}`, game, step, badReward(id, given))
    },
  }
}

/** Whether a sum of the numbers is finite: of single precision, they cannot overflow it. Four at a time, since each addition waits for the last. */
function areFinite(data: Float32Array, from: number, end: number): boolean {
  let sum = 0
  let at = from
  for (; at + 3 < end; at += 4) sum += data[at]! + data[at + 1]! + (data[at + 2]! + data[at + 3]!)
  for (; at < end; at++) sum += data[at]!
  return sum - sum === 0
}

/** The part that holds the first number that is not finite. */
function badPart(parts: AgentSpec['observationParts'], row: Float64Array): string {
  const bad = row.findIndex(value => !Number.isFinite(Math.fround(value)))
  let end = 0
  return parts.find(part => (end += part.size) > bad)?.name ?? ''
}
