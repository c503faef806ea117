// QMIX's mixer: a network from the values of agents to that of their team, whose weights hypernetworks give; none of them is negative unless that is wanted.

import type { TeamContext } from '../learning/algorithm.ts'
import { seenSize, setsOf } from '../learning/critic-input.ts'
import { createOptimizer } from '../learning/optimizer.ts'
import type { OptimisationSettings } from '../learning/options.ts'
import { type MixingWeights, unrestrictedMixing } from '../nn/mixing.ts'
import { mlp, type Network, outputSize, tensorLength } from '../nn/network.ts'
import type { Random } from '../random.ts'
import type { Batch, Matrix } from '../types.ts'
import type { Mixer } from './mixer.ts'

export interface MonotoneMixerSettings extends Omit<OptimisationSettings, 'actorLearningRate' | 'criticLearningRate'> {
  readonly batch: number
  /** monotone: weights are taken without their signs; unrestricted: as they are. Default: monotone. */
  readonly mixer?: 'monotone' | 'unrestricted'
  readonly mixerUnits: number
  readonly hyperUnits: number
  readonly mixerInput: 'state' | 'joint'
}

/**
 * Q_tot = elu(q |W1(s)| + b1(s)) |w2(s)| + v(s) (Rashid et al. 2018, figure 2 and section 4.1). W1 and w2 are given by networks with a hidden
 * layer (with none in the paper), b1 by a linear one, after s was normalised row by row (Ba et al. 2016; not in the paper), v by one with a hidden layer as wide as the mixer's; s is the world's own state, or
 * what all agents see. Without the signs of W1 and w2 no agent's gain is the team's loss; unrestricted, they are kept (FACMAC-nonmonotonic: Peng et al. 2021).
 * @param id Whose mixer it is, and `name` what its streams and what is saved of it are called by.
 */
export function createMonotoneMixer(
  team: TeamContext,
  agents: number,
  settings: MonotoneMixerSettings,
  [id, name]: readonly [id: string, name: string],
): Mixer & { slope(gradient: Matrix): Matrix } {
  const { backend, stateParts = [] } = team
  const { mix, mixGradient } = settings.mixer === 'unrestricted' ? unrestrictedMixing : backend.mixing
  const { batch: rows, mixerUnits: units, hyperUnits } = settings
  const view = settings.mixerInput === 'state' && stateParts.length > 0 ? 'state' : 'joint'
  const seen = { agents: team.agents, index: team.indices[0]!, stateParts }
  const size = seenSize(seen, view)
  // What they give is multiplied: of states far from all that was seen, as of agents that drift away, values would grow without bound.
  const layers = { inputNorm: true, sets: setsOf(seen, view), setUnits: team.criticNetwork.setUnits }
  const hidden = hyperUnits > 0 ? [hyperUnits] : []
  const specs = {
    first: mlp(size, hidden, agents * units, 'relu', layers),
    bias: mlp(size, [], units, 'relu', layers),
    second: mlp(size, hidden, units, 'relu', layers),
    base: mlp(size, [units], 1, 'relu', layers),
  }
  const owner = team.agents[team.indices[0]!]!.id
  const made = Object.entries(specs).map(([part, spec]) => {
    const title = `${name}${part[0]!.toUpperCase()}${part.slice(1)}`
    const network = backend.network(spec, team.random(owner, title))
    if (part === 'first' || part === 'second') drawBiases(network, units, team.random(owner, `${title} biases`))
    const target = backend.network(spec, team.random(owner, `target ${title}`))
    backend.copy(network, target)
    const optimizer = createOptimizer(team, settings, network, [id, title])
    return { title, network, target, optimizer, gradient: backend.matrix(rows, outputSize(spec)) }
  })
  const [now, next] = [backend.matrix(rows, size), backend.matrix(rows, size)]
  const [kept, notKept] = [backend.matrix(rows, units), backend.matrix(rows, units)]
  const [total, nextTotal] = [backend.matrix(rows, 1), backend.matrix(rows, 1)]
  const atValues = backend.matrix(rows, agents)
  let last: { readonly values: Matrix; readonly weights: MixingWeights }

  const weightsBy = (pass: (part: (typeof made)[number]) => Matrix): MixingWeights => {
    const [first, bias, second, base] = made.map(pass) as [Matrix, Matrix, Matrix, Matrix]
    return { first, bias, second, base }
  }
  const seenIn = (observations: readonly Matrix[], state: Matrix | undefined, to: Matrix): Matrix => {
    if (view === 'joint') backend.joinColumns(observations, to, 0)
    else if (state === undefined) throw new TypeError("mixer: expected rows with the world's own state, got none")
    else return state
    return to
  }

  /** The gradient at the values of the last `total`; nothing is learnt by it. */
  const slope = (gradient: Matrix) => {
    const { values, weights } = last
    mixGradient(
      values,
      weights,
      kept,
      gradient,
      weightsBy(part => part.gradient),
      atValues,
    )
    return atValues
  }

  return {
    total(values, { observations, states }: Batch) {
      const input = seenIn(observations, states, now)
      last = { values, weights: weightsBy(({ network }) => network.forward(input)) }
      mix(values, last.weights, kept, total)
      return total
    },
    nextTotal(nextValues, { nextObservations, nextStates }) {
      const input = seenIn(nextObservations, nextStates, next)
      mix(
        nextValues,
        weightsBy(({ target }) => target.infer(input)),
        notKept,
        nextTotal,
      )
      return nextTotal
    },
    slope,
    backward(gradient) {
      slope(gradient)
      for (const { network, gradient } of made) network.backward(gradient)
      return atValues
    },
    step() {
      for (const { optimizer } of made) optimizer.step()
    },
    updateTargets(tau) {
      for (const { network, target } of made) {
        if (tau === 1) backend.copy(network, target)
        else backend.softUpdate(target, network, tau)
      }
    },
    networks: Object.fromEntries(
      made.flatMap(({ title, network, target }): [string, Network][] => [
        [title, network],
        [`target ${title}`, target],
      ]),
    ),
    parts: Object.fromEntries(made.map(({ title, optimizer }) => [`${title} optimizer`, optimizer])),
  }
}

/**
 * Draws the last biases from +-2 / sqrt(units), so that sum_j |W1_ij| |w2_j| of biases alone is 1 on average: where s never changes, and so
 * says nothing, the mixer begins near the sum. Of zeros it would never learn, as |x| has no slope there.
 */
function drawBiases({ tensors, parameters }: Network, units: number, random: Random): void {
  const bias = tensors.at(-1)!
  const most = 2 / Math.sqrt(units)
  for (let i = 0; i < tensorLength(bias); i++) parameters[bias.offset + i] = random.between(-most, most)
}
