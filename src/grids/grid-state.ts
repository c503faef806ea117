// What critics may see of a grid game unless it says so itself: where everything is and looks, levels, marks, who is there.
import type { GridSee } from './grid-see.ts'
import type { GridTraits } from './grid-traits.ts'
import type { GridWorld } from './grid-world.ts'

/** Agents first, then things kind by kind; levels, marks and presence where there are any in the game. */
export function writeState(
  world: GridWorld,
  { looks, levels, kinds }: GridTraits,
  absences: boolean,
  see: GridSee,
): void {
  const { agents, things } = world
  for (const agent of agents) see.place('agents', agent)
  for (const agent of agents) if (looks[agent.index]) see.facing('facings', agent.facing)
  for (const agent of agents) if (levels[agent.index]) see.number('levels', agent.level ?? 0)
  if (absences) for (const agent of agents) see.number('present', agent.present)
  for (const [kind, list] of Object.entries(things)) {
    const { level, marked } = kinds[kind]!
    for (const thing of list) see.place(kind, thing)
    if (level) for (const thing of list) see.number(`${kind} levels`, thing.level ?? 0)
    if (marked) for (const thing of list) see.number(`${kind} marked`, thing.marked)
  }
}
