// Cost of one agent's step in worlds of 3 to 3,000 agents, against the same worlds with everyone compared with everyone.
import { simple_spread } from '../scenarios/simple_spread.ts'
import type { Search } from '../src/envs/contacts.ts'
import { createParticleGame } from '../src/envs/particle-game.ts'
import { defineScenario } from '../src/envs/scenario.ts'
import { createRandom } from '../src/random.ts'
import { type Benchmark, takeTurns } from './figure.ts'

const cycles = 25

export const agents: Benchmark = {
  name: 'agents',
  description: 'one step of one agent in a crowd: actions, physics, rewards, and observations of the nearest five',
  async run(report) {
    for (const count of [3, 10, 30, 100, 300, 1000, 3000]) {
      const turns = count < 1000 ? 6 : 2
      // Enough episodes for the clock to tell, in small worlds.
      const episodes = Math.max(1, Math.round(1000 / count))
      const steps = count * cycles * episodes
      const unit = 'ns per agent-step'
      const name = `agents/${count}`
      const ours = createCrowd(count, 'auto', episodes)
      // 3,000 agents compared one by one take minutes and tell nothing that 1,000 do not.
      if (count === 3000) {
        const [mine] = (await takeTurns(turns, [ours])) as [number]
        report({ name, value: (1e9 * mine) / steps, unit })
        continue
      }
      const [mine, theirs] = (await takeTurns(turns, [ours, createCrowd(count, 'pairs', episodes)])) as [number, number]
      report({ name, value: (1e9 * mine) / steps, unit, against: 'all pairs', ratio: theirs / mine })
    }
  },
}

/** Each call plays whole episodes of simple_spread with as much room per agent as three have in the published world. */
function createCrowd(count: number, search: Search, episodes: number): () => void {
  const side = Math.sqrt(count / 3)
  const crowd = defineScenario({
    ...simple_spread,
    world: scene => ({ ...simple_spread.world(scene), search }),
    reset({ world, random }) {
      for (const { position } of world.entities) position.set(random.between(-side, side), random.between(-side, side))
    },
  })
  const game = createParticleGame(crowd, { agents: count, agentNeighbors: 5, landmarkNeighbors: 5 })
  const random = createRandom(1, 'crowd')
  const actions = game.agents.map(() => ({ rows: 1, columns: 5, data: new Float32Array(5) }))
  const rows = game.agents.map(agent => new Float64Array(agent.observationSize))
  return () => {
    for (let episode = 0; episode < episodes; episode++) {
      game.reset(random)
      for (let cycle = 0; cycle < cycles; cycle++) {
        for (const { data } of actions) {
          data.fill(0)
          data[random.integer(5)] = 1
        }
        game.step(actions, 0)
        for (let agent = 0; agent < count; agent++) game.observe(agent, rows[agent]!)
      }
    }
  }
}
