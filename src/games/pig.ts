// Pig: two players roll a die in turns, as often as they dare; who holds keeps the points of the turn, who rolls a 1 loses them
// (Neller and Presser 2004, Optimal Play of the Dice Game Pig).
import type { TurnPolicy } from '../analysis/exact-result.ts'
import { holdAt, keepPace, type PigPolicy, solvePig } from '../analysis/pig-chances.ts'
import { choose, chosen } from '../envs/action-choice.ts'
import type { FrameEntity, PictureSchema } from '../envs/frame.ts'
import { defineGame } from '../envs/game-definition.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { createRandom, type Random } from '../random.ts'
import { choice, count, type OptionValues } from '../settings/option.ts'
import type { AgentSpec, Saved } from '../types.ts'
import { beginnerOf, beginners } from './beginner.ts'

const options = {
  goal: count(100, { min: 10, max: 200 }, 'points that win'),
  begins: choice(beginners, 'who has the first turn; random: either player, by chance in each episode'),
  script: choice(
    ['optimal', 'hold25', 'keepPace'],
    'what the scripted player does: it plays best, holds at 25, or keeps pace and races to the end',
  ),
  maxCycles: count(1000, { min: 1 }, 'rolls and holds after which an episode is truncated'),
} as const

export const pig = defineGame({
  id: 'pig',
  version: 1,
  description: 'two players roll a die in turns as often as they dare; a 1 loses what the turn has brought',
  options,
  create: createPig,
})

/**
 * A policy of this game as one of Pig's positions, for `pigWinRate`; each position is asked about once.
 * @param agent Whose observations it goes by.
 */
export function pigPolicyOf(game: MarkovGame, agent: number, policy: TurnPolicy, goal: number): PigPolicy {
  const known = new Float32Array(goal * goal * goal).fill(Number.NaN)
  const before = game.save() as Readonly<Record<string, Saved>>
  const row = new Float64Array(3)
  return ({ own, other, turnTotal }) => {
    const at = (own * goal + other) * goal + turnTotal
    if (Number.isNaN(known[at])) {
      const scores = Int32Array.from(agent === 0 ? [own, other] : [other, own])
      game.restore({ ...before, scores, turnTotal, present: Uint8Array.from([1 - agent, agent]) })
      game.observe(agent, row)
      known[at] = policy({ agent, allowed: [0, hold], observation: Float32Array.from(row), game })[hold]!
    }
    return known[at]!
  }
}

const ids = ['player_0', 'player_1']
const actionNames = ['roll', 'hold']
const hold = 1

function createPig({ goal, begins, script, maxCycles }: OptionValues<typeof options>): MarkovGame {
  const agents = ids.map(specOf)
  const rewards = new Float64Array(2)
  const present = new Uint8Array(2)
  const terminated = new Uint8Array(2)
  /** [agents] 1: the player has had a turn in this episode. */
  const hasPlayed = new Uint8Array(2)
  /** Points of both players, and those of this turn, which are not theirs yet. */
  const points = { scores: new Int32Array(2), turnTotal: 0 }
  let random = createRandom(0, 'pig')
  let truncated = false
  let cycles = 0
  let rolled = 0
  const turnTo = (player: number) => {
    present[player] = 1
    present[1 - player] = 0
    hasPlayed[player] = 1
    points.turnTotal = 0
  }
  turnTo(0)
  return {
    id: 'pig',
    agents,
    absences: true,
    rewards,
    present,
    terminated,
    get truncated() {
      return truncated
    },
    reset(stream: Random) {
      random = stream
      points.scores.fill(0)
      rewards.fill(0)
      terminated.fill(0)
      truncated = false
      cycles = 0
      rolled = 0
      hasPlayed.fill(0)
      turnTo(beginnerOf(begins, random))
    },
    step(actions, row) {
      const player = present[0] === 1 ? 0 : 1
      const action = chosen('pig', agents[player]!, actions[player], row)
      if (action === hold && points.turnTotal === 0) {
        throw new RangeError(`pig: ${agents[player]!.id} must roll at the beginning of its turn, got hold`)
      }
      rewards.fill(0)
      cycles++
      rolled = action === hold ? 0 : 1 + random.integer(6)
      if (action === hold) {
        points.scores[player]! += points.turnTotal
        points.turnTotal = 0
      } else if (rolled > 1) points.turnTotal += rolled
      if (points.scores[player]! + points.turnTotal >= goal) {
        // Holding is all that is left to do.
        points.scores[player]! += points.turnTotal
        points.turnTotal = 0
        rewards[player] = 1
        // Who never had a turn is not in the game yet: nothing can count for it.
        if (hasPlayed[1 - player] === 1) rewards[1 - player] = -1
        terminated.fill(1)
        return
      }
      if (action === hold || rolled === 1) turnTo(1 - player)
      truncated = cycles >= maxCycles
    },
    observe(agent, row) {
      row[0] = points.scores[agent]! / goal
      row[1] = points.scores[1 - agent]! / goal
      row[2] = points.turnTotal / goal
    },
    stateParts: [
      { name: 'scores', size: 2, names: ids },
      { name: 'turn total', size: 1 },
      { name: 'to move', size: 2, names: ids },
    ],
    state(row) {
      row[0] = points.scores[0]! / goal
      row[1] = points.scores[1]! / goal
      row[2] = points.turnTotal / goal
      row.set(present, 3)
    },
    actionMask(_agent, row) {
      if (points.turnTotal === 0) row[hold] = 0
    },
    script(agent, actions, row) {
      if (present[agent] !== 1) return
      const position = {
        own: points.scores[agent]!,
        other: points.scores[1 - agent]!,
        turnTotal: points.turnTotal,
      }
      const isHeld = position.turnTotal > 0 && Number(policyOf(script, goal)(position)) === 1
      choose(actions, row, isHeld ? hold : 0)
    },
    frames: framesOf(points, present, goal, () => rolled),
    save: (): Saved => ({
      scores: points.scores,
      turnTotal: points.turnTotal,
      present,
      hasPlayed,
      rewards,
      terminated,
      truncated,
      cycles,
      rolled,
      random: random.save(),
    }),
    restore(saved) {
      const state = saved as unknown as SavedPig
      points.scores.set(state.scores)
      points.turnTotal = state.turnTotal
      present.set(state.present)
      hasPlayed.set(state.hasPlayed)
      rewards.set(state.rewards)
      terminated.set(state.terminated)
      truncated = state.truncated
      cycles = state.cycles
      rolled = state.rolled
      random.restore(state.random)
    },
  }
}

