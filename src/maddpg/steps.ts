// The steps of an update that all learners with action-value critics share: Algorithm 1 of Lowe et al. 2017, line by line.
import type { Actor } from '../agents/actor.ts'
import { isCut } from '../learning/batch-rows.ts'
import { type Member, type Roster, targetActorOf } from '../learning/member.ts'
import type { NoiseKey } from '../random.ts'
import type { Batch, Matrix } from '../types.ts'
import { rowsOf } from './group-parts.ts'
import { temporalDifferenceTarget, withoutAbsent } from './losses.ts'
import type { Parts } from './parts.ts'
import type { LearningPolicy } from './sub-policies.ts'

/** What critics see of the transitions: o and a, [rows, input.size]; overwritten by the next call, as by `nextInput`. */
export function currentInput({ input }: Parts, batch: Batch): Matrix {
  const { observations, states: state, present } = batch
  return input.of({ observations, state, present }, j => batch.actions[j]!)
}

/** How next actions come about. */
export interface NextActions {
  /** Who draws them; default: the target actors. */
  readonly drawnBy?: (member: Pick<Member, 'actor' | 'targetActor'>) => Actor
  /** The own ones, where they were drawn already. */
  readonly own?: Matrix
  /** May write over an agent's. */
  readonly change?: (agent: number, actions: Matrix) => void
}

/** What critics see after the transitions: o', and a' drawn from all target actors, or from what was inferred of them. */
export function nextInput(
  { input, index, inference, noise, nextOfGroup }: Parts,
  batch: Batch,
  roster: Roster,
  { drawnBy = targetActorOf, own, change }: NextActions = {},
): Matrix {
  const { nextObservations: observations, nextStates: state, nextPresent: present } = batch
  const ofGroup = nextOfGroup?.(batch, drawnBy)
  /** Of a group's members, those whose actions stand as they are to be. */
  const settled = new Set<number>()
  return input.of({ observations, state, present }, j => {
    const ofMember = ofGroup?.(j) ?? null
    if (ofMember !== null && settled.has(j)) return ofMember
    settled.add(j)
    const actions =
      ofMember ??
      (j === index ? own : undefined) ??
      sampleOf(drawnBy(inference.standIn(j, roster)), batch, j, noise.next())
    change?.(j, actions)
    return withoutAbsent(batch, j, actions)
  })
}

/** Next actions of an agent; what its actor makes of the observations need not be worked out again where nothing has changed. */
function sampleOf(actor: Actor, { nextObservations, drawn }: Batch, agent: number, key: NoiseKey): Matrix {
  const observations = nextObservations[agent]!
  if (actor.sampleKept === undefined || drawn === undefined) return actor.sample(observations, key, 'learning')
  return actor.sampleKept(observations, key, drawn)
}

/**
 * y = r + discount Q'(o', a'), [rows], r normalised if the settings say so; once per batch, overwritten by the next call. Where
 * `learner.timeLimit` is terminate, what is beyond it has no value: zeros are written into `nextValues`.
 */
export function targetOf(
  { indices, target, rewardScales, settings }: Parts,
  batch: Batch,
  nextValues: Matrix,
): Float32Array {
  const { rows } = batch
  indices.forEach((index, member) => {
    const [from, end] = [member * rows, (member + 1) * rows]
    if (settings.timeLimit === 'terminate') {
      for (let row = 0; row < rows; row++) if (isCut(batch, index, row)) nextValues.data[from + row] = 0
    }
    const scale = rewardScales[member]!.next(batch)
    temporalDifferenceTarget(batch, index, rowsOf(nextValues, member, rows), target.subarray(from, end), scale)
  })
  return target
}

/** r, [rows], normalised if the settings say so; once per batch, overwritten by the next call. */
export function rewardsOf({ index, target, rewardScales }: Parts, batch: Batch): Float32Array {
  const { columns, data } = batch.rewards
  const scale = rewardScales[0]!.next(batch)
  for (let row = 0; row < target.length; row++) target[row] = data[row * columns + index]! / scale
  return target
}

/** The factor of the next value, [rows]: 0 where the agent's episode terminated, or is taken to end at the time limit. */
export function discountsOf({ index, settings }: Parts, batch: Batch): Float64Array {
  const { discounts, terminated } = batch
  const ends = settings.timeLimit === 'terminate'
  return discounts.map((discount, row) =>
    ends && isCut(batch, index, row) ? 0 : discount * (1 - terminated.data[row * terminated.columns + index]!),
  )
}

/**
 * `now` with another own action, written into it: one of the actor, as a function of its parameters that `improveActor` leads a gradient
 * through.
 */
export function proposedInput(
  { input, noise, ownObservations }: Parts,
  now: Matrix,
  batch: Batch,
  { actor }: LearningPolicy,
): Matrix {
  return input.withOwnAction(now, actor.forward(ownObservations(batch.observations), noise.next()))
}

/** One step of the actor down the gradient at the action that it proposed; `outputGradient`: a further one at its outputs. */
export function improveActor(
  { settings, present }: Parts,
  { actor, optimizer }: LearningPolicy,
  gradient: Matrix,
  outputGradient?: Matrix,
): void {
  actor.backward(gradient, settings.logitPenalty, present, outputGradient)
  optimizer.step()
}

/** The target actor comes closer: soft update by tau. */
export function updateTargetActor(
  { context: { backend }, settings: { tau } }: Parts,
  { actor, targetActor }: LearningPolicy,
): void {
  backend.softUpdate(targetActor.network, actor.network, tau)
  targetActor.forget?.()
}
