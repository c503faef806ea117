// Games in files of their own, as users write them, with whatever a test leaves out or breaks.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Every member of the contract that a game may leave out. */
export const optionalMembers = ['frames', 'script', 'measure', 'handles'] as const

/** Writes a Markov game that has everything; `change` is JavaScript that may change `game` before it is played. */
export function writeGame(folder: string, name: string, change = ''): string {
  const file = join(folder, `${name}.mjs`)
  writeFileSync(
    file,
    `import { count, defineGame } from 'marlstrom'
export const ${name} = defineGame({
  id: '${name}', version: 1, description: 'agents say what they were told',
  options: { maxCycles: count(5, { min: 1 }, 'steps') },
  create({ maxCycles }) {
    const ids = ['one', 'two']
    const agents = ids.map(id => ({
      id, team: 'teller', observationSize: 2, observationParts: [{ name: 'told', size: 2 }],
      actionSpace: [{ name: 'say', kind: 'choice', size: 2, soft: false }],
    }))
    const told = [0, 0]
    let [steps, truncated] = [0, false]
    const game = {
      id: '${name}', agents, rewards: new Float64Array(2), present: new Uint8Array(2).fill(1), terminated: new Uint8Array(2),
      get truncated() { return truncated },
      reset(random) {
        ;[steps, truncated] = [0, false]
        game.rewards.fill(0)
        for (const i of [0, 1]) told[i] = random.integer(2)
      },
      step(actions, row) {
        for (const i of [0, 1]) game.rewards[i] = actions[i].data[2 * row + told[i]]
        truncated = ++steps >= maxCycles
      },
      observe(agent, row) { row.set([told[agent], 1 - told[agent]]) },
      save: () => ({ told: Float64Array.from(told), steps, truncated, rewards: game.rewards }),
      restore(saved) {
        ;[steps, truncated] = [saved.steps, saved.truncated]
        game.rewards.set(saved.rewards)
        for (const i of [0, 1]) told[i] = saved.told[i]
      },
      script(agent, actions, row) { for (const k of [0, 1]) actions.data[2 * row + k] = told[agent] === k ? 1 : 0 },
      measure: () => ({ told: told[0] + told[1] }),
      handles: { drag() {} },
      frames: {
        schema: {
          kind: 'particles', extent: 1, size: 4, fields: [{ name: 'position', offset: 0, size: 4 }],
          entities: ids.map((id, agent) => ({ id, kind: 'agent', agent, team: 'teller', size: 0.1, color: [0, 0, 1], collides: false })),
        },
        write(row) { row.set([told[0], 0, told[1], 0.5]) },
      },
    }
    ${change}
    return game
  },
})
`,
  )
  return file
}
