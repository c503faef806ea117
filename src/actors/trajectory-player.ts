// A logical actor: some games and policies with streams of their own, that play one trajectory after the other, each into a memory that is given.
import type { Policy } from '../agents/policy.ts'
import { actAll, actionsToBlame } from '../engine/simulate.ts'
import { clearJointStep, fieldsOf } from '../envs/joint-step.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { createVectorGame, type VectorGame } from '../envs/vector-game.ts'
import { placed } from '../errors.ts'
import type { Random } from '../random.ts'
import type { JointStep, Saved, Stateful } from '../types.ts'
import { createMessageLayout, type TrajectoryMemory, type TrajectoryShape } from './trajectory-message.ts'

export interface TrajectoryPlayer extends Stateful {
  /** Vector steps so far. */
  readonly steps: number
  /** Begins the next trajectory; null: nobody will read it. */
  begin(memory: TrajectoryMemory | null): void
  /**
   * Plays one vector step.
   * @returns whether the trajectory is over
   * @throws GameError, NonFiniteError naming actor, trajectory and step; then only `restore` makes it usable again
   */
  advance(): boolean
}

export interface PlayerOptions {
  /** Its number among the actors. */
  readonly actor: number
  readonly shape: TrajectoryShape
  /** Games of all actors. */
  readonly allGames: number
  create(): MarkovGame
  /** The stream of one of all games. */
  random(game: number): Random
  /** Who acts for each agent in its games, in agent order. */
  policies(games: () => readonly MarkovGame[]): readonly Policy[]
}

/** One whose games all begin an episode. */
export function createTrajectoryPlayer({
  actor,
  shape,
  allGames,
  create,
  random,
  policies: policiesIn,
}: PlayerOptions): TrajectoryPlayer {
  const { games, steps, extras, stateSize } = shape
  // The first step of a trajectory is prepared before it is known where it will lie: in one of two places of the player's own, by turns.
  const first = createMessageLayout({ ...shape, steps: 1 })
  const prepared = [0, 1].map(() => stepsIn(first.memoryOf(new ArrayBuffer(first.bytes)), 1)[0]!)
  const unread = createMessageLayout(shape)
  let nowhere: readonly Place[] | null = null
  let into: readonly Place[] = []
  const known = new Map<ArrayBufferLike, readonly Place[]>()
  const preparedFor = (step: number) => prepared[Math.floor((step - 1) / steps) % 2]!
  const allocate = (step: number): JointStep => {
    const at = (step - 1) % steps
    const place = at === 0 ? preparedFor(step) : into[at]!
    clearJointStep(place.step)
    return { ...place.step, step }
  }
  const policies = policiesIn(() => vectorGame.games)
  const vectorGame: VectorGame = createVectorGame({
    create,
    games,
    first: actor * games,
    random,
    extras,
    states: stateSize > 0,
    allocate,
  })

  /** Where a step of its games is, so that it can be looked at again. */
  const placeOf = (step: number) => ({
    during: `actor ${actor}, trajectory ${Math.floor((step - 1) / steps)}`,
    step: ((step - 1) % steps) + 1,
  })

  return {
    get steps() {
      return vectorGame.steps
    },
    begin(memory) {
      if (memory === null) {
        into = nowhere ??= stepsIn(unread.memoryOf(new ArrayBuffer(unread.bytes)), steps)
        return
      }
      into = known.get(memory.buffer) ?? stepsIn(memory, steps)
      known.set(memory.buffer, into)
    },
    advance() {
      const step = vectorGame.steps + 1
      try {
        actAll(policies, vectorGame)
        vectorGame.advance()
      } catch (error) {
        throw placed(actionsToBlame(vectorGame, allGames) ?? error, placeOf(step))
      }
      const done = vectorGame.steps % steps
      if (done === 1 || steps === 1) copyFields(preparedFor(vectorGame.steps), into[0]!)
      return done === 0
    },
    save: (): Saved => ({ vectorGame: vectorGame.save(), policies: policies.map(policy => policy.save()) }),
    restore(saved) {
      const state = saved as { vectorGame: Saved; policies: readonly Saved[] }
      vectorGame.restore(state.vectorGame)
      policies.forEach((policy, agent) => void policy.restore(state.policies[agent]!))
    },
  }
}

/** A joint step in a memory, and its arrays. */
interface Place {
  readonly step: JointStep
  readonly fields: ReturnType<typeof fieldsOf>
}

function stepsIn(memory: TrajectoryMemory, steps: number): Place[] {
  return Array.from({ length: steps }, (_, at) => {
    const step = memory.stepAt(at)
    return { step, fields: fieldsOf(step) }
  })
}

function copyFields({ fields }: Place, to: Place): void {
  fields.forEach(({ data }, i) => void to.fields[i]!.data.set(data))
}
