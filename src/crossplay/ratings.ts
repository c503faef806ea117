// Ratings on Elo's scale from wins, draws and losses: the Bradley-Terry model by maximum likelihood, with bootstrap intervals.

import { exp } from '../elementary.ts'
import type { Random } from '../random.ts'
import type { Score } from './matches.ts'

/** 400 points: the stronger one is expected to win ten times as often. On each seat the runs have the mean 1500. */
export interface Rating {
  readonly rating: number
  /** The middle 95 percent of the bootstrap. */
  readonly low: number
  readonly high: number
}

/** Of one run. */
export interface RunRating {
  /** Per seat. */
  readonly seats: readonly [Rating, Rating]
  /** The mean of both. */
  readonly overall: Rating
}

/** Samples of the bootstrap. */
const samples = 200

/**
 * The rating of every run on the first and on the second seat: they are players of their own, who meet each player of the other
 * seat. What all players of a seat have in common is the seat's, not theirs, and left out. Episodes are drawn anew within each pairing
 * for the intervals.
 */
export function rate(runs: number, scores: readonly Score[], random: Random): RunRating[] {
  const estimates = [strengths(runs, scores)]
  for (let sample = 0; sample < samples; sample++) {
    estimates.push(
      strengths(
        runs,
        scores.map(score => drawnAnew(score, random)),
      ),
    )
  }
  for (const all of estimates) for (const seat of [all.subarray(0, runs), all.subarray(runs)]) centre(seat)
  return Array.from({ length: runs }, (_, run) => ({
    seats: [interval(estimates.map(all => all[run]!)), interval(estimates.map(all => all[runs + run]!))],
    overall: interval(estimates.map(all => (all[run]! + all[runs + run]!) / 2)),
  }))
}

/**
 * Bradley-Terry strengths in points, [2 runs]: those on the first seat, then those on the second, by Newton's method on the
 * log-likelihood sum won log p + (games - won) log(1 - p), p = 1 / (1 + exp(theta_j - theta_i)) (Bradley and Terry 1952). A draw is
 * half a win; one more draw in every pairing keeps the strength of a player that always won finite.
 */
export function strengths(runs: number, scores: readonly Score[]): Float64Array {
  const players = 2 * runs
  const theta = new Float64Array(players)
  for (let round = 0; round < 1000; round++) {
    const gradient = new Float64Array(players)
    // The likelihood knows differences alone: ones all over hold the mean at 0.
    const curvature = Array.from({ length: players }, () => new Float64Array(players).fill(1))
    for (const { runs: pair, wins, draws, losses } of scores) {
      const [first, second] = [pair[0], runs + pair[1]]
      const games = wins + draws + losses + 1
      const expected = 1 / (1 + exp(theta[second]! - theta[first]!))
      const missing = wins + (draws + 1) / 2 - games * expected
      const weight = games * expected * (1 - expected)
      gradient[first]! += missing
      gradient[second]! -= missing
      curvature[first]![first]! += weight
      curvature[second]![second]! += weight
      curvature[first]![second]! -= weight
      curvature[second]![first]! -= weight
    }
    const step = solve(curvature, gradient)
    const longest = Math.max(...step.map(Math.abs))
    // Far from the maximum a whole step would overshoot.
    const scale = Math.min(1, 1 / longest)
    for (let player = 0; player < players; player++) theta[player]! += scale * step[player]!
    if (longest < 1e-10) break
  }
  return theta.map(strength => 1500 + (400 * strength) / Math.LN10)
}

/** x of A x = b for a positive definite A, by elimination; A and b are used up. */
function solve(a: readonly Float64Array[], b: Float64Array): Float64Array {
  const n = b.length
  for (let column = 0; column < n; column++) {
    for (let row = column + 1; row < n; row++) {
      const factor = a[row]![column]! / a[column]![column]!
      for (let k = column; k < n; k++) a[row]![k]! -= factor * a[column]![k]!
      b[row]! -= factor * b[column]!
    }
  }
  for (let row = n - 1; row >= 0; row--) {
    for (let k = row + 1; k < n; k++) b[row]! -= a[row]![k]! * b[k]!
    b[row]! /= a[row]![row]!
  }
  return b
}

/** Moves ratings to the mean 1500. */
function centre(ratings: Float64Array): void {
  const mean = ratings.reduce((sum, rating) => sum + rating, 0) / ratings.length
  for (let run = 0; run < ratings.length; run++) ratings[run]! += 1500 - mean
}

/** As many episodes, drawn with replacement. */
function drawnAnew({ runs, wins, draws, losses }: Score, random: Random): Score {
  const episodes = wins + draws + losses
  const drawn = { wins: 0, draws: 0, losses: 0 }
  for (let episode = 0; episode < episodes; episode++) {
    const which = random.integer(episodes)
    if (which < wins) drawn.wins++
    else if (which < wins + draws) drawn.draws++
    else drawn.losses++
  }
  return { runs, ...drawn }
}

/** The first is the estimate, the others are the bootstrap's. */
function interval([rating, ...drawn]: readonly number[]): Rating {
  const sorted = Float64Array.from(drawn).sort()
  const at = (share: number) => sorted[Math.round(share * (sorted.length - 1))]!
  return { rating: rating!, low: Math.min(rating!, at(0.025)), high: Math.max(rating!, at(0.975)) }
}
