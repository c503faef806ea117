// A loss that is no number is refused before anything is learnt from it.
import { NonFiniteError } from '../errors.ts'

/**
 * Gives a loss on where it is a finite number.
 * @throws NonFiniteError naming whose loss it is, and of which network.
 * @example
 * ```ts
 * import { finiteLoss } from 'marlstrom'
 *
 * console.log(finiteLoss(0.5, 'agent_0', 'critic')) // 0.5
 * ```
 */
export function finiteLoss(loss: number, of: string, network: string): number {
  if (Number.isFinite(loss)) return loss
  throw new NonFiniteError(
    `${of}: ${network} loss is ${loss}, expected a finite number; a smaller learner.learningRate may help`,
    { agent: of, network },
  )
}
