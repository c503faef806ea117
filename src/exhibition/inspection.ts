// Inspection of one agent: its observation, next action, probabilities, value and rewards.

import { stateSizeOf } from '../envs/game-agents.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import type { Inspection } from '../experiment/show.ts'
import type { CriticMoment } from '../learning/critic-input.ts'
import type { Matrix } from '../types.ts'
import type { Play } from './play.ts'
import type { TeamPlayers } from './team-players.ts'

/** Changes nothing: policies that are asked ahead of the step are not asked again at the step. */
export function inspectAgent(play: Play, teamPlayers: TeamPlayers, agent: number): Inspection {
  const { game } = play
  const { observations, actions } = play.next()
  const action = Float32Array.from(actions[agent]!.data)
  const { mask } = observations[agent]!
  const values = play.actionValues(agent)
  const sees = new Uint8Array(game.frames?.schema.entities.length ?? 0)
  game.handles?.sees?.(agent, sees)
  return {
    agent,
    observation: Float32Array.from(observations[agent]!.data),
    action,
    probabilities: Float32Array.from(play.probabilities(agent)?.data ?? action),
    ...(mask === undefined ? {} : { mask: Uint8Array.from(mask.data) }),
    ...(values === null ? {} : { actionValues: Float32Array.from(values.data) }),
    value: teamPlayers.member(agent)?.value?.(momentOf(game, observations), actions) ?? null,
    rewardParts: Object.fromEntries(game.handles?.rewardParts?.(agent) ?? []),
    sees,
  }
}

/** What a critic may see of the game as it stands. */
function momentOf(game: MarkovGame, observations: readonly Matrix[]): CriticMoment {
  const present = { rows: 1, columns: game.agents.length, data: Float32Array.from(game.present) }
  if (game.state === undefined) return { observations, present }
  const state = new Float64Array(stateSizeOf(game))
  game.state(state)
  return { observations, present, state: { rows: 1, columns: state.length, data: Float32Array.from(state) } }
}
