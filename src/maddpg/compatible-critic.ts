// A compatible critic: what it says of an action is linear in the policy's own gradient, so that the policy goes where it truly points (Silver et al. 2014, section 4.3).
import type { LearningActor } from '../agents/actor.ts'
import { ConfigError } from '../errors.ts'
import type { AgentContext } from '../learning/agent-context.ts'
import { createOptimizer } from '../learning/optimizer.ts'
import type { MaddpgSettings } from '../learning/options.ts'
import { withCurvature } from '../nn/curvature.ts'
import type { Network } from '../nn/network.ts'
import type { ActionSpace } from '../spaces.ts'
import type { Matrix, Observations } from '../types.ts'
import type { Parts } from './parts.ts'

export interface CompatibleCritic {
  /** Goes on from the policy as it is at some observations: what it would do, and what each number of it is worth there. */
  at(observations: Observations): AtObservations
  /** One step of w along its gradient, which `AtObservations.add` has summed up. */
  step(): void
}

export interface AtObservations {
  /** [rows, actions] grad mu^T w = grad_a Q */
  readonly slope: Matrix
  /** [rows] (a - mu) grad mu^T w of these actions. */
  advantages(actions: Matrix): Float32Array
  /** Adds sum_rows g grad mu (a - mu) to the gradient of w. */
  add(actions: Matrix, g: Matrix): void
}

/** @throws ConfigError for policies that such a critic does not fit */
export function createCompatibleCritic(parts: Parts, actor: LearningActor): CompatibleCritic {
  const { context, settings, agent } = parts
  refuseUnfit(context, settings, agent.actionSpace)
  const { network } = actor
  const curvature = withCurvature(network)
  /** w, laid out as the policy's parameters. */
  const made = context.share('compatible', () => {
    const weights = context.backend.network(network.spec, context.random('compatible'))
    weights.parameters.fill(0)
    const rate = settings.criticLearningRate ?? settings.learningRate
    return { weights, optimizer: createOptimizer(context, settings, weights, [agent.id, 'compatible'], rate) }
  })
  parts.networks.compatible = made.weights
  parts.kept.compatibleOptimizer = made.optimizer
  const slopeOf = slopesOf(agent.actionSpace)
  const key = { low: 0, high: 0 }

  return {
    at(observations) {
      // Deterministic: no noise goes into it.
      const actions = actor.forward(observations, key)
      const mu = { ...actions, data: Float32Array.from(actions.data) }
      const tangent = curvature.tangent(made.weights.parameters)
      const slope = { ...mu, data: tangent.data.map((t, i) => t * slopeOf(mu.data[i]!, i % mu.columns)) }
      return {
        slope,
        advantages: ({ data }) => sums(mu, i => (data[i]! - mu.data[i]!) * slope.data[i]!),
        add({ data }, g) {
          const ofRows = {
            ...mu,
            data: mu.data.map((own, i) => g.data[Math.floor(i / mu.columns)]! * (data[i]! - own)),
          }
          collect(network, made.weights, () => actor.backward(ofRows, 0, ones(mu.rows)))
        },
      }
    },
    step: () => made.optimizer.step(),
  }
}

/** What `backward` adds to a network's gradients goes to another of the same parameters; its own stay as they were. */
function collect(network: Network, to: Network, backward: () => void): void {
  const before = Float32Array.from(network.gradients)
  network.gradients.fill(0)
  backward()
  network.gradients.forEach((x, i) => {
    to.gradients[i]! += x
  })
  network.gradients.set(before)
}

/** d action / d output of a squashed mean, by the action and its column. */
function slopesOf(space: ActionSpace): (action: number, column: number) => number {
  const boxes = space.flatMap(part => (part.kind === 'box' ? Array.from({ length: part.size }, () => part) : []))
  return (action, column) => {
    const { low, high } = boxes[column]!
    const half = (high - low) / 2
    const place = (action - (low + high) / 2) / half
    return half * (1 - place * place)
  }
}

function sums({ rows, columns }: Matrix, of: (i: number) => number): Float32Array {
  const all = new Float32Array(rows)
  for (let i = 0; i < rows * columns; i++) all[Math.floor(i / columns)]! += of(i)
  return all
}

function ones(rows: number): Float32Array {
  return new Float32Array(rows).fill(1)
}

function refuseUnfit(
  { network: { memory = 0, boxes }, backend }: AgentContext,
  { subPolicies, exploration }: MaddpgSettings,
  space: ActionSpace,
): void {
  const refuse = (path: string, expected: string) => {
    throw new ConfigError(path, `expected ${expected} with learner.compatible=true`)
  }
  if (backend.name !== 'simd') refuse('run.backend', `simd, which has tangents, got ${backend.name},`)
  if (memory > 0)
    refuse('network.memory', `0, as the critic follows the policy from what is seen alone, got ${memory},`)
  if (subPolicies > 1) refuse('learner.subPolicies', `1, as the critic fits one policy, got ${subPolicies},`)
  const part = space.find(({ kind }) => kind !== 'box')
  if (part !== undefined) {
    refuse('learner.compatible', `false, as '${part.name}' is a choice, which no deterministic policy makes, and not`)
  }
  if (boxes !== 'deterministic') {
    refuse('learner.exploration', `gaussian or ornsteinUhlenbeck, as the policy is deterministic, got ${exploration},`)
  }
}
