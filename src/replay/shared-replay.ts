// The replay buffer as teams share it: one store, there because somebody asks for it, and the views from which batches are drawn.
import type { Random } from '../random.ts'
import { valueAt } from '../settings/schedule.ts'
import type { Batch, Saved, Stateful } from '../types.ts'
import type { JointReplay } from './joint-replay.ts'
import type { ReplaySpec, ReplayTurn, ReplayView, TurnBatches } from './view.ts'

export interface SharedReplay {
  /** The store; null: nobody has asked for a view. */
  readonly store: JointReplay | null
  /** The view of a spec: teams that draw alike have one in common. */
  view(spec: ReplaySpec): ReplayView
  /** What draws stand at: the random stream that all have in common, priorities, the batch of a round. Restore the store first. */
  readonly draws: Stateful
}

/**
 * `createStore` makes the store for the first view. All draws take their random numbers from one stream, in the order in which teams
 * take turns, so that runs whose teams draw alike do not depend on how agents are divided into teams. `now`: environment steps so far.
 */
export function createSharedReplay(createStore: () => JointReplay, random: Random, now: () => number): SharedReplay {
  let store: JointReplay | null = null
  const views = new Map<string, View>()
  return {
    get store() {
      return store
    },
    view(spec) {
      const { batch, returnSteps, gamma, discountPer, priority, importance, draws, latest } = spec
      const key = JSON.stringify([batch, returnSteps, gamma, discountPer, priority, importance, draws, latest])
      store ??= createStore()
      const found = views.get(key) ?? createView(store, spec, random, now)
      views.set(key, found)
      return found
    },
    draws: {
      save: () => ({ random: random.save(), views: [...views.values()].map(view => view.save()) }),
      restore(saved) {
        const state = saved as { random: Saved; views: readonly Saved[] }
        random.restore(state.random)
        ;[...views.values()].forEach((view, i) => void view.restore(state.views[i]!))
      },
    },
  }
}

interface View extends ReplayView, Stateful {}

function createView(store: JointReplay, spec: ReplaySpec, random: Random, now: () => number): View {
  const { returnSteps: steps, gamma, discountPer = 'ownStep', priority, importance, latest = false } = spec
  const how = { steps, gamma, discountPer, priority, importance: () => valueAt(importance, now()), latest }
  /** One for all updates: each is over before the next draws. */
  const shared = store.createBatch(spec.batch, latest)
  const { draw, ...state } =
    spec.draws === 'round' ? roundDraws(store, shared, random, how) : turnDraws(store, shared, random, how)
  return {
    get size() {
      return store.size
    },
    batches: turns => draw(turns),
    ...state,
  }
}

type How = NonNullable<Parameters<JointReplay['draw']>[2]>
interface Draws extends Stateful {
  draw(turns: readonly ReplayTurn[]): TurnBatches
}

/** A batch of its own for every update, as in the reference. */
function turnDraws(store: JointReplay, batch: Batch, random: Random, how: How): Draws {
  const draws: ReturnType<JointReplay['draw']>[] = []
  return {
    draw(turns) {
      const own = turns.map(({ agent, subPolicy }) => store.draw(agent, subPolicy, how))
      draws.push(...own)
      return {
        batch(turn) {
          own[turn]!.sample(random, batch)
          return batch
        },
        learnt: turn => own[turn]!.learnt(batch),
        abandon() {},
      }
    },
    save: () => draws.map(draw => draw.save()),
    restore: saved => draws.forEach((draw, i) => void draw.restore((saved as readonly Saved[])[i]!)),
  }
}

/** One batch for all updates of a round: the first of them draws it, and after the last its TD errors are taken in. */
function roundDraws(store: JointReplay, batch: Batch, random: Random, how: How): Draws {
  const draw = store.draw(null, 0, how)
  /** Updates of a round, and those of the present round that were made. */
  let [updates, made] = [0, 0]
  /** [rows] The TD errors so far of a round that was saved in its midst; null: they are in the batch. */
  let interrupted: Float32Array | null = null
  return {
    draw(turns) {
      updates += turns.length
      return {
        batch(turn) {
          const { agent } = turns[turn]!
          if (made === 0) draw.sample(random, batch, agent)
          else if (interrupted !== null || store.isPerAgent) draw.again(batch, agent)
          if (interrupted !== null) batch.tdErrors.set(interrupted)
          interrupted = null
          return batch
        },
        learnt() {
          made++
          if (made < updates) return
          draw.learnt(batch)
          made = 0
        },
        abandon() {
          made = 0
          interrupted = null
        },
      }
    },
    save: () => ({
      draw: draw.save(),
      made,
      surprise: made === 0 ? null : (interrupted ?? Float32Array.from(batch.tdErrors)),
    }),
    restore(saved) {
      const state = saved as { draw: Saved; made: number; surprise: Float32Array | null }
      draw.restore(state.draw)
      made = state.made
      interrupted = state.surprise === null ? null : Float32Array.from(state.surprise)
    },
  }
}
