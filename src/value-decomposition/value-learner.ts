// The learner of a team by action values over the shared replay: each update fits what the values of some agents make together.
import type { TeamContext } from '../learning/algorithm.ts'
import { actsNext, isCut } from '../learning/batch-rows.ts'
import { finiteLoss } from '../learning/finite-loss.ts'
import { type Group, groupsOf } from '../learning/groups.ts'
import type { Member } from '../learning/member.ts'
import { type GroupTurn, groupUpdatesOverReplay, type ReplayUpdates } from '../learning/replay-updates.ts'
import type { TeamLearner, UpdateFigures } from '../learning/team-learner.ts'
import type { TeamReward } from '../learning/team-reward.ts'
import type { Backend } from '../nn/backend.ts'
import { stateSize } from '../nn/recurrence.ts'
import { saveNetworks } from '../nn/saved-networks.ts'
import type { AgentSpec, Batch, Matrix, Saved } from '../types.ts'
import type { Mixer } from './mixer.ts'
import type { ValueSettings } from './options.ts'
import { createQNetworks, type QNetworks } from './q-networks.ts'
import { createQValues } from './q-values.ts'

/** Agents whose values are fitted together. */
export interface Side {
  /** What figures call it. */
  readonly name: string
  /** By index in the game, in order. */
  readonly agents: readonly number[]
  readonly mixer: Mixer
  /** Of all of them as one; null: each learns from its own rewards, and its value stays by itself. */
  readonly reward: TeamReward | null
}

/** Why agents cannot learn by action values, as a sentence; null when they can: their actions must be choices. */
export function withoutChoices(agents: readonly Pick<AgentSpec, 'id' | 'actionSpace'>[]): string | null {
  for (const { id, actionSpace } of agents) {
    const box = actionSpace.find(({ kind }) => kind === 'box')
    if (box !== undefined) {
      return `${id}: part '${box.name}' is a box, of which no best action can be listed; choices have one (maddpg, masac and ppo take boxes)`
    }
  }
  return null
}

/** The same of a team whose agents have one value together: the steps of all must be the same. `otherwise`: what else they must have. */
export function withoutCommonSteps(
  agents: readonly AgentSpec[],
  otherwise: (agents: readonly AgentSpec[]) => string | null = withoutChoices,
): string | null {
  const absent = agents.length > 1 ? agents.find(({ mayBeAbsent }) => mayBeAbsent === true) : undefined
  if (absent === undefined) return otherwise(agents)
  return `${absent.id}, which may wait or come late: agents of one value need steps in common (iql takes each by its own steps)`
}

/** A round is one update of every side, in their order; then the targets come closer. */
export function createValueLearner(team: TeamContext, settings: ValueSettings, sides: readonly Side[]): TeamLearner {
  const networks = groupsOf(team).map(group => createQNetworks(group, settings))
  const members = team.indices.map(index =>
    memberOf(networks.find(({ group }) => group.indices.includes(index))!, index),
  )
  const updateOf = (side: Side) => createUpdate(team, settings, side, networks)
  return sidesOverReplay(team, settings, members, sides, updateOf, rounds => {
    const { targetEvery, tau } = settings
    if (targetEvery !== null && rounds % targetEvery !== 0) return
    for (const { network, target } of networks) {
      if (targetEvery === null) team.backend.softUpdate(target, network, tau)
      else team.backend.copy(network, target)
    }
    for (const { mixer } of sides) mixer.updateTargets(targetEvery === null ? tau : 1)
  })
}

/**
 * A learner whose round is one update of every side, in their order. `updateTargets`: told of the rounds so far when one is over. Mixers are saved
 * with it, all other networks with its members.
 */
export function sidesOverReplay<S extends Side>(
  team: TeamContext,
  settings: ReplayUpdates,
  members: readonly Member[],
  sides: readonly S[],
  updateOf: (side: S) => (batch: Batch) => UpdateFigures,
  updateTargets: (rounds: number) => void,
): TeamLearner {
  const turns = sides.map((side): GroupTurn => {
    return { name: side.name, agent: side.agents[0]!, learner: { update: updateOf(side) } }
  })
  const learner = groupUpdatesOverReplay(team, settings, members, turns)
  const mixers = saveNetworks(
    Object.assign({}, ...sides.map(({ mixer }) => mixer.networks)),
    Object.assign({}, ...sides.map(({ mixer }) => mixer.parts)),
  )
  let rounds = 0
  return {
    members,
    take(step) {
      for (const { reward } of sides) reward?.of(step)
      learner.take(step)
    },
    get due() {
      return learner.due
    },
    get turn() {
      return learner.turn
    },
    advance(roster) {
      const update = learner.advance(roster)
      if (update.endsRound) updateTargets(++rounds)
      return update
    },
    save: () => ({ rounds, updates: learner.save(), mixers: mixers.save() }),
    restore(saved) {
      const state = saved as { rounds: number; updates: Saved; mixers: Saved }
      rounds = state.rounds
      learner.restore(state.updates)
      mixers.restore(state.mixers)
    },
  }
}

