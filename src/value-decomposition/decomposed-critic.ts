// FACMAC's part of one agent: its actor, and Q(o, a) of itself alone, which a mixer makes a part of the value of its team.
import { actsNext, presence } from '../learning/batch-rows.ts'
import { type Critic, updateTarget } from '../maddpg/critic.ts'
import { createCritic, type Parts } from '../maddpg/parts.ts'
import { updateTargetActor } from '../maddpg/steps.ts'
import type { LearningPolicy } from '../maddpg/sub-policies.ts'
import type { NoiseKey } from '../random.ts'
import type { Batch, Matrix } from '../types.ts'

/**
 * Values are written into the column `column` of [rows, agents of the side], 0 where the agent is absent, and gradients are read from there.
 * Agents work one after the other in one workspace, and may share networks: passes that gradients are led through are made again.
 */
export interface DecomposedCritic {
  readonly parts: Parts
  readonly critic: Critic
  readonly policy: LearningPolicy
  /** Q(o, a) of what was done. */
  taken(batch: Batch, to: Matrix, column: number): void
  /** Q'(o', mu'(o')) of the targets; 0 where the agent does not act next. */
  next(batch: Batch, to: Matrix, column: number): void
  /** Adds to the critic's gradients, from those at the values of `taken`. */
  learn(batch: Batch, gradients: Matrix, column: number): void
  /** Q(o, mu(o)), mu drawn by this key. */
  proposed(batch: Batch, key: NoiseKey, to: Matrix, column: number): void
  /** Adds to the actor's gradients, from those at the values of `proposed` with the same key, and that of penalty * mean(outputs^2). */
  climb(batch: Batch, key: NoiseKey, gradients: Matrix, column: number, penalty: number): void
}

/** `parts`: of an agent whose critic sees itself alone; the critic becomes one of them. */
export function createDecomposedCritic(parts: Parts): DecomposedCritic {
  const { index, input, noise, rows, present } = parts
  const critic = createCritic(parts)
  const policy = parts.policies.policies[0]!
  const seenBy = (batch: Batch, action: Matrix) =>
    input.of({ observations: batch.observations, present: batch.present }, () => action)
  const write = ({ data }: Matrix, to: Matrix, column: number, counts: (row: number) => boolean) => {
    for (let row = 0; row < rows; row++) to.data[row * to.columns + column] = counts(row) ? data[row]! : 0
  }
  const isThere = (batch: Batch) => (row: number) => batch.present.data[row * batch.present.columns + index] === 1
  const read = (batch: Batch, { columns, data }: Matrix, column: number) => {
    presence(batch, index, present)
    for (let row = 0; row < rows; row++) critic.gradient.data[row] = present[row]! * data[row * columns + column]!
    return critic.gradient
  }
  return {
    parts,
    critic,
    policy,
    taken(batch, to, column) {
      write(critic.network.infer(seenBy(batch, batch.actions[index]!)), to, column, isThere(batch))
    },
    next(batch, to, column) {
      const { nextObservations: observations, nextPresent: there, present } = batch
      const action = policy.targetActor.sample(observations[index]!, noise.next(), 'learning')
      const values = critic.target.infer(input.of({ observations, present: there }, () => action))
      write(values, to, column, row => actsNext(batch, row * present.columns + index))
    },
    learn(batch, gradients, column) {
      critic.network.forward(seenBy(batch, batch.actions[index]!))
      critic.network.backward(read(batch, gradients, column))
    },
    proposed(batch, key, to, column) {
      const action = policy.actor.sample(batch.observations[index]!, key, 'learning')
      write(critic.network.infer(seenBy(batch, action)), to, column, isThere(batch))
    },
    climb(batch, key, gradients, column, penalty) {
      critic.network.forward(seenBy(batch, policy.actor.forward(batch.observations[index]!, key)))
      const gradient = critic.network.inputGradient(read(batch, gradients, column), input.ownAction)
      policy.actor.backward(gradient, penalty, present)
    },
  }
}

/**
 * Network by network: `learn` of all agents that share it, then one step. Networks of a workspace have their gradients in the same place, so that
 * none may wait for another one.
 */
export function learnInTurn(
  agents: readonly DecomposedCritic[],
  optimizerOf: (agent: DecomposedCritic) => { step(): void },
  learn: (agent: DecomposedCritic, column: number) => void,
): void {
  for (const optimizer of new Set(agents.map(optimizerOf))) {
    agents.forEach((agent, column) => void (optimizerOf(agent) === optimizer && learn(agent, column)))
    optimizer.step()
  }
}

/** Their targets come closer, once where agents share them. */
export function updateTargets(agents: readonly DecomposedCritic[]): void {
  const moved = new Set<unknown>()
  for (const { parts, critic, policy } of agents) {
    if (moved.has(critic.target)) policy.targetActor.forget?.()
    else {
      updateTargetActor(parts, policy)
      updateTarget(critic)
    }
    moved.add(critic.target)
  }
}
