// Random games side by side, played by chance as a vector game, and the same games played one by one.
import { createVectorGame, type VectorGame } from '../../src/envs/vector-game.ts'
import { createRandom, type Random } from '../../src/random.ts'
import type { Column, JointStep } from '../../src/types.ts'
import { type PlainStep, type PlainTransition, playPlainly, transitionsOf } from './plain-transitions.ts'
import { createRandomGame, type RandomGameOptions } from './random-game.ts'

export interface RandomPlay {
  readonly vectorGame: VectorGame
  readonly steps: readonly JointStep[]
  /** Per game. */
  readonly plain: readonly (readonly PlainStep[])[]
  /** Per game, of each step whether an episode begins with it. */
  readonly begun: readonly (readonly boolean[])[]
}

/** What policies leave behind in these plays: a memory of two numbers, then the sub-policy of the life, one of three. */
export const randomExtras: readonly Column[] = [
  { name: 'memory', size: 2 },
  { name: 'subPolicy', size: 1 },
]

/** The memory at a joint step, exact in float32; never that of an absent agent, which is zeros. */
export const memoryAt = (step: number, game: number, agent: number) => [1 + step + agent / 8, game + agent / 8]

/** `count` joint steps of so many games of one table, by actions that are allowed. */
export function playRandomly(
  options: RandomGameOptions,
  games: number,
  count: number,
  extras: readonly Column[] = randomExtras,
): RandomPlay {
  const create = () => createRandomGame(options)
  const streamOf = (game: number) => createRandom(options.seed, 'play', game)
  const vectorGame = createVectorGame({
    create,
    games,
    random: streamOf,
    extras: create().agents.map(() => extras),
    states: options.state !== false,
  })
  const randoms = Array.from({ length: games }, (_, game) => streamOf(game))
  const singles = randoms.map(random => {
    const game = create()
    game.reset(random)
    return game
  })
  const plain: PlainStep[][] = singles.map(() => [])
  const begun: boolean[][] = singles.map(() => [true])
  const chance = createRandom(options.seed, 'actions')
  const subPolicies = new Map<string, number>()
  const steps: JointStep[] = []
  for (let number = 0; number < count; number++) {
    actRandomly(vectorGame, number, chance, extras.length > 0, subPolicies)
    const step = vectorGame.advance()
    steps.push(step)
    singles.forEach((single, game) => {
      plain[game]!.push(playPlainly(single, step.actions, game, number))
      const over = isOver(plain[game]!, begun[game]!)
      begun[game]!.push(over)
      if (over) single.reset(randoms[game]!)
    })
  }
  return { vectorGame, steps, plain, begun: begun }
}

/** Whether the episode of the last step is over: rule 7, by all of its steps. */
function isOver(steps: readonly PlainStep[], begun: readonly boolean[]): boolean {
  const episode = steps.slice(begun.lastIndexOf(true))
  const last = episode.at(-1)!
  const isAlive = (agent: number) => {
    let alive = false
    for (const { now, terminated } of episode) {
      if (now[agent]!.isThere) alive = true
      if (terminated[agent] === 1) alive = false
    }
    return alive || last.after[agent]!.isThere
  }
  return last.truncated || !last.now.some((_, agent) => isAlive(agent))
}

/** Writes an action that is allowed for everybody, and columns by number. */
export function actRandomly(
  { next, agents, begun }: VectorGame,
  number: number,
  chance: Random,
  leavesColumns: boolean,
  subPolicies: Map<string, number>,
): void {
  agents.forEach(({ actionSpace }, agent) => {
    const { data, columns } = next.actions[agent]!
    const mask = next.observations[agent]!.mask?.data
    for (let game = 0; game < next.truncated.length; game++) {
      let at = game * columns
      for (const { kind, size } of actionSpace) {
        const legal = Array.from({ length: size }, (_, i) => i).filter(i => mask === undefined || mask[at + i] === 1)
        const chosen = legal[chance.integer(legal.length)]
        for (let i = 0; i < size; i++, at++) data[at] = kind === 'box' ? chance.between(-1, 1) : i === chosen ? 1 : 0
      }
      if (!leavesColumns) continue
      const [memory, subPolicy] = next.extras[agent]!
      memory!.data.set(memoryAt(number, game, agent), 2 * game)
      const drawn = chance.integer(3)
      const key = `${game} ${agent}`
      if (begun[agent]![game] === 1) subPolicies.set(key, drawn)
      subPolicy!.data[game] = subPolicies.get(key) ?? 0
    }
  })
}

/** The transitions of all games. */
export function allTransitions({ plain, begun }: RandomPlay): PlainTransition[] {
  return plain.flatMap((steps, game) => transitionsOf(steps, begun[game]!))
}
