// A Markov game drawn from a seed that uses every feature of the contract at once: masks, waiting, coming late, leaving, returning, both ends.
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { createRandom, type Random } from '../../src/random.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import type { AgentSpec, Matrix } from '../../src/types.ts'

export interface RandomGameOptions {
  /** Of the tables: what is seen, allowed and paid at each place of the game. */
  readonly seed: number
  /** Default: 3. */
  readonly agents?: number
  /** Whether agents have masks, may be absent, and whether the game has a state of its own; default: all of it. */
  readonly masks?: boolean
  readonly absences?: boolean
  readonly state?: boolean
  /** Whether all agents see and do the same, as parameter sharing asks for; default: no. */
  readonly alike?: boolean
  /** Steps after which an episode is truncated; default: 12. */
  readonly length?: number
  /** Whether some agents have boxes; default: yes. */
  readonly boxes?: boolean
  /** Of each kind of event in each step, for each agent; default: 0.1. */
  readonly chance?: number
}

/** Never: it has not come in this episode. */
type Life = 'never' | 'present' | 'waiting' | 'ended'

const nodes = 5
const spaces: readonly ActionSpace[] = [
  [{ name: 'move', kind: 'choice', size: 3, soft: false }],
  [
    { name: 'move', kind: 'choice', size: 2, soft: false },
    { name: 'thrust', kind: 'box', size: 1, low: -1, high: 1 },
  ],
  [
    { name: 'move', kind: 'choice', size: 3, soft: true },
    { name: 'say', kind: 'choice', size: 2, soft: true },
  ],
]

/**
 * The game walks over five places, from each to one that the joint action decides. Forbidden alternatives, and actions of absent agents
 * other than zeros, are refused by a TypeError. The first number of every observation and of the state is the number of steps that this
 * game was ever played, over 1024.
 */
