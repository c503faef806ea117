// Learning in phases: after so many rounds over rollouts, in an auxiliary phase over all of them at once, group by group (Cobbe et al. 2020).
import { memoryColumn } from '../columns.ts'
import type { MinibatchConfig } from '../rollout/minibatches.ts'
import { createSegments, joined } from '../rollout/segments.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import type { Saved } from '../types.ts'
import type { TeamContext } from './algorithm.ts'
import { createGroupRounds, type Prepared, type RoundLearner } from './group-rounds.ts'
import { type Group, groupsOf } from './groups.ts'
import { type GroupLearner, type RolloutUpdatesConfig, updatesOverRollouts } from './rollout-updates.ts'
import type { TeamLearner } from './team-learner.ts'

/** How one group learns from the rollouts that were kept. */
export interface AuxiliaryLearner<P extends Prepared = Prepared> extends Omit<RoundLearner<P>, 'prepare' | 'endRound'> {
  /** What is kept of what each round of the policy phase began with: by name, numbers in a block. */
  readonly keeps: Readonly<Record<string, number>>
  /** Told once when its phase begins. `kept`: of the rows of all rounds. */
  prepare(trajectory: Trajectory, kept: Prepared): P
}

export interface PhasedLearner<P extends Prepared = Prepared, A extends Prepared = Prepared> {
  readonly policyPhase: GroupLearner<P>
  readonly auxiliaryPhase: AuxiliaryLearner<A>
}

export interface PhasesConfig {
  readonly policyPhase: RolloutUpdatesConfig
  /** Rounds of a policy phase. */
  readonly rounds: number
  readonly auxiliaryPhase: MinibatchConfig
}

/**
 * A team that learns in two phases. Rollouts are kept until the auxiliary phase is over, and saved with everything else: observations,
 * masks, memories, presence, and what groups say that is kept.
 */
export function updatesInPhases<P extends Prepared, A extends Prepared>(
  team: TeamContext,
  { policyPhase: policyConfig, rounds: most, auxiliaryPhase: auxiliaryConfig }: PhasesConfig,
  createLearner: (group: Group) => PhasedLearner<P, A>,
): TeamLearner {
  const groups = groupsOf(team)
  const learners: PhasedLearner<P, A>[] = []
  /** By group and segment; null: nobody of the group was there. */
  let noted: (Prepared | null)[][] = groups.map(() => [])

  const policyPhase = updatesOverRollouts<P>(team, policyConfig, group => {
    const number = learners.length
    const learner = createLearner(group)
    learners.push(learner)
    const { prepare } = learner.policyPhase
    return {
      ...learner.policyPhase,
      prepare(trajectory) {
        const prepared = prepare(trajectory)
        const names = Object.keys(learner.auxiliaryPhase.keeps)
        noted[number]![segments.count - 1] = Object.fromEntries(names.map(name => [name, prepared[name]!]))
        return prepared
      },
    }
  })
  const { members, rollout } = policyPhase
  const segments = createSegments({
    source: rollout.source,
    members: team.indices,
    most,
    carries: agent => {
      const { carries } = members[team.indices.indexOf(agent)]!.actor
      return carries.filter(({ name }) => name === memoryColumn)
    },
  })

  const auxiliaryLearners = groups.map((group, number): RoundLearner<A> => {
    const { keeps, prepare, ...learner } = learners[number]!.auxiliaryPhase
    return {
      ...learner,
      prepare(trajectory) {
        const kept = Object.entries(keeps).map(([name, size]) => {
          const parts = noted[number]!.map(each => each?.[name] ?? null)
          return [name, joined(parts, { members: group.indices.length, games: team.games, size })]
        })
        return prepare(trajectory, Object.fromEntries(kept))
      },
    }
  })
  const auxiliaryPhase = createGroupRounds(
    {
      trajectory: of => segments.trajectory(of),
      forget() {
        segments.forget()
        noted = groups.map(() => [])
      },
    },
    groups,
    auxiliaryLearners,
    team.random(team.agents[team.indices[0]!]!.id, 'auxiliaryMinibatches'),
    auxiliaryConfig,
  )
  /** Whether enough is kept; of the last of it the policy phase may still have to learn. */
  const isFull = () => segments.count === most
  const due = () => policyPhase.due || isFull()

  return {
    members,
    take(step) {
      policyPhase.take(step)
      if (!policyPhase.due) return
      segments.keep(rollout.source)
      for (const of of noted) of.push(null)
    },
    get due() {
      return due()
    },
    get turn() {
      return policyPhase.due ? policyPhase.turn : auxiliaryPhase.turn
    },
    advance(roster) {
      if (!policyPhase.due) return { ...auxiliaryPhase.advance(), endsRound: !due() }
      const { of, figures } = policyPhase.advance(roster)
      if (!policyPhase.due && isFull()) auxiliaryPhase.settle()
      return { of, figures, endsRound: !due() }
    },
    save: (): Saved => ({
      policyPhase: policyPhase.save(),
      segments: segments.save(),
      noted,
      auxiliaryPhase: auxiliaryPhase.save(),
    }),
    restore(saved) {
      const state = saved as {
        policyPhase: Saved
        segments: Saved
        noted: readonly (readonly (Prepared | null)[])[]
        auxiliaryPhase: Saved
      }
      policyPhase.restore(state.policyPhase)
      segments.restore(state.segments)
      noted = state.noted.map(of => of.map(each => each && copyOf(each)))
      auxiliaryPhase.restore(state.auxiliaryPhase)
    },
  }
}

function copyOf(prepared: Prepared): Prepared {
  return Object.fromEntries(Object.entries(prepared).map(([name, values]) => [name, Float64Array.from(values)]))
}
