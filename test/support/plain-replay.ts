// Games with every kind of ending, and a replay buffer that keeps their episodes in lists: what the real one is held against.
import { createJointStepLayout } from '../../src/envs/joint-step.ts'
import { createRandom } from '../../src/random.ts'
import type { AgentSpec, Column, JointStep } from '../../src/types.ts'
import { rowNumbers } from './joint-steps.ts'

/** Extra columns of every agent in played steps: a memory of two numbers, then the sub-policy of the episode. */
export const playedExtras: readonly Column[] = [
  { name: 'memory', size: 2 },
  { name: 'subPolicy', size: 1 },
]

/** The memory that played steps carry, exact in float32. */
export const playedMemory = (row: number, agent: number, c: number) => row + agent / 8 + c / 32

export interface Play {
  readonly agents: readonly AgentSpec[]
  readonly games: number
  readonly subPolicies: number
  readonly seed: number
  /** Chance of each kind of event per step. */
  readonly chance: number
}

/**
 * Joint steps of games that are truncated, whose agents terminate one by one, come late and leave. Observations, actions and memory are
 * numbered by row; rewards are random.
 */
export function* playedSteps({ agents, games, subPolicies, seed, chance }: Play): Generator<JointStep, never> {
  const random = createRandom(seed, 'play')
  const allocate = createJointStepLayout(
    agents,
    games,
    agents.map(() => playedExtras),
  )
  const begin = () =>
    agents.map(() => ({
      present: random.uniform() > chance,
      gone: false,
      subPolicy: random.integer(subPolicies),
    }))
  const playing = Array.from({ length: games }, begin)
  for (let number = 0; ; number++) {
    const step = allocate(number + 1)
    for (let game = 0; game < games; game++) {
      const row = number * games + game
      agents.forEach(({ observationSize }, agent) => {
        const player = playing[game]![agent]!
        const at = game * agents.length + agent
        if (random.uniform() < chance / 3) player.present = !player.present
        const present = player.present && !player.gone
        const fill = (
          data: Float32Array,
          columns: number,
          value: (row: number, agent: number, c: number) => number,
        ) => {
          for (let c = 0; c < columns; c++) data[game * columns + c] = value(row, agent, c)
        }
        fill(step.observations[agent]!.data, observationSize, rowNumbers.observation)
        fill(step.nextObservations[agent]!.data, observationSize, rowNumbers.nextObservation)
        fill(step.actions[agent]!.data, 2, rowNumbers.action)
        fill(step.extras[agent]![0]!.data, 2, playedMemory)
        step.extras[agent]![1]!.data[game] = player.subPolicy
        step.present[at] = present ? 1 : 0
        step.rewards.data[at] = present ? random.between(-1, 1) : 0
        step.terminated[at] = present && random.uniform() < chance ? 1 : 0
        if (step.terminated[at] === 1) player.gone = true
      })
      step.truncated[game] = random.uniform() < chance / 2 ? 1 : 0
      const over = agents.every((_, agent) => {
        const at = game * agents.length + agent
        return step.present[at] === 0 || step.terminated[at] === 1
      })
      if (over || step.truncated[game] === 1) playing[game] = begin()
    }
    yield step
  }
}

/** One game's transition, by its number. */
export interface PlainRow {
  readonly row: number
  readonly rewards: readonly number[]
  readonly present: readonly number[]
  readonly terminated: readonly number[]
  readonly subPolicies: readonly number[]
}

export interface PlainReplay {
  insert(step: JointStep): void
  /** All rows that are kept, oldest first. */
  rows(): PlainRow[]
  /** The transition over up to `steps` steps. */
  over(
    row: number,
    steps: number,
    gamma: number,
  ): { last: number; rewards: number[]; terminated: number[]; discount: number }
  /** The rows of the window up to a row, and whether an episode begins at each; a row stands in where there was none yet. */
  window(row: number, steps: number): { rows: number[]; restarted: number[] }
}

/** Episodes in lists; what is overwritten is taken out of its list. */
export function createPlainReplay(agents: number, games: number, capacity: number): PlainReplay {
  interface Episode {
    rows: PlainRow[]
    readonly first: number
  }
  const episodes: Episode[] = []
  const current: (Episode | undefined)[] = new Array(games)
  let inserted = 0
  const find = (row: number) => {
    const episode = episodes.find(({ rows }) => rows.some(kept => kept.row === row))!
    return { episode, index: episode.rows.findIndex(kept => kept.row === row) }
  }
  /** Where the row before was overwritten nobody can tell: what was carried counts. */
  const begins = ({ first }: Episode, row: number) =>
    row === first && (row < games || row - games >= inserted - capacity)
  return {
    insert(step) {
      for (let game = 0; game < games; game++) {
        const of = (from: ArrayLike<number>) => Array.from({ length: agents }, (_, a) => from[game * agents + a]!)
        const kept: PlainRow = {
          row: inserted++,
          rewards: of(step.rewards.data),
          present: of(step.present),
          terminated: of(step.terminated),
          subPolicies: step.extras.map(([, chosen]) => chosen!.data[game]!),
        }
        const episode = current[game] ?? { rows: [], first: kept.row }
        if (current[game] === undefined) episodes.push(episode)
        current[game] = episode
        episode.rows.push(kept)
        const over = kept.present.every((present, a) => present === 0 || kept.terminated[a] === 1)
        if (over || step.truncated[game] === 1) current[game] = undefined
        for (const each of episodes) each.rows = each.rows.filter(({ row }) => row >= inserted - capacity)
      }
    },
    rows: () => episodes.flatMap(({ rows }) => rows).sort((a, b) => a.row - b.row),
    over(row, steps, gamma) {
      const { episode, index } = find(row)
      let walked = episode.rows.slice(index, index + steps)
      const broken = walked.findIndex(
        ({ present }, i) =>
          i > 0 && present.some((p, a) => p !== (walked[i - 1]!.terminated[a] === 1 ? 0 : walked[i - 1]!.present[a])),
      )
      if (broken > 0) walked = walked.slice(0, broken)
      return {
        last: walked.at(-1)!.row,
        rewards: Array.from({ length: agents }, (_, a) =>
          walked.reduce((sum, { rewards }, i) => sum + gamma ** i * rewards[a]!, 0),
        ),
        terminated: Array.from({ length: agents }, (_, a) =>
          Math.max(...walked.map(({ terminated }) => terminated[a]!)),
        ),
        discount: gamma ** walked.length,
      }
    },
    window(row, steps) {
      const { episode, index } = find(row)
      const there = episode.rows.slice(Math.max(0, index - steps + 1), index + 1).map(kept => kept.row)
      const padding = steps - there.length
      return {
        rows: [...new Array<number>(padding).fill(there[0]!), ...there],
        restarted: [
          ...new Array<number>(padding).fill(1),
          ...there.map((at, i) => (begins(episode, at) || (i === 0 && padding > 0) ? 1 : 0)),
        ],
      }
    },
  }
}
