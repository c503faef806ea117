// When to learn: counts environment steps, says whether an update round is due, and carries it out agent by agent.
import type { Roster, UpdateFigures } from '../agents/learner.ts'
import { NonFiniteError } from '../errors.ts'
import type { Random } from '../random.ts'
import type { JointReplay } from '../replay/joint-replay.ts'
import type { Batch, Stateful } from '../types.ts'

export interface UpdateRounds extends Stateful {
  /** Update rounds finished. */
  readonly finished: number
  /** A round is due or under way: the simulation waits. */
  readonly due: boolean
  /** Counts the environment steps of a vector step that the replay buffer has taken in. */
  count(envSteps: number): void
  /**
   * One agent's part of the round: draws fresh indices and updates that agent.
   * @throws NonFiniteError naming the round and the environment step, after what the learner says.
   */
  advance(): void
  /** Mean wall time of the rounds finished by this process; NaN before the first. Not part of the state. */
  readonly millisecondsPerRound: number
  /** Mean of each figure per agent since the last call, and starts over: `criticLoss/agent_0`. */
  takeFigures(): Record<string, number>
}

export interface UpdateRoundsConfig {
  /** Environment steps between rounds. */
  readonly every: number
  /** Transitions that the replay buffer must hold before the first round. */
  readonly after: number
}

/** Rounds over a roster: every agent's update once, in order, each with a batch of its own. */
export function createUpdateRounds(
  roster: Roster,
  ids: readonly string[],
  replay: JointReplay,
  batch: Batch,
  random: Random,
  { every, after }: UpdateRoundsConfig,
): UpdateRounds {
  let envSteps = 0
  let pending = 0
  let agent = 0
  let finished = 0
  let milliseconds = 0
  let timed = 0
  let figures: Record<string, { sum: number; count: number }> = {}

  const record = (id: string, update: UpdateFigures) => {
    for (const name in update) {
      const figure = (figures[`${name}/${id}`] ??= { sum: 0, count: 0 })
      figure.sum += update[name]!
      figure.count++
    }
  }

  const update = () => {
    try {
      return roster[agent]!.update(batch, roster)
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error
      throw new NonFiniteError(`${error.message} (update round ${finished + 1}, environment step ${envSteps})`)
    }
  }

  return {
    get finished() {
      return finished
    },
    get due() {
      return pending > 0
    },
    count(steps) {
      const before = envSteps
      envSteps += steps
      if (replay.size >= after) pending += Math.floor(envSteps / every) - Math.floor(before / every)
    },
    get millisecondsPerRound() {
      return milliseconds / timed
    },
    advance() {
      const start = performance.now()
      replay.sample(random, batch)
      record(ids[agent]!, update())
      agent++
      milliseconds += performance.now() - start
      if (agent < roster.length) return
      timed++
      agent = 0
      pending--
      finished++
    },
    takeFigures() {
      const means = Object.fromEntries(Object.entries(figures).map(([name, { sum, count }]) => [name, sum / count]))
      figures = {}
      return means
    },
    save: () => ({ envSteps, pending, agent, finished, figures: structuredClone(figures), random: random.save() }),
    restore(saved) {
      const state = saved as {
        envSteps: number
        pending: number
        agent: number
        finished: number
        figures: typeof figures
        random: Int32Array
      }
      ;({ envSteps, pending, agent, finished } = state)
      figures = structuredClone(state.figures)
      random.restore(state.random)
    },
  }
}
