// What a training says of its speed: update rounds over a replay buffer, rollouts and minibatches of on-policy algorithms.
import { expect, it } from 'vitest'
import { describeRates } from '../../../src/cli/train/reporter.ts'
import type { SessionState } from '../../../src/index.ts'

const progress: SessionState['progress'] = {
  episodes: 40,
  totalEpisodes: 100,
  envSteps: 1200,
  updates: 3,
  envStepsPerSecond: 2513.4,
  updatesPerSecond: 0.62,
  learnsAt: null,
  secondsLeft: 44,
}
const acting = (name: string, lag: number) => ({ name, lag, envStepsPerSecond: 600, secondsSince: 0.2 })
const actors = { count: 2, first: [acting('actor 0', 1), acting('actor 1', 2)] }
const rollouts = { envSteps: 400, minibatchesPerSecond: 6.2 }

it.each([
  [progress, '2,513 env steps/s, 0.6 updates/s, 44 s left'],
  [{ ...progress, updatesPerSecond: 12.6, secondsLeft: null }, '2,513 env steps/s, 13 updates/s'],
  [{ ...progress, learnsAt: 25_600 }, '2,513 env steps/s, collecting experience: 1,200 of 25,600 steps'],
  [{ ...progress, rollouts }, '2,513 env steps/s, 3 rollouts of 400 steps (0.6/s), 6.2 updates/s, 44 s left'],
  [
    { ...progress, rollouts: { ...rollouts, envSteps: null } },
    '2,513 env steps/s, 3 rollouts (0.6/s), 6.2 updates/s, 44 s left',
  ],
  [{ ...progress, rollouts, learnsAt: 3200 }, '2,513 env steps/s, collecting the first rollout: 1,200 of 3,200 steps'],
  [{ ...progress, actors }, '2,513 env steps/s by 2 actors (lag 2), 0.6 updates/s, 44 s left'],
  [{ ...progress, rollouts, learnsAt: 1200 }, '2,513 env steps/s, learning from the first rollout'],
] as const)('%#: %s', (state, text) => {
  expect(describeRates(state)).toBe(text)
})