interface SavedPig {
  readonly scores: Int32Array
  readonly turnTotal: number
  readonly present: Uint8Array
  readonly hasPlayed: Uint8Array
  readonly rewards: Float64Array
  readonly terminated: Uint8Array
  readonly truncated: boolean
  readonly cycles: number
  readonly rolled: number
  readonly random: Saved
}

/** By goal, solved when it is first asked for. */
const optimal = new Map<number, PigPolicy>()

function policyOf(script: 'optimal' | 'hold25' | 'keepPace', goal: number): PigPolicy {
  if (script === 'hold25') return holdAt(25)
  // The race begins 29 points before the end, as it does at 71 of 100.
  if (script === 'keepPace') return position => keepPace(position, goal - 29)
  const known = optimal.get(goal) ?? solvePig(goal).holds
  optimal.set(goal, known)
  return known
}

function specOf(id: string): AgentSpec {
  return {
    id,
    team: id,
    observationSize: 3,
    observationParts: ['own score', 'score of the other', 'turn total'].map(name => ({ name, size: 1 })),
    actionSpace: [{ name: 'do', kind: 'choice', size: 2, soft: false, names: actionNames }],
  }
}

/** Two tracks from 0 to the goal: how far the players have come, and how far the turn would bring the one who is to move. */
function framesOf(
  points: { readonly scores: Int32Array; readonly turnTotal: number },
  present: Uint8Array,
  goal: number,
  rolled: () => number,
): NonNullable<MarkovGame['frames']> {
  const place = (score: number) => -1.2 + (2.4 * Math.min(score, goal)) / goal
  const thing = { kind: 'landmark', agent: null, team: null, collides: false } as const
  const marks = [0, 1, 2, 3, 4].map(quarter => ({ score: Math.round((quarter * goal) / 4), id: `mark_${quarter}` }))
  const entities: FrameEntity[] = [
    ...[0, 1].map(agent => {
      const id = `player_${agent}`
      return { id, kind: 'agent' as const, agent, team: id, size: 0.12, collides: false }
    }),
    ...marks.map(({ score, id }) => ({ ...thing, id, size: 0, label: String(score) })),
    { ...thing, id: 'turn_total', size: 0.07 },
    { ...thing, id: 'die', size: 0.14 },
  ]
  const count = entities.length
  const schema: PictureSchema = {
    kind: 'particles',
    extent: 1.5,
    entities,
    fields: [
      { name: 'position', offset: 0, size: 2 * count },
      { name: 'level', offset: 2 * count, size: count },
    ],
    size: 3 * count,
  }
  return {
    schema,
    write(row) {
      const { scores, turnTotal } = points
      row.fill(Number.NaN)
      const put = (entity: number, x: number, y: number, level?: number) => {
        row.set([x, y], 2 * entity)
        if (level !== undefined) row[2 * count + entity] = level
      }
      const height = (player: number) => (player === 0 ? 0.4 : -0.4)
      for (const player of [0, 1]) put(player, place(scores[player]!), height(player), scores[player]!)
      marks.forEach(({ score }, i) => void put(2 + i, place(score), 0))
      const player = present[0] === 1 ? 0 : 1
      if (turnTotal > 0) put(count - 2, place(scores[player]! + turnTotal), height(player), turnTotal)
      if (rolled() > 0) put(count - 1, 0, 1, rolled())
    },
  }
}
