// M3DDPG: MADDPG that reckons with the worst of the others (minimax multi-agent DDPG, Li et al. 2019, AAAI).
import { unsupportedSpaces } from '../agents/head.ts'
import { square } from '../elementary.ts'
import { ConfigError } from '../errors.ts'
import { agentContexts } from '../learning/agent-context.ts'
import { defineAlgorithm } from '../learning/algorithm.ts'
import { actsNext } from '../learning/batch-rows.ts'
import { maddpgOptions } from '../learning/options.ts'
import { updatesOverReplay } from '../learning/replay-updates.ts'
import type { Columns } from '../nn/backend.ts'
import type { Network } from '../nn/network.ts'
import { real } from '../settings/option.ts'
import type { AgentSpec, Batch, Matrix } from '../types.ts'
import { criticSlope, fitCritic, targetValues, updateTarget } from './critic.ts'
import { createCritic, createParts, createReplayLearner, type Parts } from './parts.ts'
import { currentInput, improveActor, nextInput, proposedInput, targetOf, updateTargetActor } from './steps.ts'

/**
 * The update of MADDPG with one step more: before a value is asked for, in the target and for the actor, every other agent's action
 * moves a small step down the value's slope (multi-agent adversarial learning: Li et al. 2019, section 4.2),
 *
 *     a_j <- a_j - epsilon_j g / ||g||,  g the gradient of Q at a_j, row by row,
 *
 * so that actors learn what stands against opponents that do their worst. Opponents are moved by `perturbation`, team mates by
 * `teamPerturbation`: 1e-3 and 1e-5 in the authors' code. (That code computes the moved value of the actor's loss but does not use
 * it, and gives team mates the opponents' step in the target; here both are as in the paper.)
 */
export const m3ddpg = defineAlgorithm({
  id: 'm3ddpg',
  description: "minimax: the others' actions are moved against the learner (Li et al. 2019)",
  options: {
    ...maddpgOptions,
    perturbation: real(1e-3, { min: 0 }, "length of the step that opponents' actions are moved by"),
    teamPerturbation: real(1e-5, { min: 0 }, "length of the step that team mates' actions are moved by"),
  },
  critics: 'joint',
  unsupported: unsupportedSpaces,
  createLearner(team, settings) {
    if (settings.critic === 'local') {
      throw new ConfigError(
        'learner.critic',
        "m3ddpg moves the others' actions, which a local critic does not see; expected joint, set or state, got local (local: use ddpg)",
      )
    }
    const ones = team.backend.matrix(settings.batch, 1)
    ones.data.fill(1)
    const learners = agentContexts(team).map(agent => {
      const parts = createParts(agent, settings)
      const critic = createCritic(parts)
      const others = othersOf(parts, settings)
      const agents = team.agents.length

      return createReplayLearner(parts, (batch, roster, policy) => {
        // Critic: as MADDPG's, but that the others' next actions are moved down Q' first.
        const next = nextInput(parts, batch, roster)
        const nextMasks = batch.nextObservations.map(({ mask }) => mask)
        perturb(critic.target, next, ones, others, (j, row) => actsNext(batch, row * agents + j), nextMasks)
        const target = targetOf(parts, batch, targetValues(critic, next))
        const now = currentInput(parts, batch)
        const criticFigures = fitCritic(critic, now, target, batch, parts.present)

        // Actor: as MADDPG's, but that the others' actions are moved down Q first.
        const proposed = proposedInput(parts, now, batch, policy)
        const masks = batch.observations.map(({ mask }) => mask)
        perturb(critic.network, proposed, ones, others, (j, row) => acts(batch, j, row), masks)
        const { actorLoss, gradient } = criticSlope(critic, proposed, parts.input.ownAction, parts.present)
        improveActor(parts, policy, gradient)

        updateTargetActor(parts, policy)
        updateTarget(critic)
        return { ...criticFigures, actorLoss }
      })
    })
    return updatesOverReplay(team, settings, learners)
  },
})

/** Another agent: the columns of its action in the critic's input, and the length of the step that it is moved by. */
export interface Other {
  readonly agent: number
  readonly columns: Columns
  readonly step: number
}

function othersOf(
  { context: { agents }, index, input }: Parts,
  { perturbation, teamPerturbation }: { readonly perturbation: number; readonly teamPerturbation: number },
): Other[] {
  const team = ({ team }: AgentSpec) => team === agents[index]!.team
  return agents.flatMap((other, agent) => {
    if (agent === index) return []
    return [{ agent, columns: input.actionColumns(agent)!, step: team(other) ? teamPerturbation : perturbation }]
  })
}

/**
 * Moves the others' actions in the input against the value of a network; actions of agents that do not act stay zero, and so do alternatives
 * that their masks [rows, action size] do not allow.
 */
export function perturb(
  network: Network,
  input: Matrix, // [rows, inputs], overwritten
  ones: Matrix, // [rows, 1]
  others: readonly Other[],
  acts: (agent: number, row: number) => boolean,
  masks: readonly (Matrix | undefined)[] = [],
): void {
  if (others.length === 0) return
  const from = Math.min(...others.map(({ columns }) => columns.from))
  const to = Math.max(...others.map(({ columns }) => columns.to))
  network.forward(input)
  const slope = network.inputGradient(ones, { from, to }) // [rows, to - from]
  for (const { agent, columns, step } of others) {
    const size = columns.to - columns.from
    const mask = masks[agent]
    for (let row = 0; row < input.rows; row++) {
      if (!acts(agent, row)) continue
      const read = row * slope.columns + columns.from - from
      if (mask !== undefined) {
        for (let c = 0; c < size; c++) if (mask.data[row * size + c] === 0) slope.data[read + c] = 0
      }
      const write = row * input.columns + columns.from
      let squares = 0
      for (let c = 0; c < size; c++) squares += square(slope.data[read + c]!)
      if (squares === 0) continue
      const scale = step / Math.sqrt(squares)
      for (let c = 0; c < size; c++) input.data[write + c]! -= scale * slope.data[read + c]!
    }
  }
}

function acts({ present }: Batch, agent: number, row: number): boolean {
  return present.data[row * present.columns + agent] === 1
}
