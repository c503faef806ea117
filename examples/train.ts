// Trains MADDPG on cooperative navigation and prints the training return as it goes.
import { createRun, train } from 'marlstrom'

const run = await createRun({ scenario: { id: 'simple_spread' }, run: { episodes: 2_000, seed: 1 } })

train(run).subscribe({
  next(event) {
    if (event.type === 'metrics') console.log(`episode ${event.line.episodes}: ${event.line['return/agent_0']}`)
  },
  error: console.error,
  complete: () => console.log(`trained in ${run.rounds.finished} update rounds`),
})
