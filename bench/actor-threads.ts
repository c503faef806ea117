// Actors in two threads against the same actors in one: environment steps by wall time, merged into the joint steps that learners take.
import type { ActorGames } from '../src/actors/actor-games.ts'
import { createRun } from '../src/run/run.ts'
import { type Benchmark, takeTurns } from './figure.ts'

/** Environment steps of a turn. */
const turnSteps = 200_000
const sizes = [
  ['simple_spread', 64],
  ['simple_spread', 512],
  ['simple_tag', 64],
] as const

export const actorThreads: Benchmark = {
  name: 'actor-threads',
  description: 'environment steps that four actors collect, two threads against one, wall time; wants two free cores',
  async run(report) {
    for (const [scenario, games] of sizes) {
      const [one, two] = await Promise.all([1, 2].map(threads => createCollector(scenario, games, threads)))
      const steps = Math.round(turnSteps / games)
      const [alone, together] = (await takeTurns(6, [() => one!.collect(steps), () => two!.collect(steps)])) as [
        number,
        number,
      ]
      report({
        name: `actor-threads/${scenario}/games-${games}`,
        value: (steps * games) / together,
        unit: 'environment steps/s',
        against: 'one thread',
        ratio: alone / together,
      })
      one!.dispose()
      two!.dispose()
    }
  },
}

interface Collector {
  collect(steps: number): Promise<void>
  dispose(): void
}

async function createCollector(scenario: string, games: number, threads: number): Promise<Collector> {
  const { actors, dispose } = await createRun({
    scenario: { id: scenario },
    learner: { algorithm: 'ppo', rolloutSteps: 50 },
    run: { games, actors: 4, actorThreads: threads, threads: 1 },
  })
  return { collect: steps => collect(actors!, steps), dispose }
}

/** Takes joint steps and learns nothing. */
async function collect(actors: ActorGames, steps: number): Promise<void> {
  for (let taken = 0; taken < steps; ) {
    if (actors.prepare()) {
      actors.advance()
      taken++
    } else {
      actors.look(100)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
}
