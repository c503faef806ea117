// Two agents with three moves each, of whose rounds every joint action is a part, so that the gradients of a round are exact.
import type { TeamLearner } from '../../src/learning/team-learner.ts'
import type { AgentSpec } from '../../src/types.ts'
import { softmax } from './paying-games.ts'
import { type Moment, recordedStep } from './recorded-steps.ts'

/** What each pair of moves pays both. */
export type Payoffs = readonly (readonly number[])[]

/** The climbing game (Claus and Boutilier 1998). */
export const climbing: Payoffs = [[11, -30, 0], [-30, 7, 6], [0, 0, 5]] // biome-ignore format: a table

/** Of the climbing game, what it pays an agent by its own move and that of the other. */
export const climbingPays = [(a: number, b: number) => climbing[a]![b]!, (b: number, a: number) => climbing[a]![b]!]

const joint = [0, 1, 2].flatMap(a => [0, 1, 2].map(b => [a, b] as const))
const oneHot = (chosen: number) => [0, 1, 2].map(j => Number(j === chosen))

/** The logits of an agent whose network has no hidden layer and sees nothing: its biases. */
export function logitsOf(learner: TeamLearner, agent: number): Float32Array {
  const network = learner.members[agent]!.actor.networks[0]!
  return network.parameters.subarray(network.tensors.find(({ name }) => name === 'layer0.bias')!.offset)
}

/** The probabilities of the moves of both. */
export function policiesOf(learner: TeamLearner): [number[], number[]] {
  return [softmax(logitsOf(learner, 0)), softmax(logitsOf(learner, 1))]
}

/** What their joint policy gets on average. */
export function worthOf(learner: TeamLearner, pays: Payoffs): number {
  const [p, q] = policiesOf(learner)
  return joint.reduce((sum, [a, b]) => sum + p[a]! * q[b]! * pays[a]![b]!, 0)
}

/** A round of all joint actions, paid n times p(a) r(a) each: the mean is exact. Gives whose turn each update was. */
export function learnExactly(learner: TeamLearner, agents: readonly AgentSpec[], pays: Payoffs): string[] {
  const [p, q] = policiesOf(learner)
  const moments = joint.map(([a, b]): Moment => {
    const paid = joint.length * p[a]! * q[b]! * pays[a]![b]!
    return {
      actions: [oneHot(a), oneHot(b)],
      rewards: [paid, paid],
      terminated: [1, 1],
      extras: [p[a]!, q[b]!].map(chance => ({ logProbability: [Math.log(chance)] })),
    }
  })
  learner.take(recordedStep(agents, moments))
  const turns: string[] = []
  while (learner.due) turns.push(learner.advance(learner.members).of)
  return turns
}
