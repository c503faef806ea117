// M3DDPG: MADDPG that reckons with the worst of the others (minimax multi-agent DDPG, Li et al. 2019, AAAI).
import { unsupportedSpace } from '../agents/head.ts'
import { defineAlgorithm } from '../agents/learner.ts'
import { ConfigError } from '../errors.ts'
import { maddpgOptions } from '../learning/options.ts'
import { type CriticParts, createValueCritic, type ValueCritic } from '../maddpg/critic.ts'
import { updateOf } from '../maddpg/maddpg.ts'
import { createParts } from '../maddpg/parts.ts'
import type { Columns } from '../nn/backend.ts'
import type { Network } from '../nn/network.ts'
import { real } from '../option.ts'
import type { Batch, Matrix } from '../types.ts'

/**
 * The update of MADDPG with other critics: before a value is asked for, in the target and for the actor, every other agent's action
 * moves a small step down the value's slope (multi-agent adversarial learning: Li et al. 2019, section 4.2),
 *
 *     a_j <- a_j - epsilon_j g / ||g||,  g the gradient of Q at a_j, row by row,
 *
 * so that actors learn what stands against opponents that do their worst. Opponents are disturbed by `perturbation`, team mates by
 * `teamPerturbation`: 1e-3 and 1e-5 in the authors' code. (That code computes the disturbed value of the actor's loss but does not use
 * it, and gives team mates the opponents' step in the target; here both are as in the paper.)
 */
export const m3ddpg = defineAlgorithm({
  id: 'm3ddpg',
  description: "minimax: the others' actions are disturbed against the learner (Li et al. 2019)",
  options: {
    ...maddpgOptions,
    perturbation: real(1e-3, { min: 0 }, "length of the step that opponents' actions are moved by"),
    teamPerturbation: real(1e-5, { min: 0 }, "length of the step that team mates' actions are moved by"),
  },
  unsupported: agent => unsupportedSpace(agent.actionSpace),
  createLearner(context, { perturbation, teamPerturbation }) {
    const { agents, index } = context
    if (context.learner.critic === 'local') {
      throw new ConfigError(
        'learner.critic',
        "m3ddpg disturbs the others' actions, which a local critic does not see; expected joint, got local (local: use ddpg)",
      )
    }
    const parts = createParts(context)
    const others = agents.flatMap((other, agent) => {
      if (agent === index) return []
      const columns = parts.input.actionColumns(agent)!
      return [{ agent, columns, step: other.team === agents[index]!.team ? teamPerturbation : perturbation }]
    })
    /** The batch in hand: it says which of the others act at all. */
    let scene: Batch
    const critic = parts.critic('critic', made =>
      wary(made, others, {
        now: (agent, row) => acts(scene, agent, row),
        next: (agent, row) => acts(scene, agent, row) && !terminates(scene, agent, row),
      }),
    )
    const update = updateOf(parts, critic)
    return parts.learner((batch, ...rest) => {
      scene = batch
      return update(batch, ...rest)
    })
  },
})

/** Another agent: the columns of its action in the critic's input, and the length of the step that it is moved by. */
export interface Other {
  readonly agent: number
  readonly columns: Columns
  readonly step: number
}

type Acts = (agent: number, row: number) => boolean

/** A critic whose values are those after the others' worst small step. It writes over the actions in the inputs that it is asked about. */
function wary(
  made: CriticParts,
  others: readonly Other[],
  acts: { readonly now: Acts; readonly next: Acts },
): ValueCritic {
  const critic = createValueCritic(made)
  const ones = made.backend.matrix(made.rows, 1)
  ones.data.fill(1)
  const disturbed = (network: Network, input: Matrix, acts: Acts) => {
    if (others.length > 0) disturb(network, input, ones, others, acts)
    return input
  }
  return {
    ...critic,
    targetValues: input => critic.targetValues(disturbed(made.target, input, acts.next)),
    ascend: (input, columns, present) => critic.ascend(disturbed(made.network, input, acts.now), columns, present),
  }
}

/** Moves the others' actions in the input against the value of a network; actions of agents that do not act stay zero. */
export function disturb(
  network: Network,
  input: Matrix, // [rows, inputs], overwritten
  ones: Matrix, // [rows, 1]
  others: readonly Other[],
  acts: Acts,
): void {
  const from = Math.min(...others.map(({ columns }) => columns.from))
  const to = Math.max(...others.map(({ columns }) => columns.to))
  network.forward(input)
  const slope = network.inputGradient(ones, { from, to }) // [rows, to - from]
  for (const { agent, columns, step } of others) {
    const size = columns.to - columns.from
    for (let row = 0; row < input.rows; row++) {
      if (!acts(agent, row)) continue
      const read = row * slope.columns + columns.from - from
      const write = row * input.columns + columns.from
      let squares = 0
      for (let c = 0; c < size; c++) squares += slope.data[read + c]! ** 2
      if (squares === 0) continue
      const scale = step / Math.sqrt(squares)
      for (let c = 0; c < size; c++) input.data[write + c]! -= scale * slope.data[read + c]!
    }
  }
}

function acts({ present }: Batch, agent: number, row: number): boolean {
  return present.data[row * present.columns + agent] === 1
}

function terminates({ terminated }: Batch, agent: number, row: number): boolean {
  return terminated.data[row * terminated.columns + agent] === 1
}
