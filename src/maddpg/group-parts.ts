// The parts of agents with shared parameters that learn in one update: a batch for all of them, and one step along the mean of their gradients.
import { type ActorWorkspace, createActor, type LearningActor } from '../agents/actor.ts'
import { alone, identityColumns } from '../agents/identity.ts'
import { ConfigError } from '../errors.ts'
import { type CriticInput, createCriticInput } from '../learning/critic-input.ts'
import type { Group } from '../learning/groups.ts'
import type { Backend } from '../nn/backend.ts'
import type { CommonRows } from '../nn/members.ts'
import { membersOf } from '../nn/members-of.ts'
import type { Network } from '../nn/network.ts'
import { workspaceOf } from '../nn/workspace.ts'
import type { Matrix, Observations } from '../types.ts'
import type { Parts } from './parts.ts'

/** @throws ConfigError for what a group does not learn from together */
export function refuseTogether(
  { team: { agents, indices, unreadable, network }, name }: Group,
  { settings, sees }: Parts,
): void {
  const refuse = (path: string, why: string) => {
    throw new ConfigError(path, `expected ${why} where learner.groupUpdate lets ${name} learn in one update`)
  }
  if (settings.subPolicies > 1) refuse('learner.subPolicies', '1')
  if (settings.inferPolicies) refuse('learner.inferPolicies', 'false')
  if ((network.memory ?? 0) > 0) refuse('network.memory', '0')
  if (sees !== 'local' && agents.some((_, index) => unreadable.has(index) && !indices.includes(index))) {
    refuse('learner.critic', 'local, as there are agents whose policies nobody can read,')
  }
  if (agents.some(agent => agent.mayBeAbsent === true)) refuse('learner.groupUpdate', 'agents that are always there')
}

/** The parts of a group from those of its members, in order: states are kept with the first of them, or with each. */
export function createGroupParts({ indices }: Group, members: readonly Parts[]): Parts {
  const [first] = members as [Parts]
  const { context, settings, agent, sees, policies } = first
  const { batch } = settings
  const rows = indices.length * batch
  /** The networks that members have in common, by the passes that all of them make at once. */
  const shared = new Map<Network, Network>()
  const online = (network: Network) => shared.get(network) ?? network
  const backend: Backend = {
    ...context.backend,
    softUpdate: (target, network, tau) => context.backend.softUpdate(online(target), online(network), tau),
  }
  const workspace = workspaceOf(backend, 'group')
  const { identity, criticIdentity = identity } = context
  const input = groupInput(workspace, members, batch)
  const together = (network: Network, isCritic: boolean): Network => {
    const each = members.map(({ context: { identity, criticIdentity = identity } }) =>
      isCritic ? criticIdentity : identity,
    )
    const made = membersOf(context.backend, network, {
      positions: each.map(({ position }) => position),
      identityColumns: identityColumns(isCritic ? criticIdentity : identity),
      ...(isCritic && input.own !== null ? { own: input.own } : {}),
    })
    shared.set(made, network)
    return made
  }
  const room: ActorWorkspace = {
    acting: workspace,
    learning: workspace,
    identification: { acting: workspace, learning: workspace },
  }
  const actorOn = ({ network }: LearningActor) =>
    createActor(workspace, agent, context.network, together(network, false), alone, room)
  const [policy] = policies.policies
  const actor = actorOn(policy!.actor)
  const targetActor = actorOn(policy!.targetActor)
  const stack = stacked(workspace, indices, batch)
  return {
    ...first,
    context: { ...context, backend },
    indices,
    input: input.input,
    workspace,
    rows,
    present: new Float32Array(rows),
    target: new Float32Array(rows),
    rewardScales: members.flatMap(({ rewardScales }) => rewardScales),
    policies: { ...policies, policies: [{ ...policy!, actor, targetActor }], actor, targetActor },
    together: network => together(network, true),
    ownObservations: stack,
    nextOfGroup(batch, drawnBy) {
      const all = drawnBy({ actor, targetActor }).sample(stack(batch.nextObservations), first.noise.next())
      return agent => (indices.includes(agent) ? rowsOf(all, indices.indexOf(agent), batch.rows) : null)
    },
  }

  /** What critics see: rows that all have in common, or each its own, one below the other. */
  function groupInput(backend: Backend, members: readonly Parts[], rows: number) {
    const all = members.map(({ index }) => index)
    const inputOf = (index: number) =>
      createCriticInput({ ...context, backend, index, identity: alone, criticIdentity: alone }, sees, rows)
    const one = inputOf(all[0]!)
    if (sees === 'joint' || sees === 'state') {
      const input: CriticInput = {
        ...one,
        withOwnAction: (joined, own): CommonRows => ({ ...joined, own }),
      }
      return { input, own: all.map(index => one.actionColumns(index)!) }
    }
    const each = [one, ...all.slice(1).map(inputOf)]
    const whole = backend.matrix(all.length * rows, one.size)
    const input: CriticInput = {
      ...one,
      of(moment, actionOf) {
        each.forEach((own, member) => void whole.data.set(own.of(moment, actionOf).data, member * rows * one.size))
        return whole
      },
      withOwnAction(joined, action) {
        backend.copyColumns(action, joined, one.ownAction.from)
        return joined
      },
    }
    return { input, own: null }
  }
}

/** Puts the observations of agents one below the other, with their masks; overwritten by the next call. */
function stacked(backend: Backend, indices: readonly number[], rows: number) {
  let whole: Matrix | undefined
  let mask: Matrix | undefined
  return (observations: readonly Observations[]): Observations => {
    const { columns, mask: one } = observations[indices[0]!]!
    whole ??= backend.matrix(indices.length * rows, columns)
    const to = whole
    indices.forEach((index, member) => void to.data.set(observations[index]!.data, member * rows * columns))
    if (one === undefined) return to
    mask ??= backend.matrix(indices.length * rows, one.columns)
    const masks = mask
    indices.forEach(
      (index, member) => void masks.data.set(observations[index]!.mask!.data, member * rows * one.columns),
    )
    return { ...to, mask: masks }
  }
}

/** The rows of one member. */
export function rowsOf({ columns, data }: Matrix, member: number, rows: number): Matrix {
  return { rows, columns, data: data.subarray(member * rows * columns, (member + 1) * rows * columns) }
}
