// Agents that viewers have taken in hand, and what they do there.
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError } from '../errors.ts'
import { actionSize } from '../spaces.ts'
import type { Matrix } from '../types.ts'

export interface Hands {
  /** Agent id to viewer. */
  readonly taken: Readonly<Record<string, string>>
  /** @throws ConfigError where somebody else has it, RangeError where it cannot be steered. */
  take(agent: number, viewer: string): void
  release(agent: number, viewer: string): void
  /** What a taken agent does from now on. @throws ConfigError where the viewer does not have it, RangeError where it cannot do that. */
  act(agent: number, viewer: string, move: readonly [number, number], say: number | null): void
  /** Lets go of everything that a viewer has; true where there was something. */
  left(viewer: string): boolean
  /** The action row of a taken agent; null: nobody has it. */
  row(agent: number): Matrix | null
}

/** `before`: hands on an earlier game; they keep the agents that are in this one too. */
export function createHands(game: MarkovGame, before?: Hands): Hands {
  const held = new Map<number, { readonly viewer: string; readonly actions: Matrix }>()
  const idOf = (agent: number) => game.agents[agent]!.id
  const grasp = (agent: number, viewer: string) => {
    const columns = actionSize(game.agents[agent]!.actionSpace)
    const actions = { rows: 1, columns, data: new Float32Array(columns) }
    steer(game, agent, [0, 0], null, actions)
    held.set(agent, { viewer, actions })
  }
  const demand = (agent: number, viewer: string) => {
    const hand = held.get(agent)
    if (hand?.viewer === viewer) return hand
    throw new ConfigError(
      '',
      `${idOf(agent)} is ${hand === undefined ? 'in nobody’s' : 'in another viewer’s'} hand; take it first`,
    )
  }
  game.agents.forEach(({ id }, agent) => {
    const viewer = before?.taken[id]
    if (viewer !== undefined) grasp(agent, viewer)
  })
  return {
    get taken() {
      return Object.fromEntries([...held].map(([agent, { viewer }]) => [idOf(agent), viewer]))
    },
    take(agent, viewer) {
      const other = held.get(agent)
      if (other !== undefined && other.viewer !== viewer) {
        throw new ConfigError('', `${idOf(agent)} is in another viewer’s hand`)
      }
      grasp(agent, viewer)
    },
    release(agent, viewer) {
      demand(agent, viewer)
      held.delete(agent)
    },
    act(agent, viewer, move, say) {
      steer(game, agent, move, say, demand(agent, viewer).actions)
    },
    left(viewer) {
      const own = [...held].filter(([, hand]) => hand.viewer === viewer)
      for (const [agent] of own) held.delete(agent)
      return own.length > 0
    },
    row: agent => held.get(agent)?.actions ?? null,
  }
}

/** By the game's own handle; else an action of one choice, in which `say` names the alternative. */
function steer(
  game: MarkovGame,
  agent: number,
  move: readonly [number, number],
  say: number | null,
  actions: Matrix,
): void {
  if (game.handles?.steer !== undefined) {
    game.handles.steer(agent, move, say, actions)
    return
  }
  const { id, actionSpace } = game.agents[agent]!
  const [part, ...more] = actionSpace
  if (part?.kind !== 'choice' || more.length > 0) throw new RangeError(`${id} of ${game.id} cannot be steered by hand`)
  if (move[0] !== 0 || move[1] !== 0)
    throw new RangeError(`${id} knows no directions; say which of its ${part.size} alternatives it takes`)
  const alternative = say ?? 0
  if (!Number.isInteger(alternative) || alternative < 0 || alternative >= part.size) {
    throw new RangeError(`${id} has alternatives 0 ... ${part.size - 1}, got ${say}`)
  }
  actions.data.fill(0)
  actions.data[alternative] = 1
}
