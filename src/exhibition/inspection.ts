// What there is to know about one agent of a game that is being played.
import type { Inspection } from '../experiment/show.ts'
import type { Company } from './company.ts'
import type { Play } from './play.ts'

/** Disturbs nothing: policies that are asked ahead of the step are not asked again. */
export function inspectAgent(play: Play, company: Company, agent: number): Inspection {
  const { game } = play
  const { observations, actions } = play.next()
  const action = Float32Array.from(actions[agent]!.data)
  const sees = new Uint8Array(game.frames?.schema.entities.length ?? 0)
  game.handles?.sees?.(agent, sees)
  return {
    agent,
    observation: Float32Array.from(observations[agent]!.data),
    action,
    probabilities: Float32Array.from(play.probabilities(agent)?.data ?? action),
    value: company.member(agent)?.value?.(observations, actions) ?? null,
    rewardParts: Object.fromEntries(game.handles?.rewardParts?.(agent) ?? []),
    sees,
  }
}
