// Plays one episode with a loop of one's own: actions by agent id in, observations and rewards by agent id out.
import { createRandom, parallelGame, scenarios } from 'marlstrom'

const game = parallelGame(scenarios.simple_spread!, { agents: 3 })
const random = createRandom(1, 'actions')
let total = 0
let steps = 0

game.reset({ seed: 1 })
while (game.agents.length > 0) {
  const actions = Object.fromEntries(game.agents.map(id => [id, random.integer(5)]))
  const { rewards } = game.step(actions)
  total += rewards.agent_0!
  steps++
}
console.log(`agent_0 got ${total.toFixed(1)} in ${steps} steps`)
