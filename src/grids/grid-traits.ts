// What the agents and things of a grid have at all: levels, somewhere to look, marks. It stays the same from step to step.
import type { GridAgentDefinition, ThingsDefinition } from './grid-entities.ts'
import type { GridWorldDefinition } from './grid-world.ts'

export interface GridTraits {
  /** [agents] */
  readonly looks: readonly boolean[]
  readonly levels: readonly boolean[]
  /** By kind: whether any of them has it. */
  readonly kinds: Readonly<Record<string, { readonly level: boolean; readonly marked: boolean }>>
}

export function traitsOf({
  agents,
  things = {},
}: GridWorldDefinition<GridAgentDefinition, ThingsDefinition, unknown>): GridTraits {
  return {
    looks: agents.map(({ facing }) => facing !== undefined),
    levels: agents.map(({ level }) => level !== undefined),
    kinds: Object.fromEntries(
      Object.entries(things).map(([kind, list]) => [
        kind,
        {
          level: list.some(({ level }) => level !== undefined),
          marked: list.some(({ marked }) => marked !== undefined),
        },
      ]),
    ),
  }
}
