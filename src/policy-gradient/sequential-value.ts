// How a team whose agents learn one after the other judges a round and learns its V, once all policies have moved (Kuba et al. 2022).
import type { TeamContext } from '../learning/algorithm.ts'
import type { SequentialPolicy, SequentialValue } from '../learning/sequential-updates.ts'
import type { StateValue } from '../learning/state-value.ts'
import { gae } from '../rollout/gae.ts'
import { type ActorCriticSettings, groupingOf, judged, roundFigures } from './actor-critic.ts'

/** A of the team by GAE as the round begins; V goes down mean h(R - V) over the rows of all agents. */
export function sequentialValue(
  team: TeamContext,
  settings: ActorCriticSettings,
  value: StateValue,
  policies: readonly Pick<SequentialPolicy, 'isRecurrent'>[],
) {
  const { gamma, lambda, timeLimit } = settings
  const remembers = policies.some(({ isRecurrent }) => isRecurrent !== false)
  return {
    isRecurrent: groupingOf(team, settings, remembers),
    prepare(trajectory) {
      const before = value.both(trajectory)
      const advantages = gae(trajectory, before.values, before.nextValues, { gamma, lambda, timeLimit })
      return judged(trajectory, advantages, before, settings)
    },
    update: (rows, round) => value.gradient(rows, rows.of(round.targets), round),
    slices: {
      networks: [value.network],
      begin: (minibatch, { targets }) => value.observe(minibatch, targets),
      end: (_, round, epoch) => ({ ...value.step(), ...roundFigures(round, epoch) }),
    },
    endRound: value.endRound,
  } satisfies SequentialValue<ReturnType<typeof judged>>
}
