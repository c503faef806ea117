// The transitions of agents written down plainly from docs/games.md: what replay buffers and rollouts are held against.
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import type { Matrix } from '../../src/types.ts'

/** How one agent stands at a moment: what it sees and may do; of who does not act, zeros and ones. */
export interface PlainSight {
  readonly isThere: boolean
  readonly observation: readonly number[]
  readonly mask: readonly number[]
}

/** One step of one game. */
export interface PlainStep {
  readonly game: number
  /** Number of the joint step, from 0. */
  readonly step: number
  readonly now: readonly PlainSight[]
  readonly state: readonly number[]
  readonly actions: readonly (readonly number[])[]
  readonly rewards: readonly number[]
  readonly terminated: readonly number[]
  readonly truncated: boolean
  /** After the step, before a reset; where the game was cut also what those see who wait, who are not there. */
  readonly after: readonly PlainSight[]
  readonly stateAfter: readonly number[]
  /** The game's own flags then. */
  readonly presentAfter: readonly number[]
}

/** What leads from an own step of an agent to its next own step, or to the end of its life or of the episode. */
export interface PlainTransition {
  readonly agent: number
  readonly life: number
  /** Whether the life begins with it. */
  readonly begins: boolean
  /** The steps that belong to it, the own one first. */
  readonly steps: readonly PlainStep[]
  /** own: the next own step follows. open: nothing has followed yet. */
  readonly end: 'own' | 'terminated' | 'truncated' | 'open'
}

/** Moves a game by the actions of a row, and writes down what came of it; an episode must have begun. */
export function playPlainly(game: MarkovGame, actions: readonly Matrix[], row: number, step: number): PlainStep {
  const spaces = game.agents.map(({ actionSpace }) => actionSpace)
  const now = game.agents.map((_, agent) => sightOf(game, agent, acts(game, agent)))
  const state = stateOf(game)
  const done = actions.map(({ data, columns }) => [...data.subarray(row * columns, (row + 1) * columns)])
  game.step(actions, row)
  const { truncated } = game
  const after = spaces.map((_, agent) => {
    const sight = sightOf(game, agent, acts(game, agent))
    const sees = truncated && game.terminated[agent] === 0
    return sees ? { ...sight, observation: sightOf(game, agent, true).observation } : sight
  })
  return {
    game: row,
    step,
    now,
    state,
    actions: done,
    rewards: [...game.rewards].map(Math.fround),
    terminated: [...game.terminated],
    truncated,
    after,
    stateAfter: stateOf(game),
    presentAfter: [...game.present],
  }
}

const acts = (game: MarkovGame, agent: number) => game.present[agent] === 1 && game.terminated[agent] === 0

/** What an agent sees; where it does not act zeros, and all is allowed. */
function sightOf(game: MarkovGame, agent: number, sees: boolean): PlainSight {
  const { observationSize, actionSpace } = game.agents[agent]!
  const observation = new Float64Array(observationSize)
  const mask = new Uint8Array(actionSize(actionSpace)).fill(1)
  if (sees) game.observe(agent, observation)
  if (sees && acts(game, agent)) game.actionMask?.(agent, mask)
  return {
    isThere: acts(game, agent),
    observation: [...observation].map(Math.fround),
    mask: withoutBoxes(actionSpace, [...mask]),
  }
}

function withoutBoxes(space: ActionSpace, mask: readonly number[]): number[] {
  const kinds = space.flatMap(({ kind, size }) => new Array<string>(size).fill(kind))
  return mask.map((allowed, c) => (kinds[c] === 'box' ? 1 : allowed))
}

function stateOf(game: MarkovGame): number[] {
  const row = new Float64Array((game.stateParts ?? []).reduce((sum, { size }) => sum + size, 0))
  game.state?.(row)
  return [...row].map(Math.fround)
}

/** All transitions of one game's steps, in the order of their first steps. `begun`: of each step whether an episode begins with it. */
export function transitionsOf(steps: readonly PlainStep[], begun: readonly boolean[]): PlainTransition[] {
  const agents = steps[0]?.now.length ?? 0
  const found: PlainTransition[] = []
  let lives = 0
  for (let agent = 0; agent < agents; agent++) {
    let life: number | null = null
    let isNew = false
    let under: PlainStep[] = []
    const close = (end: PlainTransition['end']) => {
      if (under.length > 0) found.push({ agent, life: life!, begins: isNew, steps: under, end })
      isNew = false
      under = []
    }
    const begin = () => {
      life = lives++
      isNew = true
    }
    steps.forEach((step, i) => {
      if (begun[i]) life = null
      if (life === null && step.now[agent]!.isThere) begin()
      if (life === null) return
      if (step.now[agent]!.isThere) under = [step]
      else under.push(step)
      const isEnded = step.terminated[agent] === 1
      if (isEnded) close('terminated')
      else if (step.truncated) close('truncated')
      else if (step.after[agent]!.isThere) close('own')
      if (isEnded) life = null
    })
    close('open')
  }
  return found.sort((a, b) => a.steps[0]!.step - b.steps[0]!.step)
}

/** What a return over several own steps of a life comes to. */
export interface PlainReturn {
  /** Own transitions that it takes: up to `most`, fewer where the life or the episode ends and before one that is open. */
  readonly parts: readonly PlainTransition[]
  /** Per agent, the sum of gamma^i r over all steps of the game in them; i counts own steps before, or steps of the game. */
  readonly rewards: readonly number[]
  readonly terminated: readonly number[]
  readonly discount: number
}

/** From one transition on; `all`: those of its game, in order. */
export function returnOf(
  first: PlainTransition,
  all: readonly PlainTransition[],
  most: number,
  gamma: number,
  discountPer: 'ownStep' | 'gameStep',
): PlainReturn {
  const own = all.filter(({ agent }) => agent === first.agent)
  const parts = [first]
  for (let i = own.indexOf(first) + 1; parts.length < most && parts.at(-1)!.end === 'own'; i++) {
    if (own[i] === undefined || own[i]!.end === 'open') break
    parts.push(own[i]!)
  }
  const steps = parts.flatMap((part, own) => part.steps.map(step => ({ step, own })))
  const factor = (own: number, row: number) => gamma ** (discountPer === 'ownStep' ? own : row)
  const agents = first.steps[0]!.now.map((_, agent) => agent)
  const endsIn = (step: PlainStep, agent: number) =>
    all.some(other => other.agent === agent && other.end === 'terminated' && other.steps.at(-1) === step)
  return {
    parts,
    rewards: agents.map(agent =>
      steps.reduce((sum, { step, own }, row) => sum + factor(own, row) * step.rewards[agent]!, 0),
    ),
    terminated: agents.map(agent => (steps.some(({ step }) => endsIn(step, agent)) ? 1 : 0)),
    discount: factor(parts.length, steps.length),
  }
}
