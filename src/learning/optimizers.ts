// The optimizers of a team's networks, by the settings of its algorithm.
import { named } from '../agents/named-optimizer.ts'
import { NonFiniteError } from '../errors.ts'
import type { Optimizer } from '../nn/backend.ts'
import type { Network } from '../nn/network.ts'
import type { OptionValues } from '../option.ts'
import { valueAt } from '../schedule.ts'
import type { Stateful } from '../types.ts'
import type { TeamContext } from './algorithm.ts'
import type { optimisation } from './options.ts'

export type OptimisationSettings = OptionValues<typeof optimisation>

/** Adam on a network of actors or of critics, at the learning rate of the moment; errors say `of` whom and of which network. */
export function createOptimizer(
  { backend, now, rateScale }: Pick<TeamContext, 'backend' | 'now' | 'rateScale'>,
  settings: OptimisationSettings,
  role: 'actor' | 'critic',
  of: string,
  name: string,
  network: Network,
): Stateful & Pick<Optimizer, 'step'> {
  const own = role === 'actor' ? settings.actorLearningRate : settings.criticLearningRate
  const schedule = own ?? settings.learningRate
  const { beta1, beta2, epsilon, clip, clipBy } = settings
  const config = { learningRate: valueAt(schedule, 0), beta1, beta2, epsilon, clip, clipBy }
  const optimizer = named(of, name, backend.optimizer(network, config))
  return { ...optimizer, step: () => optimizer.step(valueAt(schedule, now()) * rateScale()) }
}

/** @throws NonFiniteError naming whose loss it is. */
export function finiteLoss(loss: number, of: string, network: string): number {
  if (Number.isFinite(loss)) return loss
  throw new NonFiniteError(
    `${of}: ${network} loss is ${loss}, expected a finite number; a smaller learner.learningRate may help`,
    { agent: of, network },
  )
}
