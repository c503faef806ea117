// Transitions of one agent in games whose agents may be absent: from one of its own steps to its next own step, or to the n-th next.

import { pow } from '../elementary.ts'
import type { Batch } from '../types.ts'
import type { Transitions } from './transitions.ts'

export interface OwnStepsConfig {
  /** Own steps whose rewards are summed. */
  readonly steps: number
  readonly gamma: number
  /** What a discount counts. */
  readonly discountPer: 'ownStep' | 'gameStep'
}

/** What follows for an agent, as rows say it (row-layout.ts). */
export const followsPresent = 1
export const followsCut = 2

/** Whether an agent acted in a row. */
export function isPresent({ dataOf, offsetOf, layout }: Transitions, slot: number, agent: number): boolean {
  return dataOf(slot)[offsetOf(slot) + layout.present + agent] === 1
}

/** Whether an agent acted in a row, and whatever else is asked of it. */
export function presentIn(
  transitions: Transitions,
  agent: number,
  also: (slot: number) => boolean = () => true,
): (slot: number) => boolean {
  return slot => isPresent(transitions, slot, agent) && also(slot)
}

/** Whether a row of an agent that acted in it leads to no next own step and no end yet, as far as rows are there. */
export function isOpen(transitions: Transitions, slot: number, agent: number): boolean {
  return isPresent(transitions, slot, agent) && reachOf(transitions, slot, agent, 1).ownSteps === 0
}

interface Reach {
  /** Own transitions that are whole, at most as many as asked for; 0: the first one is still open. */
  readonly ownSteps: number
  /** Rows of the game that they take; of an open one all that there are. */
  readonly rows: number
}

/** How far own transitions of an agent go from a row in which it acted. */
function reachOf(transitions: Transitions, from: number, agent: number, most: number): Reach {
  const { layout, dataOf, offsetOf } = transitions
  let ownSteps = 0
  /** Rows of those that are whole, and all that were looked at. */
  let [whole, rows] = [0, 0]
  for (let slot = from; slot >= 0; slot = transitions.following(slot)) {
    rows++
    const data = dataOf(slot)
    const at = offsetOf(slot)
    const follows = data[at + layout.follows! + agent]!
    const isEnded = data[at + layout.terminated + agent] === 1
    if (isEnded || follows !== 0) [ownSteps, whole] = [ownSteps + 1, rows]
    // The episode is over, or what came after this row was left out.
    const isLast = data[at + layout.over] !== 0
    if (isEnded || isLast || ownSteps === most) break
  }
  return { ownSteps, rows: ownSteps === 0 ? rows : whole }
}

/**
 * Makes the walk from each row over up to `steps` own transitions of an agent, fewer where its life or the episode ends and where the next
 * one is still open. It writes into the batch, for all agents: rewards, the sum of gamma^i r over all steps of the game on the way, i the
 * own steps before, or the steps of the game; terminated, whether their lives ended on the way; present, of the first row, but 0 of the
 * agent itself where its transition is still open; discounts, gamma^m after m own steps, or steps of the game. What it returns, [rows], is
 * the last row of each walk, to which what is next belongs; overwritten by the next. A row in which the agent was absent leads no further.
 */
export function createOwnWalk(
  transitions: Transitions,
  { steps, gamma, discountPer }: OwnStepsConfig,
): (slots: Uint32Array, agent: number, into: Batch) => Uint32Array {
  const { layout, dataOf, offsetOf } = transitions
  const agents = layout.observations.length
  const sums = new Float64Array(agents)
  let last = new Uint32Array(0)
  return (slots, agent, into) => {
    if (last.length !== slots.length) last = new Uint32Array(slots.length)
    for (let i = 0, to = 0; i < slots.length; i++, to += agents) {
      let slot = slots[i]!
      const isThere = isPresent(transitions, slot, agent)
      const reach = isThere ? reachOf(transitions, slot, agent, steps) : { ownSteps: 0, rows: 1 }
      sums.fill(0)
      let ownSteps = 0
      for (let row = 0; row < reach.rows; row++) {
        if (row > 0) slot = transitions.following(slot)
        const data = dataOf(slot)
        const at = offsetOf(slot)
        if (row > 0 && data[at + layout.present + agent] === 1) ownSteps++
        const factor = pow(gamma, discountPer === 'ownStep' ? ownSteps : row)
        for (let other = 0; other < agents; other++) {
          sums[other]! += factor * data[at + layout.rewards + other]!
          const isEnded = data[at + layout.terminated + other]!
          if (row === 0) {
            into.present.data[to + other] = data[at + layout.present + other]!
            into.terminated.data[to + other] = isEnded
          } else if (isEnded === 1) into.terminated.data[to + other] = 1
        }
      }
      for (let other = 0; other < agents; other++) into.rewards.data[to + other] = sums[other]!
      if (reach.ownSteps === 0) into.present.data[to + agent] = 0
      into.discounts[i] = pow(gamma, discountPer === 'ownStep' ? Math.max(1, reach.ownSteps) : reach.rows)
      last[i] = slot
    }
    return last
  }
}
