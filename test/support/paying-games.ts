// Small games that policy gradients learn in seconds, and whether they have.
import { expect } from 'vitest'
import type { TeamLearner, UpdateFigures } from '../../src/learning/team-learner.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { TinyGameOptions } from './tiny-game.ts'
import type { TinyTeam } from './tiny-team.ts'

/** Paid is the first move below one half, the third above, and a little what the other does. */
export const followSecret = {
  reward: ({ agent, actions, secrets }) =>
    actions[agent]![secrets[agent]! < 0.5 ? 0 : 2]! + actions[1 - agent]![1]! / 10,
  see: ({ agent, secrets }) => [secrets[agent]! < 0.5 ? -1 : 1],
} satisfies TinyGameOptions

export function expectSecretFollowed({ members }: TeamLearner): void {
  for (const { actor } of members) {
    const likely = (seen: number) =>
      softmax(actor.distribution({ rows: 1, columns: 1, data: Float32Array.of(seen) }).data)
    expect(likely(-1)[0]).toBeGreaterThan(0.8)
    expect(likely(1)[2]).toBeGreaterThan(0.8)
  }
}

export const three: ActionSpace = [{ name: 'choose', kind: 'choice', size: 3, soft: true }]
export const box: ActionSpace = [{ name: 'push', kind: 'box', size: 1, low: -1, high: 1 }]
export const mixed: ActionSpace = [...three, ...box]

/** One push, best at one half. */
export const aimAtHalf: TinyGameOptions = {
  agents: 1,
  length: 1,
  space: box,
  reward: ({ actions }) => -((actions[0]![0]! - 0.5) ** 2),
}

/** What was seen first says which move is paid in the third step: only a memory can tell. */
export const recall: TinyGameOptions = {
  agents: 1,
  length: 3,
  space: three,
  see: ({ step, secrets }) => [step === 0 ? (secrets[0]! < 0.5 ? -1 : 1) : 0],
  reward: ({ step, actions, secrets }) => (step === 3 ? actions[0]![secrets[0]! < 0.5 ? 0 : 2]! : 0),
}

/** That most episodes are paid, over 300 further steps of so many games. */
export function expectRecalled(team: TinyTeam, games: number): void {
  const steps = 300
  let paid = 0
  for (let played = 0; played < steps; ) {
    const { next } = team.vectorGame
    if (team.go() !== null) continue
    paid += next.rewards.data.reduce((sum, reward) => sum + reward, 0)
    played++
  }
  expect(paid / ((steps * games) / recall.length!)).toBeGreaterThan(0.75)
}

/** Plays and learns until so many rounds are over; what every update said. */
export function playRounds(team: TinyTeam, rounds: number): UpdateFigures[] {
  const figures: UpdateFigures[] = []
  for (let finished = 0; finished < rounds; ) {
    const wasDue = team.learner.due
    const update = team.go()
    if (update !== null) figures.push(update.figures)
    if (wasDue && !team.learner.due) finished++
  }
  return figures
}

export function softmax(logits: ArrayLike<number>): number[] {
  const weights = Array.from(logits, Math.exp)
  return weights.map(weight => weight / weights.reduce((a, b) => a + b))
}
