// The optimizer of a network that belongs to an agent: at the learning rate of the moment, and with errors that say whose it is.
import { named } from '../agents/named-optimizer.ts'
import type { Optimizer } from '../nn/backend.ts'
import type { Network } from '../nn/network.ts'
import type { OptionValues } from '../settings/option.ts'
import { type Schedule, valueAt } from '../settings/schedule.ts'
import type { TeamContext } from './algorithm.ts'
import type { Group } from './groups.ts'
import type { OptimisationSettings, optimizerRules } from './options.ts'

/** An optimizer that knows its learning rate by itself. */
export interface ScheduledOptimizer extends Omit<Optimizer, 'step'> {
  step(): void
}

/** The settings of optimizers, or what makes them, for algorithms that have their own. */
export type OptimizerSettings =
  | (OptimisationSettings & Partial<OptionValues<typeof optimizerRules>>)
  | { createOptimizer(network: Network, name: 'actor' | 'critic'): ScheduledOptimizer }

/** The optimizer of the actor or the critic of a group. */
export function optimizerOf(
  { team, name: id }: Group,
  settings: OptimizerSettings,
  network: Network,
  name: 'actor' | 'critic',
): ScheduledOptimizer {
  if ('createOptimizer' in settings) return settings.createOptimizer(network, name)
  const own = name === 'actor' ? settings.actorLearningRate : settings.criticLearningRate
  return createOptimizer(team, settings, network, [id, name], own ?? settings.learningRate)
}

/**
 * Adam on a network, or another rule where the algorithm has that setting.
 * @param id Whose network it is, and `name` which: `agent_0: critic`, for what is not finite.
 * @param rate The learning rate, or its schedule; default: that of the settings.
 * @example
 * ```ts
 * import { createOptimizer, createRandom, createSimdBackend, mlp, optionGroups } from 'marlstrom'
 *
 * const backend = await createSimdBackend({ threads: 1 })
 * const network = backend.network(mlp(2, [8], 1), createRandom(1, 'network'))
 * const settings = Object.fromEntries(Object.entries(optionGroups.optimisation).map(([key, option]) => [key, option.default]))
 * const team = { backend, now: () => 0, rateScale: () => 1 }
 * const optimizer = createOptimizer(team, settings as optionGroups.OptimisationSettings, network, ['agent_0', 'critic'])
 * network.gradients.fill(1)
 * const before = network.parameters[0]!
 * optimizer.step()
 * console.log(network.parameters[0]! < before) // true
 * backend.dispose()
 * ```
 */
export function createOptimizer(
  { backend, now, rateScale }: Pick<TeamContext, 'backend' | 'now' | 'rateScale'>,
  settings: Omit<OptimisationSettings, 'actorLearningRate' | 'criticLearningRate'> &
    Partial<OptionValues<typeof optimizerRules>>,
  network: Network,
  [id, name]: readonly [id: string, name: string],
  rate: Schedule = settings.learningRate,
): ScheduledOptimizer {
  const { clip, clipBy, beta1, beta2, epsilon, optimizer: kind = 'adam', squareDecay: decay = 0.99 } = settings
  const form = kind === 'rmsProp' ? 'pytorch' : 'tensorflow'
  const rule = kind === 'adam' ? { beta1, beta2, epsilon } : ({ rule: 'rmsProp', form, decay, epsilon } as const)
  const config = { learningRate: valueAt(rate, 0), clip, clipBy, ...rule }
  const optimizer = named(id, name, backend.optimizer(network, config))
  return { ...optimizer, step: () => optimizer.step(valueAt(rate, now()) * rateScale()) }
}
