// Rollouts and their replay: a round learns from what was just played, then some more times from segments that were played earlier (Wang et al. 2017).
import { memoryColumn } from '../columns.ts'
import { exp } from '../elementary.ts'
import type { Random } from '../random.ts'
import { createSegments } from '../rollout/segments.ts'
import { count, type OptionValues, real } from '../settings/option.ts'
import type { Saved } from '../types.ts'
import type { TeamContext } from './algorithm.ts'
import { createGroupRounds, type Prepared } from './group-rounds.ts'
import { type Group, groupsOf } from './groups.ts'
import { type GroupLearner, type RolloutUpdatesConfig, updatesOverRollouts } from './rollout-updates.ts'
import type { TeamLearner } from './team-learner.ts'

export const segmentReplay = {
  replaySteps: {
    ...count(
      20_000,
      { min: 1 },
      'environment steps that are kept to be learnt from again, in segments of rolloutSteps',
    ),
    changes: 'never',
  },
  replayRatio: real(
    4,
    { min: 0, max: 100 },
    'how often, in the mean, a round learns from earlier segments after what was just played (Poisson); 0: never',
  ),
  replayAfter: count(1000, {}, 'environment steps that must be kept before the first of them is learnt from again'),
} as const

export interface ReplayedRolloutsConfig extends OptionValues<typeof segmentReplay> {
  /** How rollouts are learnt from, each once: when they are new, and whenever they are drawn again. */
  readonly rollouts: Omit<RolloutUpdatesConfig, 'length' | 'epochs' | 'minibatches'>
  readonly rolloutSteps: number
}

/**
 * The learner of a team that learns from rollouts and from segments of earlier ones, drawn anew for each replay, of each game one: so a replay
 * has as many rows as a round. Segments are kept whole and, when there are enough, the oldest give way; all of them are saved.
 */
export function updatesWithReplay<P extends Prepared>(
  team: TeamContext,
  { rollouts, rolloutSteps, replaySteps, replayRatio, replayAfter }: ReplayedRolloutsConfig,
  createLearner: (group: Group) => GroupLearner<P>,
): TeamLearner {
  const once = { epochs: 1, minibatches: 1 }
  const learners: GroupLearner<P>[] = []
  const fresh = updatesOverRollouts<P>(team, { ...rollouts, ...once, length: { steps: rolloutSteps } }, group => {
    const learner = createLearner(group)
    learners.push(learner)
    return learner
  })
  if (replayRatio === 0) return fresh
  const { members, rollout } = fresh
  const stepsEach = rolloutSteps * team.games
  const segments = createSegments({
    source: rollout.source,
    members: team.indices,
    most: Math.max(1, Math.floor(replaySteps / stepsEach)),
    carries: agent => {
      const { carries } = members[team.indices.indexOf(agent)]!.actor
      return carries.filter(({ name }) => name === memoryColumn)
    },
    isWhole: true,
  })
  const first = team.agents[team.indices[0]!]!.id
  const random = team.random(first, 'segments')
  /** Replays of the round that are left, and of the one under way the segments, one for each game. */
  let pending = 0
  let chosen = new Uint32Array(0)

  const draw = () => {
    chosen = Uint32Array.from({ length: pending > 0 ? team.games : 0 }, () => random.integer(segments.count))
  }
  /** Whether the next replay was drawn and nobody has looked who learns from it. */
  let isNew = false
  const replays = createGroupRounds<P>(
    {
      trajectory: of => segments.trajectory(of, chosen),
      forget() {
        pending--
        draw()
        isNew = true
      },
    },
    groupsOf(team),
    learners,
    team.random(first, 'replayMinibatches'),
    once,
  )
  const settle = () => {
    while (isNew) {
      isNew = false
      if (pending > 0) replays.settle()
    }
  }
  /** What was just played has been learnt from, unless nobody was there. */
  const begin = () => {
    if (fresh.due) return
    pending = segments.count * stepsEach < replayAfter ? 0 : poisson(random, replayRatio)
    draw()
    isNew = true
    settle()
  }

  return {
    members,
    take(step) {
      fresh.take(step)
      if (fresh.due) segments.keep(rollout.source)
    },
    get due() {
      return fresh.due || pending > 0
    },
    get turn() {
      return fresh.due ? fresh.turn : replays.turn
    },
    advance(roster) {
      if (fresh.due) {
        const update = fresh.advance(roster)
        begin()
        return { ...update, endsRound: !fresh.due && pending === 0 }
      }
      const update = replays.advance()
      settle()
      return { ...update, endsRound: pending === 0 }
    },
    save: (): Saved => ({
      fresh: fresh.save(),
      segments: segments.save(),
      random: random.save(),
      pending,
      chosen,
      replays: replays.save(),
    }),
    restore(saved) {
      const state = saved as {
        fresh: Saved
        segments: Saved
        random: Saved
        pending: number
        chosen: Uint32Array
        replays: Saved
      }
      fresh.restore(state.fresh)
      segments.restore(state.segments)
      random.restore(state.random)
      pending = state.pending
      chosen = Uint32Array.from(state.chosen)
      replays.restore(state.replays)
    },
  }
}

/** A whole number by Poisson's law: as many uniform numbers as it takes for their product to fall to exp(-mean), less one (Knuth 1969, 3.4.1). */
export function poisson(random: Random, mean: number): number {
  const least = exp(-mean)
  let product = random.uniform()
  let number = 0
  while (product > least) {
    product *= random.uniform()
    number++
  }
  return number
}