export function createRandomGame(options: RandomGameOptions): MarkovGame {
  const { seed, agents: count = 3, masks = true, absences = true, state = true, alike = false } = options
  const { length = 12, chance = 0.1, boxes = true } = options
  const table = createRandom(seed, 'tables')
  const drawn = (size: number) => Array.from({ length: size }, () => table.between(-1, 1))
  const agents = Array.from({ length: count }, (_, i): AgentSpec => {
    const observationSize = alike ? 3 : 2 + (i % 3)
    return {
      id: `agent_${i}`,
      team: i % 2 === 0 ? 'red' : 'blue',
      observationSize,
      observationParts: [
        { name: 'clock', size: 1 },
        { name: 'place', size: observationSize - 1 },
      ],
      actionSpace: spaces[alike ? 0 : i % spaces.length]!.filter(({ kind }) => boxes || kind === 'choice'),
    }
  })
  /** [nodes][agents] */
  const atPlaces = <T>(make: (agent: AgentSpec) => T): T[][] =>
    Array.from({ length: nodes }, () => agents.map(agent => make(agent)))
  const sights = atPlaces(({ observationSize }) => drawn(observationSize - 1))
  const payoffs = atPlaces(({ actionSpace }) => drawn(actionSize(actionSpace)))
  const allowed = atPlaces(({ actionSpace }) => actionSpace.flatMap(part => allowedIn(part, table)))
  const ways = Array.from({ length: nodes }, () => Array.from({ length: 7 }, () => table.integer(nodes)))

  const rewards = new Float64Array(count)
  const present = new Uint8Array(count)
  const terminated = new Uint8Array(count)
  let lives: Life[] = agents.map(() => 'present')
  let random: Random | null = null
  let [node, step, clock] = [0, 0, 0]
  let truncated = false

  const happens = () => random!.uniform() < chance
  const flagsOf = () => {
    lives.forEach((life, agent) => {
      present[agent] = life === 'present' ? 1 : 0
      terminated[agent] = life === 'ended' ? 1 : 0
    })
  }
  const next = (life: Life): Life => {
    // As many draws whatever the life is.
    const [goes, turns] = [happens(), random!.uniform() < 3 * chance]
    if (!absences) return life === 'present' && goes ? 'ended' : life
    if (life === 'present') return goes ? 'ended' : turns ? 'waiting' : life
    if (life === 'waiting') return goes ? 'ended' : turns ? 'present' : life
    return turns ? 'present' : life
  }

  /** Reads an action. @throws TypeError for what is forbidden */
  const read = (agent: number, { data, columns }: Matrix, row: number): number[] => {
    const action = [...data.subarray(row * columns, (row + 1) * columns)]
    const isThere = lives[agent] === 'present'
    const wrong = action.findIndex(
      (value, c) => value !== 0 && (!isThere || (masks && allowed[node]![agent]![c] === 0)),
    )
    if (wrong < 0) return action
    throw new TypeError(
      `random: action ${wrong} of ${agents[agent]!.id} is forbidden ${isThere ? 'here' : 'to the absent'}`,
    )
  }

  return {
    id: 'random',
    agents,
    rewards,
    present,
    terminated,
    ...(absences ? { absences } : {}),
    get truncated() {
      return truncated
    },
    reset(stream) {
      random = stream
      node = random.integer(nodes)
      step = 0
      truncated = false
      rewards.fill(0)
      lives = agents.map((): Life => (random!.uniform() < 3 * chance && absences ? 'never' : 'present'))
      if (!lives.includes('present')) lives[0] = 'present'
      flagsOf()
    },
    step(actions, row) {
      const done = actions.map((matrix, agent) => read(agent, matrix, row))
      const paid = random!.uniform() < 0.5
      done.forEach((action, agent) => {
        const payoff = payoffs[node]![agent]!
        const isIn = lives[agent] === 'present' || (lives[agent] === 'waiting' && paid)
        rewards[agent] = isIn ? action.reduce((sum, value, c) => sum + value * payoff[c]!, payoff[0]! / 4) : 0
      })
      const joint = done.flat().reduce((sum, value, i) => sum + (i + 1) * Math.round(value), 0)
      node = ways[node]![((joint % 7) + 7) % 7]!
      step++
      clock++
      lives = lives.map(next)
      truncated = step >= length || random!.uniform() < chance / 4
      // The rules win over the clock.
      if (random!.uniform() < chance / 4) {
        lives = lives.map(() => 'ended')
        truncated = false
      }
      flagsOf()
    },
    observe(agent, row) {
      row.set([clock / 1024, ...sights[node]![agent]!])
    },
    ...(masks
      ? {
          actionMask(agent: number, row: Uint8Array) {
            row.set(allowed[node]![agent]!)
          },
        }
      : {}),
    ...(state
      ? {
          stateParts: [
            { name: 'clock', size: 1 },
            { name: 'place', size: nodes },
            { name: 'present', size: count },
          ],
          state(row: Float64Array) {
            row.fill(0)
            row[0] = clock / 1024
            row[1 + node] = 1
            row.set(present, 1 + nodes)
          },
        }
      : {}),
    /** The first alternative that is allowed, and zeros in boxes. */
    script(agent, { data, columns }, row) {
      let at = 0
      for (const { kind, size } of agents[agent]!.actionSpace) {
        const legal = masks ? allowed[node]![agent]!.indexOf(1, at) - at : 0
        for (let i = 0; i < size; i++) data[row * columns + at + i] = kind === 'choice' && i === legal ? 1 : 0
        at += size
      }
    },
    save: () => ({
      rewards,
      present,
      terminated,
      lives: [...lives],
      node,
      step,
      clock,
      truncated,
    }),
    restore(saved) {
      const kept = saved as Record<'present' | 'terminated', Uint8Array> & { rewards: Float64Array; lives: Life[] } & {
        node: number
        step: number
        clock: number
        truncated: boolean
      }
      rewards.set(kept.rewards)
      present.set(kept.present)
      terminated.set(kept.terminated)
      lives = [...kept.lives]
      ;({ node, step, clock, truncated } = kept)
    },
  }
}

/** 1 and 0 for the alternatives of a part, at least one of them 1; ones for a box. */
function allowedIn({ kind, size }: ActionSpace[number], random: Random): number[] {
  const kept = random.integer(size)
  return Array.from({ length: size }, (_, i) => (kind === 'box' || i === kept || random.uniform() < 0.6 ? 1 : 0))
}
