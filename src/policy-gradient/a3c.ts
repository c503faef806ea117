// A3C, the asynchronous advantage actor-critic (Mnih et al. 2016): workers whose gradients, by weights of some steps ago, are applied one after the other.
import { sharesOf } from '../agents/actor-of-games.ts'
import { unsupportedSpaces } from '../agents/head.ts'
import { ConfigError } from '../errors.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import type { RoundLearner } from '../learning/group-rounds.ts'
import { learningMembers } from '../learning/learning-members.ts'
import { withDefaults } from '../learning/options.ts'
import { createStateValue } from '../learning/state-value.ts'
import { createStochasticPolicy } from '../learning/stochastic-policy.ts'
import { updatesByWorkers } from '../learning/worker-updates.ts'
import type { Trajectory } from '../rollout/trajectory.ts'
import { choice, flag, type OptionValues, optionalCount } from '../settings/option.ts'
import type { Saved } from '../types.ts'
import { a2cOptions, advantageLearner } from './a2c.ts'
import { defaultCritic, lagMeans, roundOf, scaled, scaleOptions } from './actor-critic.ts'
import { createWorkers, type Workers } from './workers.ts'

const options = {
  ...withDefaults(a2cOptions, { optimizer: 'rmsProp', lambda: 1 }),
  workers: {
    ...optionalCount('workers, each with its share of the games; null: one for each game, at most 4', { min: 1 }),
    changes: 'never',
  },
  ...scaleOptions,
  policyLag: {
    ...optionalCount(`${lagMeans}; null: as many as there are other workers`),
    changes: 'never',
  },
  sharedStatistics: {
    ...flag(true, "whether workers have the optimizers' statistics in common; false: each its own"),
    changes: 'never',
  },
  order: {
    ...choice(
      ['fixed', 'arrival'],
      'in which order gradients are applied: fixed, worker by worker; arrival, as they come',
    ),
    changes: 'never',
  },
} as const

type A3cSettings = OptionValues<typeof options>

export const a3c = defineAlgorithm({
  id: 'a3c',
  description: 'asynchronous advantage actor-critic (Mnih et al. 2016)',
  options,
  acts: 'oneHot',
  unsupported: unsupportedSpaces,
  createLearner,
})

function createLearner(team: TeamContext, settings: A3cSettings) {
  const config = workersOf(team, settings)
  const all: Workers[] = []
  const round = roundOf(settings, { epochs: 1, minibatches: 1 })
  return updatesByWorkers(
    team,
    config.shares,
    round,
    group => {
      const shared = {
        policy: createStochasticPolicy(group, settings),
        value: createStateValue(group, settings.critic ?? defaultCritic, settings),
      }
      const workers = createWorkers(group, shared, config, settings)
      all.push(workers)
      const members = learningMembers(shared.policy, shared.value)
      return {
        members: members.map((member, i) => ({ ...member, behaviour: workers.actors[i]! })),
        workers: workers.each.map((copy, worker) => {
          // The gradient of A2C, by the copy; its step is one of what is shared.
          const { prepare, update, slices, ...learner } = advantageLearner(group, copy, settings)
          return {
            ...learner,
            prepare(trajectory) {
              workers.takeUnits(worker)
              const round = prepare(trajectory)
              return { ...round, advantages: scaled(round.advantages, copy.value, settings) }
            },
            update(...minibatch) {
              workers.takeUnits(worker)
              return update(...minibatch)
            },
            slices: {
              ...slices,
              begin(minibatch, prepared) {
                workers.takeUnits(worker)
                slices.begin(minibatch, prepared)
                workers.giveUnits(worker)
              },
            },
            endRound(trajectory: Trajectory) {
              members[0]!.endRound!(trajectory)
              workers.keep()
            },
          } satisfies RoundLearner<ReturnType<typeof prepare>>
        }),
      }
    },
    {
      end: () => all.forEach(workers => void workers.sync()),
      save: () => all.map(workers => workers.save()),
      restore: saved => all.forEach((workers, i) => void workers.restore((saved as readonly Saved[])[i]!)),
    },
  )
}

/** @throws ConfigError for workers without games, for a lag shorter than what they play side by side, and for what there is not. */
function workersOf({ games }: TeamContext, settings: A3cSettings) {
  const { order, valueNorm, sharedStatistics: sharesStatistics } = settings
  const refuse = (name: string, expected: string, got: unknown): never => {
    throw new ConfigError(`learner.${name}`, `expected ${expected}, got ${got}`)
  }
  if (order === 'arrival') {
    refuse(
      'order',
      "fixed: workers play side by side in one thread, so that no gradient arrives before another's",
      order,
    )
  }
  if (valueNorm === 'popArt') {
    refuse('valueNorm', "running or none: popArt rescales V's weights, of which workers have earlier ones", valueNorm)
  }
  const workers = settings.workers ?? Math.min(4, games)
  if (workers > games) refuse('workers', `at most run.games=${games}, as each plays some of them`, workers)
  const lag = settings.policyLag ?? workers - 1
  if (lag < workers - 1) {
    refuse('policyLag', `at least ${workers - 1}, as ${workers} workers play side by side (learner.workers)`, lag)
  }
  return { shares: sharesOf(games, workers), lag, sharesStatistics }
}
