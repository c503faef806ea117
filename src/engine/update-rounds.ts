// When to learn: counts environment steps, says whether an update round is due, and carries it out agent by agent.
import type { Learner, Roster, UpdateFigures } from '../agents/learner.ts'
import { NonFiniteError } from '../errors.ts'
import type { Random } from '../random.ts'
import type { Draw } from '../replay/draw.ts'
import type { JointReplay } from '../replay/joint-replay.ts'
import type { Batch, Saved, Stateful } from '../types.ts'

export interface UpdateRounds extends Stateful {
  /** Update rounds finished. */
  readonly finished: number
  /** A round is due or under way: the simulation waits. */
  readonly due: boolean
  /** Counts the environment steps of a vector step that the replay buffer has taken in. */
  count(envSteps: number): void
  /**
   * One update of the round: of one agent, or of one of its sub-policies, from a batch drawn for it or for the whole round.
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

export interface UpdateRoundsConfig {
  /** Environment steps between rounds. */
  readonly every: number
  /** Transitions that the replay buffer must hold before the first round. */
  readonly after: number
  /** agent: every update draws a batch of its own, as in the reference; round: all updates of a round learn from one. */
  readonly draws?: 'agent' | 'round'
}

/** Rounds over a roster: every learner's update once, in order; a learner with sub-policies has one update for each. */
export function createUpdateRounds(
  roster: Roster,
  ids: readonly string[],
  replay: JointReplay,
  batch: Batch,
  random: Random,
  { every, after, draws = 'agent' }: UpdateRoundsConfig,
): UpdateRounds {
  let envSteps = 0
  let pending = 0
  let lesson = 0
  let finished = 0
  let milliseconds = 0
  let timed = 0
  /** [rows] What the batch of a round had taught when the rounds were saved in its midst; null: the batch is there. */
  let interrupted: Float32Array | null = null
  /** Per agent, what its last update said: for diagnoses, no part of the state. */
  let lastFigures: Record<string, UpdateFigures> = {}
  let figures: Record<string, { sum: number; count: number }> = {}
  let takenAt = 0

  const record = (id: string, update: UpdateFigures) => {
    lastFigures[id] = update
    for (const name in update) {
      const figure = (figures[`${name}/${id}`] ??= { sum: 0, count: 0 })
      figure.sum += update[name]!
      figure.count++
    }
  }

  const means = () => Object.fromEntries(Object.entries(figures).map(([name, { sum, count }]) => [name, sum / count]))

  const lessons = roster.flatMap((member, agent) =>
    isLearner(member)
      ? Array.from({ length: member.subPolicies }, (_, subPolicy) => ({ learner: member, agent, subPolicy }))
      : [],
  )
  const ofRound = draws === 'round' ? [replay.draw(null)] : null
  const drawOf = ofRound ?? lessons.map(({ agent, subPolicy }) => replay.draw(agent, subPolicy))

  /** The batch of the update to come: a new one, or that of the round. */
  const prepare = (draw: Draw) => {
    if (ofRound === null || lesson === 0) draw.sample(random, batch)
    else if (interrupted !== null) {
      draw.again(batch)
      batch.surprise.set(interrupted)
    }
    interrupted = null
  }

  const update = () => {
    const { learner, agent, subPolicy } = lessons[lesson]!
    try {
      return learner.update(batch, roster, subPolicy)
    } catch (error) {
      if (!(error instanceof NonFiniteError)) throw error
      const where = { updateRound: finished + 1, envStep: envSteps, lastFigures: lastFigures[ids[agent]!] ?? {} }
      throw new NonFiniteError(
        `${error.message} (update round ${finished + 1}, environment step ${envSteps}); ${describeLast(ids[agent]!, where.lastFigures)}`,
        { agent: ids[agent]!, ...error.divergence, ...where },
      )
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
    get milliseconds() {
      return milliseconds
    },
    advance() {
      const start = performance.now()
      const draw = drawOf[ofRound === null ? lesson : 0]!
      prepare(draw)
      record(ids[lessons[lesson]!.agent]!, update())
      lesson++
      if (ofRound === null || lesson === lessons.length) draw.learnt(batch)
      milliseconds += performance.now() - start
      if (lesson < lessons.length) return
      timed++
      lesson = 0
      pending--
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
      pending,
      lesson,
      finished,
      figures: structuredClone(figures),
      takenAt,
      random: random.save(),
      draws: drawOf.map(draw => draw.save()),
      surprise: ofRound === null || lesson === 0 ? null : (interrupted ?? Float32Array.from(batch.surprise)),
    }),
    restore(saved) {
      const state = saved as {
        envSteps: number
        pending: number
        lesson: number
        finished: number
        figures: typeof figures
        /** Not in older checkpoints: as if a line had just been written. */
        takenAt?: number
        random: Int32Array
        draws: readonly Saved[]
        surprise: Float32Array | null
      }
      ;({ envSteps, pending, lesson, finished, takenAt = envSteps } = state)
      lastFigures = {}
      figures = structuredClone(state.figures)
      random.restore(state.random)
      drawOf.forEach((draw, i) => void draw.restore(state.draws[i]!))
      interrupted = state.surprise === null ? null : Float32Array.from(state.surprise)
      // A buffer that was restored without some of its rows fills again first.
      if (replay.size >= after) return
      pending = 0
      lesson = 0
      interrupted = null
    },
  }
}

function describeLast(id: string, figures: UpdateFigures): string {
  const said = Object.entries(figures).map(([name, value]) => `${name} ${value.toPrecision(4)}`)
  return said.length === 0
    ? `no finite update of ${id} was seen before it`
    : `last finite figures of ${id}: ${said.join(', ')}`
}

function isLearner(member: Roster[number]): member is Learner {
  return 'update' in member
}
