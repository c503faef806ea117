// What `marlstrom new` writes: a small scenario that works as it stands, commented for its author, and its test.

// Put together from pieces, so that tools do not read the template's imports as imports of this file.
const from = (name: string) => `from '${name}'`

/** The scenario file, TypeScript. */
export function scenarioTemplate(id: string): string {
  return `// ${id}: every agent has a goal of its own colour and must reach it without bumping into the others.
import { count, defineScenario, distance, many, real, touching } ${from('marlstrom')}

export const ${id} = defineScenario({
  id: '${id}',
  version: 1, // raise it when results may change
  description: 'agents reach goals of their own without bumping into one another',

  // Settings for everybody who trains: --set scenario.agents=3. Every scenario also has maxCycles, rules and actions.
  options: {
    agents: count(2, { min: 1, max: 6 }, 'number of agents, and of goals'),
    bump: real(1, { min: 0 }, 'what a contact costs each of the two'),
  },

  // Who is there. Built once per game. Any field of your own (\`goal\`) becomes a field of the agent or landmark, typed.
  world: ({ options }) => ({
    agents: many(options.agents, i => ({ id: \`agent_\${i}\`, size: 0.1, color: colors[i]!, goal: i })),
    landmarks: many(options.agents, i => ({ id: \`goal_\${i}\`, size: 0.06, color: colors[i]! })),
    // What the hooks share lives here and nowhere else: so games side by side do not mix, and checkpoints hold it.
    state: { contacts: 0 },
  }),

  // An episode begins. Everything stands still already; draw all chance from \`random\`, so that a seed repeats it.
  reset({ world, random }) {
    for (const { position } of world.entities) position.set(random.between(-1, 1), random.between(-1, 1))
  },

  // What one agent sees: the same names and sizes at every call. Only look, change nothing.
  observe({ agent, world, see }) {
    see.vector('velocity', agent.velocity)
    see.relative('goal', world.landmarks[agent.goal]!)
    for (const other of world.others(agent)) see.relative('others', other)
  },

  // Once per step, after everything has moved: what rewards and metrics share.
  beforeRewards({ world }) {
    world.state.contacts = 0
    for (const agent of world.agents) {
      for (const other of world.others(agent)) if (touching(agent, other)) world.state.contacts += 0.5
    }
  },

  // The agent's reward of the step. \`part\` gives its value back and shows it to viewers.
  reward({ agent, world, options, part }) {
    let contacts = 0
    for (const other of world.others(agent)) if (touching(agent, other)) contacts++
    return part('distance', -distance(agent, world.landmarks[agent.goal]!)) + part('bumps', -options.bump * contacts)
  },

  // Figures to follow, by name.
  metrics: ({ world }) => ({ contacts: world.state.contacts }),

  // A controller to compare with: steer to the goal, and brake.
  scripted({ agent, world, act }) {
    const goal = world.landmarks[agent.goal]!.position
    const x = goal.x - agent.position.x
    const y = goal.y - agent.position.y
    act.move(6 * x - 2 * agent.velocity.x, 6 * y - 2 * agent.velocity.y)
  },
})

const colors = [
  [0.85, 0.35, 0.35],
  [0.35, 0.65, 0.35],
  [0.35, 0.35, 0.85],
  [0.85, 0.65, 0.25],
  [0.6, 0.35, 0.75],
  [0.3, 0.65, 0.7],
] as const
`
}

/** Its test: for Node.js' own test runner, so that it needs nothing but marlstrom. */
export function testTemplate(id: string): string {
  return `// Run with: node --test
import assert ${from('node:assert/strict')}
import { test } ${from('node:test')}
import { checkGame, describeProblem, evaluate, loadScenario, policiesOf } ${from('marlstrom')}

const { definition } = await loadScenario(new URL('./${id}.ts', import.meta.url))

test('${id} keeps what a game promises', () => {
  assert.deepEqual(checkGame(definition).problems.map(describeProblem), [])
})

test('${id} rewards a good player', () => {
  const play = kind =>
    evaluate({
      createGame: () => definition.create(),
      policies: ({ games }) => policiesOf(kind, games, 1),
      episodes: 100,
      mode: 'sample',
      seed: 1,
    }).returns.agent_0.mean
  assert.ok(play('scripted') > play('random'))
})
`
}