/** mean (Q_tot - y)^2 down, y = r + discount Q_tot'(o', a*). */
function createUpdate(team: TeamContext, settings: ValueSettings, side: Side, all: readonly QNetworks[]) {
  const { agents, mixer } = side
  const { batch: rows, doubleQ } = settings
  const matrix = (columns: number) => team.backend.matrix(rows, columns)
  const [values, nextValues] = [matrix(agents.length), matrix(agents.length)]
  const goals = createGoals(team.backend, settings, side)
  const learning = all.flatMap(networks => {
    const own = agents.filter(index => networks.group.indices.includes(index))
    if (own.length === 0) return []
    const columns = own.map(index => agents.indexOf(index))
    return [{ q: createQValues(networks, own, columns, rows), optimizer: networks.optimizer }]
  })
  return (batch: Batch) => {
    for (const { q } of learning) q.best(batch, doubleQ, nextValues)
    const targets = goals.targets(batch, mixer.nextTotal(nextValues, batch))
    for (const { q } of learning) q.taken(batch, values)
    const { gradient, criticLoss } = goals.gradient(batch, mixer.total(values, batch), targets)
    const atValues = mixer.backward(gradient)
    for (const { q, optimizer } of learning) {
      q.backward(batch, atValues)
      optimizer.step()
    }
    mixer.step()
    return { criticLoss }
  }
}

/** What the totals of a side are to become, and how far they are from it. */
export function createGoals(
  backend: Backend,
  { batch: rows, timeLimit }: Pick<ValueSettings, 'batch' | 'timeLimit'>,
  { name, agents, reward }: Omit<Side, 'mixer'>,
) {
  const totals = reward === null ? agents.length : 1
  const [targets, gradient] = [backend.matrix(rows, totals), backend.matrix(rows, totals)]
  /** [rows * totals] 1 where something is learnt. */
  const present = new Float32Array(rows * totals)
  /** [totals] The agents whose value a total is. */
  const membersOf = reward === null ? agents.map(index => [index]) : [agents]

  return {
    present,
    /** y = r + discount Q', without the second term where none of its agents acts next. */
    targets(batch: Batch, nextTotals: Matrix): Matrix {
      const team = reward?.ofBatch(batch)
      const { columns } = batch.present
      for (let row = 0, i = 0; row < rows; row++) {
        for (let total = 0; total < totals; total++, i++) {
          const members = membersOf[total]!
          let [isThere, goesOn, cut] = [false, false, false]
          for (const index of members) {
            const at = row * columns + index
            if (actsNext(batch, at)) goesOn = true
            if (batch.present.data[at] === 0) continue
            isThere = true
            if (timeLimit !== 'bootstrap' && isCut(batch, index, row)) cut = true
          }
          const paid = team === undefined ? batch.rewards.data[row * columns + members[0]!]! : team[row]!
          targets.data[i] = paid + (goesOn && !cut ? batch.discounts[row]! * nextTotals.data[i]! : 0)
          present[i] = isThere && !(cut && timeLimit === 'drop') ? 1 : 0
        }
      }
      return targets
    },
    /** Of mean(w (Q - y)^2) over what can be learnt from; notes |Q - y| as the batch's TD errors. @throws NonFiniteError when it is not finite */
    gradient({ weights, tdErrors }: Batch, { data }: Matrix, { data: y }: Matrix) {
      let [sum, count] = [0, 0]
      for (let i = 0; i < data.length; i++) count += present[i]!
      for (let i = 0; i < data.length; i++) {
        const row = Math.floor(i / totals)
        const error = present[i] === 0 ? 0 : data[i]! - y[i]!
        gradient.data[i] = count === 0 ? 0 : (2 * weights[row]! * error) / count
        tdErrors[row] = Math.max(tdErrors[row]!, Math.abs(error))
        sum += weights[row]! * error * error
      }
      return { gradient, criticLoss: finiteLoss(count === 0 ? 0 : sum / count, name, 'critic') }
    },
  }
}

/** An agent as others know it. Every member saves the networks that it shares, so that each can be taken out of a checkpoint by itself. */
function memberOf({ group, actors, network, target, optimizer }: QNetworks, index: number): Member {
  const actor = actors[group.indices.indexOf(index)]!
  return {
    actor,
    // Of a network that remembers, a row alone does not tell.
    ...(stateSize(network.spec) > 0
      ? {}
      : {
          value({ observations }, actions) {
            const { data } = actor.distribution(observations[index]!)
            return data.reduce((sum, q, i) => sum + q * actions[index]!.data[i]!, 0)
          },
        }),
    ...saveNetworks({ actor: network, targetActor: target }, { actorOptimizer: optimizer }),
  }
}

/** The agents of the learner by their teams, in the order of the first of each: it may play several. */
export function teamsOf({
  agents,
  indices,
}: TeamContext): readonly { readonly name: string; readonly agents: readonly number[] }[] {
  const teams = [...new Set(indices.map(index => agents[index]!.team))]
  return teams.map(name => ({ name, agents: indices.filter(index => agents[index]!.team === name) }))
}

/** Groups that learn at once, agent by agent where agents may be absent: what follows is another row for each then. */
export function groupsApart(team: TeamContext): readonly Pick<Group, 'name' | 'indices'>[] {
  if (!team.agents.some(({ mayBeAbsent }) => mayBeAbsent === true)) return groupsOf(team)
  return team.indices.map(index => ({ name: team.agents[index]!.id, indices: [index] }))
}
