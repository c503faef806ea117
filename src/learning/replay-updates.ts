// Updates over replay: the learner of a team whose agents learn one after the other, each from batches of the shared replay buffer.
import type { ReplaySpec, ReplayTurn } from '../replay/view.ts'
import type { Batch } from '../types.ts'
import type { TeamContext } from './algorithm.ts'
import type { Member, Roster } from './member.ts'
import type { TeamLearner, Update, UpdateFigures } from './team-learner.ts'

/** One agent that learns from batches of transitions. */
export interface ReplayLearner extends Member {
  /** Updates that it makes in a round, each from a batch of its own: one per sub-policy. Default: 1. */
  readonly subPolicies?: number
  /**
   * One update from a batch; the roster is all agents in order, this one included. The batch holds transitions in which sub-policy
   * `subPolicy` acted.
   * @throws NonFiniteError when a loss or a gradient is not finite.
   */
  update(batch: Batch, roster: Roster, subPolicy: number): UpdateFigures
}

/** When a team learns, and from which batches. */
export interface ReplayUpdates extends ReplaySpec {
  /** Environment steps between rounds. */
  readonly updateEvery: number
  /** Transitions that the replay buffer must hold before the first round. */
  readonly updateAfter: number
}

/**
 * A round is one update of every agent, in agent order, of one with sub-policies an update of each; agents later in a round see what
 * earlier ones have learnt in it. `learners` are in the order of the team's agents.
 * @see docs/algorithms-of-your-own.md
 */
export function updatesOverReplay(
  team: Pick<TeamContext, 'agents' | 'indices' | 'replay'>,
  updates: ReplayUpdates,
  learners: readonly ReplayLearner[],
): TeamLearner {
  const turns = learners.flatMap(({ subPolicies = 1 }, i) =>
    Array.from({ length: subPolicies }, (_, subPolicy) => ({
      agent: team.indices[i]!,
      subPolicy,
      learner: learners[i]!,
    })),
  )
  return roundsOverReplay(team, updates, learners, turns, ({ agent, subPolicy, learner }, batch, roster) => ({
    of: team.agents[agent]!.id,
    figures: learner.update(batch, roster, subPolicy),
  }))
}

/** The same where groups of agents learn in one update each, the others one by one. `turns`: whose, in order. */
export function groupUpdatesOverReplay(
  team: Pick<TeamContext, 'replay'>,
  updates: ReplayUpdates,
  members: readonly Member[],
  turns: readonly GroupTurn[],
): TeamLearner {
  const ofTurns = turns.map(turn => ({ ...turn, subPolicy: 0 }))
  return roundsOverReplay(team, updates, members, ofTurns, ({ name, learner }, batch, roster) => ({
    of: name,
    figures: learner.update(batch, roster, 0),
  }))
}

export interface GroupTurn {
  /** What figures call it. */
  readonly name: string
  /** The first of its agents. */
  readonly agent: number
  readonly learner: Pick<ReplayLearner, 'update'>
}

/** A round is one update of the whole team, from one batch, as of critics that add up to the value of the team. */
export function teamUpdatesOverReplay(
  team: Pick<TeamContext, 'agents' | 'indices' | 'replay'>,
  updates: ReplayUpdates,
  members: readonly Member[],
  update: (batch: Batch, roster: Roster) => UpdateFigures,
): TeamLearner {
  const [first] = team.indices as [number]
  const of = team.agents[first]!.team
  return roundsOverReplay(team, updates, members, [{ agent: first, subPolicy: 0 }], (_, batch, roster) => ({
    of,
    figures: update(batch, roster),
  }))
}

function roundsOverReplay<Turn extends ReplayTurn>(
  { replay }: Pick<TeamContext, 'replay'>,
  { updateEvery: every, updateAfter: after, ...spec }: ReplayUpdates,
  members: readonly Member[],
  turns: readonly Turn[],
  update: (turn: Turn, batch: Batch, roster: Roster) => Omit<Update, 'endsRound'>,
): TeamLearner {
  const view = replay(spec)
  const batches = view.batches(turns)
  let envSteps = 0
  /** Rounds that are due, the one under way included, and the updates of that one that were made. */
  let [pending, turn] = [0, 0]
  return {
    members,
    take({ truncated: { length: games } }) {
      const before = envSteps
      envSteps += games
      if (view.size >= after) pending += Math.floor(envSteps / every) - Math.floor(before / every)
    },
    get due() {
      return pending > 0
    },
    get turn() {
      return turns[turn]!.agent
    },
    advance(roster) {
      const made = update(turns[turn]!, batches.batch(turn), roster)
      batches.learnt(turn)
      turn++
      const endsRound = turn === turns.length
      if (endsRound) {
        turn = 0
        pending--
      }
      return { ...made, endsRound }
    },
    save: () => ({ envSteps, pending, turn }),
    restore(saved) {
      ;({ envSteps, pending, turn } = saved as { envSteps: number; pending: number; turn: number })
      // A buffer that was restored without some of its rows fills again first.
      if (view.size >= after) return
      pending = 0
      turn = 0
      batches.abandon()
    },
  }
}
