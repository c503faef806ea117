// Agents that viewers control by hand, and the actions they give them.
import type { MarkovGame } from '../envs/markov-game.ts'
import { ConfigError } from '../errors.ts'
import { actionSize } from '../spaces.ts'
import type { Matrix } from '../types.ts'

export interface ManualControl {
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
export function createManualControl(game: MarkovGame, before?: ManualControl): ManualControl {
  const held = new Map<number, { readonly viewer: string; readonly actions: Matrix }>()
  const idOf = (agent: number) => game.agents[agent]!.id
  const grasp = (agent: number, viewer: string) => {
    const columns = actionSize(game.agents[agent]!.actionSpace)
    const actions = { rows: 1, columns, data: new Float32Array(columns) }
    steer(game, agent, [0, 0], null, actions)
    held.set(agent, { viewer, actions })
  }
  const demand = (agent: number, viewer: string) => {
    const control = held.get(agent)
    if (control?.viewer === viewer) return control
    throw new ConfigError(
      '',
      `${idOf(agent)} is ${control === undefined ? 'not controlled by anybody' : 'controlled by another viewer'}; take it first`,
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
        throw new ConfigError('', `${idOf(agent)} is controlled by another viewer`)
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
      const own = [...held].filter(([, control]) => control.viewer === viewer)
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
