// How likely what a team did is by its policies as they are when a round begins, beside how likely it was when it was done: pi / mu.
import { actRows } from '../rollout/act-rows.ts'
import { createTrajectory, type Trajectory, type TrajectorySource } from '../rollout/trajectory.ts'
import type { Stateful } from '../types.ts'
import type { Group } from './groups.ts'
import { logRatio } from './log-ratio.ts'
import type { StochasticPolicy } from './stochastic-policy.ts'

export interface BehaviourRatios extends Stateful {
  /** Takes in a rollout that is complete, and with it the policies as they are before anybody learns from it. They record `logProbability`. */
  begin(source: TrajectorySource): void
  /** [rows] log pi / mu of what the agent of each row did, or with `all` of what all agents of the team did from its first to its last step: the sum. */
  of(trajectory: Trajectory, all: boolean): Float64Array
  /** The round is over. */
  end(): void
}

/** `policies`: of each group of the team, asked for when a round begins. */
export function createBehaviourRatios(
  games: number,
  policies: () => readonly (readonly [Group, StochasticPolicy])[],
): BehaviourRatios {
  /** By agent, [steps * games] of the log; 0 where it did nothing. */
  let ratios: ReadonlyMap<number, Float64Array> = new Map()

  return {
    begin(source) {
      const made = new Map<number, Float64Array>()
      for (const [{ indices }, policy] of policies()) {
        const acts = createTrajectory(source, indices, source.layout.mayBeAbsent ? actRows(source, indices) : undefined)
        const [now, then] = [policy.logProbabilitiesOf(acts), acts.numbers('logProbability')]
        for (const agent of indices) made.set(agent, new Float64Array(acts.moments))
        for (const row of acts.learnable) {
          made.get(indices[acts.memberOf(row)]!)![acts.momentOf(row)] = logRatio(now[row]!, then[row]!)
        }
      }
      ratios = made
    },
    of(trajectory, all) {
      const sums = new Float64Array(trajectory.rows)
      for (const row of trajectory.learnable) {
        const own = ratios.get(trajectory.members[trajectory.memberOf(row)]!)!
        const first = trajectory.momentOf(row)
        if (!all) sums[row] = own[first]!
        else {
          const last = trajectory.lastMomentOf(row)
          for (const each of ratios.values()) {
            for (let moment = first; moment <= last; moment += games) sums[row]! += each[moment]!
          }
        }
      }
      return sums
    },
    end() {
      ratios = new Map()
    },
    save: () => Object.fromEntries(ratios),
    restore(saved) {
      const state = Object.entries(saved as Readonly<Record<string, Float64Array>>)
      ratios = new Map(state.map(([agent, each]) => [Number(agent), Float64Array.from(each)]))
    },
  }
}
