// MATD3: MADDPG with twin critics, delayed actors and smoothed targets (Ackermann et al. 2019; TD3: Fujimoto et al. 2018).
import { unsupportedSpaces } from '../agents/head.ts'
import { defineAlgorithm } from '../learning/algorithm.ts'
import { groupUpdates, maddpgOptions, withDefaults } from '../learning/options.ts'
import { type NoiseKey, noiseNormal } from '../random.ts'
import { count, real } from '../settings/option.ts'
import type { ActionSpace } from '../spaces.ts'
import type { Matrix, Saved } from '../types.ts'
import { criticSlope } from './critic.ts'
import { createCritic } from './parts.ts'
import { currentInput, improveActor, nextInput, proposedInput, targetOf, updateTargetActor } from './steps.ts'
import { createTeamLearner } from './team.ts'
import { createTwinCritic, fitTwins, smallerTargetValues, updateTwinTargets } from './twin-critic.ts'

/**
 * Every agent has two centralised critics. Both learn from the smaller of their targets' values; the actor climbs the first, and
 * actor and targets move in every `policyDelay`-th round alone. Boxes are explored with added Gaussian noise, as their actors are
 * meant to be deterministic.
 */
export const matd3 = defineAlgorithm({
  id: 'matd3',
  description: 'twin centralised critics, delayed actors, smoothed targets (Ackermann et al. 2019)',
  options: {
    ...withDefaults(maddpgOptions, { exploration: 'gaussian' }),
    ...groupUpdates,
    policyDelay: count(2, { min: 1 }, 'critic updates per update of actor and targets'),
    smoothing: real(0.2, { min: 0 }, 'deviation of the noise on target actions of boxes, as a part of half the width'),
    smoothingClip: real(0.5, { min: 0 }, 'largest such noise, as a part of half the width'),
  },
  critics: 'joint',
  unsupported: unsupportedSpaces,
  createLearner(team, settings) {
    return createTeamLearner(team, settings, 'joint', parts => {
      const critics = createTwinCritic(createCritic(parts), createCritic(parts, 'secondCritic'))
      const rounds = createCounter()
      parts.kept.updates = rounds
      /** Smoothes the target actions of an agent's boxes. */
      const change = (other: number, actions: Matrix) => {
        const { actionSpace } = team.agents[other]!
        if (actionSpace.some(part => part.kind === 'box')) smooth(actions, actionSpace, parts.noise.next(), settings)
      }

      return (batch, roster, policy) => {
        // Critics: y = r + discount min(Q1', Q2')(o', a'), a' from all target actors and smoothed.
        const next = nextInput(parts, batch, roster, { change })
        const target = targetOf(parts, batch, smallerTargetValues(critics, next))
        const now = currentInput(parts, batch)
        const criticFigures = fitTwins(critics, now, target, batch, parts.present)

        // All sub-policies of a round wait, or none does.
        const round = Math.floor(rounds.next() / settings.subPolicies) + 1
        if (round % settings.policyDelay !== 0) return criticFigures

        // Actor: maximise Q1(o, a) over the own action; then all targets come closer.
        const proposed = proposedInput(parts, now, batch, policy)
        const { actorLoss, gradient } = criticSlope(critics.first, proposed, parts.input.ownAction, parts.present)
        improveActor(parts, policy, gradient)
        updateTargetActor(parts, policy)
        updateTwinTargets(critics)
        return { ...criticFigures, actorLoss }
      }
    })
  },
})

/** Counts from 0. */
function createCounter() {
  let count = 0
  return {
    next: () => count++,
    save: () => count,
    restore(saved: Saved) {
      count = saved as number
    },
  }
}

/**
 * Target policy smoothing (Fujimoto et al. 2018, section 5.3): a box's actions += clip(n), n normal with deviation `smoothing`, clipped
 * to +-`smoothingClip`, both in parts of half the box's width; the sum stays in the bounds. Choices are left alone: their Gumbel-softmax
 * sample already spreads the target over neighbouring actions. The noise of an action is that of the elements 2e and 2e + 1, e = row *
 * actions.columns + column.
 */
export function smooth(
  actions: Matrix,
  space: ActionSpace,
  noise: NoiseKey,
  { smoothing, smoothingClip }: { readonly smoothing: number; readonly smoothingClip: number },
): void {
  let from = 0
  for (const part of space) {
    if (part.kind === 'box') {
      const halfWidth = (part.high - part.low) / 2
      for (let row = 0; row < actions.rows; row++) {
        for (let c = from; c < from + part.size; c++) {
          const e = row * actions.columns + c
          const n = smoothing * noiseNormal(noise, 2 * e, 2 * e + 1)
          const moved = actions.data[e]! + halfWidth * Math.min(smoothingClip, Math.max(-smoothingClip, n))
          actions.data[e] = Math.min(part.high, Math.max(part.low, moved))
        }
      }
    }
    from += part.size
  }
}
