// What `marlstrom new --grid` writes: a small grid game that works as it stands, commented for its author.

// Put together from pieces, so that tools do not read the template's imports as imports of this file.
const from = (name: string) => `from '${name}'`

/** The game's file, TypeScript. */
export function gridTemplate(id: string): string {
  return `// ${id}: agents gather fruit in a garden with hedges. They see what is near them, and pick what lies where they stand.
import { count, defineGrid, directions, many, stepTowards } ${from('marlstrom')}

export const ${id} = defineGrid({
  id: '${id}',
  version: 1, // raise it when results may change
  description: 'agents gather fruit in a garden with hedges',

  // Settings for everybody who trains: --set scenario.fruit=3. Every grid game also has maxCycles and masks.
  options: {
    agents: count(2, { min: 1, max: 4 }, 'number of agents'),
    fruit: count(4, { min: 1, max: 8 }, 'pieces of fruit'),
    sight: count(2, { min: 1 }, 'cells that an agent sees in each direction'),
  },

  // The four directions are steps; what other words do is for the hook \`act\` to say.
  actions: ['none', ...directions, 'pick'],

  // The cells (# is a wall, . is floor), who is there, and what lies there. Built once per game. Any field of your own (\`picked\`)
  // becomes a field of the agent or thing, typed.
  world: ({ options }) => ({
    map: \`
      .......
      .##.##.
      .#...#.
      .......
      .#...#.
      .##.##.
      .......\`,
    agents: many(options.agents, i => ({ id: \`agent_\${i}\`, picked: 0 })),
    things: { fruit: many(options.fruit, () => ({ color: [0.75, 0.25, 0.25] as const })) },
  }),

  // An episode begins with everything nowhere. Draw all chance from \`random\`, so that a seed repeats it.
  reset({ world, random }) {
    for (const entity of world.entities) world.scatter(entity, random)
  },

  // Once per step, after everybody has moved.
  act({ world }) {
    for (const agent of world.agents) {
      const fruit = agent.action === 'pick' ? world.thingAt('fruit', agent.row, agent.column) : null
      agent.picked = fruit === null ? 0 : 1
      if (fruit !== null) world.remove(fruit)
    }
  },

  // What one agent sees: the same names and sizes at every call. A view is a picture: rows, columns, and a number for each layer.
  observe({ agent, world, options, see }) {
    see.place('self', agent)
    see.view('view', options.sight, {
      hedge: (row, column) => world.isWall(row, column),
      agent: (row, column) => world.agentAt(row, column) !== null,
      fruit: (row, column) => world.thingAt('fruit', row, column) !== null,
    })
  },

  // The agent's reward of the step. \`part\` gives its value back and shows it to viewers.
  reward: ({ agent, part }) => part('fruit', agent.picked) + part('time', -0.01),

  done: ({ world }) => world.placed('fruit').length === 0,

  // Moves into walls and edges are forbidden already.
  actionMask({ agent, world, mask }) {
    if (world.thingAt('fruit', agent.row, agent.column) === null) mask.forbid('pick')
  },

  // Figures to follow, by name.
  metrics: ({ world }) => ({ picked: world.agents.filter(agent => agent.picked === 1).length }),

  // A controller to compare with: go to the nearest fruit and pick it.
  scripted({ agent, world }) {
    if (world.thingAt('fruit', agent.row, agent.column) !== null) return 'pick'
    return stepTowards(world, agent, world.placed('fruit')) ?? 'none'
  },
})
`
}
