// Update rounds: whose turn it is to learn when the learners of several teams are due, and what their updates said.
import { NonFiniteError } from '../errors.ts'
import type { Roster } from '../learning/member.ts'
import type { TeamLearner, UpdateFigures } from '../learning/team-learner.ts'
import type { JointStep, Stateful } from '../types.ts'

export interface UpdateRounds extends Stateful {
  /** Update rounds finished. */
  readonly finished: number
  /** Updates finished by this process: of a minibatch, or of an agent. Not part of the state. */
  readonly updates: number
  /** A round is due or under way: the simulation waits. */
  readonly due: boolean
  /** Hands a joint step to all learners, and counts its environment steps; the replay buffer holds it already. */
  take(step: JointStep): void
  /**
   * One update of the round, of the learner whose turn it is.
   * @throws NonFiniteError naming the round and the environment step, after what the learner says, and the last finite figures of the agent.
   */
  advance(): void
  /** Mean wall time of the rounds finished by this process; NaN before the first. Not part of the state. */
  readonly millisecondsPerRound: number
  /** Wall time of all updates of this process. Not part of the state. */
  readonly milliseconds: number
  /** Mean of each figure per agent since they were last taken: `criticLoss/agent_0`. */
  figures(): Record<string, number>
  /** The same, and starts over. */
  takeFigures(): Record<string, number>
  /** Environment steps counted when figures were last taken; 0: they never were. */
  readonly figuresTakenAt: number
}

/**
 * Rounds of the learners of all teams. A round begins when one of them is due, and is one round of every learner that is due then. They
 * take turns agent by agent, in agent order, so that a game's agents learn in the same order however they are divided into teams.
 * `ids`: those of all agents. `others`: who else takes in what is played, after the learners.
 */
export function createUpdateRounds(
  learners: readonly TeamLearner[],
  ids: readonly string[],
  roster: Roster,
  others: readonly Pick<TeamLearner, 'take'>[] = [],
): UpdateRounds {
  let envSteps = 0
  let finished = 0
  /** Numbers of the learners whose part of the round under way is not over; none: no round is under way. */
  let open: number[] = []
  let milliseconds = 0
  let timed = 0
  let updates = 0
  /** By whose they are, what the last update said: for diagnoses, no part of the state. */
  let lastFigures: Record<string, UpdateFigures> = {}
  let figures: Record<string, { sum: number; count: number }> = {}
  let takenAt = 0

  const record = (id: string, update: UpdateFigures) => {
    if (Object.keys(update).length > 0) lastFigures[id] = update
    for (const name in update) {
      const figure = (figures[`${name}/${id}`] ??= { sum: 0, count: 0 })
      figure.sum += update[name]!
      figure.count++
    }
  }

  const means = () => Object.fromEntries(Object.entries(figures).map(([name, { sum, count }]) => [name, sum / count]))

  const isDue = () => open.length > 0 || learners.some(({ due }) => due)

  /** The learner whose update comes next: of those in the round, the one whose agent comes first. */
  const next = () => {
    if (open.length === 0) open = learners.flatMap(({ due }, i) => (due ? [i] : []))
    return open.reduce((first, i) => (learners[i]!.turn < learners[first]!.turn ? i : first))
  }

  const update = (learner: TeamLearner) => {
    const { turn } = learner
    try {
      return learner.advance(roster)
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error
      const agent = error.divergence?.agent ?? ids[turn]!
      const where = { updateRound: finished + 1, envStep: envSteps, lastFigures: lastFigures[agent] ?? {} }
      throw new NonFiniteError(
        `${error.message} (update round ${finished + 1}, environment step ${envSteps}); ${describeLast(agent, where.lastFigures)}`,
        { agent, ...error.divergence, ...where },
      )
    }
  }

  return {
    get finished() {
      return finished
    },
    get updates() {
      return updates
    },
    get due() {
      return isDue()
    },
    take(step) {
      for (const learner of learners) learner.take(step)
      for (const other of others) other.take(step)
      envSteps += step.truncated.length
    },
    get millisecondsPerRound() {
      return milliseconds / timed
    },
    get milliseconds() {
      return milliseconds
    },
    advance() {
      const start = performance.now()
      const number = next()
      const learner = learners[number]!
      const { of, figures, endsRound } = update(learner)
      record(of, figures)
      // Between the slices of a minibatch there is nothing to say.
      if (Object.keys(figures).length > 0) updates++
      if (endsRound) open.splice(open.indexOf(number), 1)
      milliseconds += performance.now() - start
      if (open.length > 0) return
      timed++
      finished++
    },
    figures: means,
    takeFigures() {
      const taken = means()
      figures = {}
      takenAt = envSteps
      return taken
    },
    get figuresTakenAt() {
      return takenAt
    },
    save: () => ({
      envSteps,
      finished,
      /** So that it is known without the learners whether anything is left to be learnt. */
      due: isDue(),
      open,
      figures: structuredClone(figures),
      takenAt,
    }),
    restore(saved) {
      const state = saved as {
        envSteps: number
        finished: number
        open: readonly number[]
        figures: typeof figures
        /** Not in older checkpoints: as if a line had just been written. */
        takenAt?: number
      }
      ;({ envSteps, finished, takenAt = envSteps } = state)
      lastFigures = {}
      figures = structuredClone(state.figures)
      // A learner that gave its round up when it was restored has no part in it.
      open = state.open.filter(number => learners[number]!.due)
    },
  }
}

function describeLast(id: string, figures: UpdateFigures): string {
  const said = Object.entries(figures).map(([name, value]) => `${name} ${value.toPrecision(4)}`)
  return said.length === 0
    ? `no finite update of ${id} was seen before it`
    : `last finite figures of ${id}: ${said.join(', ')}`
}
