// Actors in two threads against the same actors in one: environment steps by wall time, merged into the joint steps that learners take.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { ActorGames } from '../src/actors/actor-games.ts'
import { createRun } from '../src/run/run.ts'
import { type Benchmark, takeTurns } from './figure.ts'

/** Environment steps of a turn, at least. */
const turnSteps = 400_000
const rolloutSteps = 50
const lag = 1
const sizes = [
  ['simple_spread', 64],
  ['simple_spread', 512],
  ['simple_tag', 64],
  ['simple_tag', 512],
] as const

export const actorThreads: Benchmark = {
  name: 'actor-threads',
  description:
    'environment steps that four actors collect, two threads against one, wall time; what two processes that only count reach on these cores; wants two free ones',
  async run(report) {
    report(await countingFigure())
    for (const [scenario, games] of sizes) {
      const [one, two] = await Promise.all([1, 2].map(threads => createCollector(scenario, games, threads)))
      const batches = Math.ceil(turnSteps / games / rolloutSteps)
      const [alone, together] = (await takeTurns(5, [() => one!.collect(batches), () => two!.collect(batches)])) as [
        number,
        number,
      ]
      report({
        name: `actor-threads/${scenario}/games-${games}`,
        value: (batches * rolloutSteps * games) / together,
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
  collect(batches: number): Promise<void>
  dispose(): void
}

async function createCollector(scenario: string, games: number, threads: number): Promise<Collector> {
  const { actors, dispose } = await createRun({
    scenario: { id: scenario },
    learner: { algorithm: 'ppo', rolloutSteps },
    run: { games, actors: 4, actorThreads: threads, threads: 1, lag },
  })
  let collected = 0
  return {
    async collect(batches) {
      collected += batches
      await collect(actors!, collected * rolloutSteps, (collected + lag + 1) * rolloutSteps * games)
    },
    dispose,
  }
}

/**
 * Takes joint steps, up to so many since the beginning, and learns nothing. Then waits until all that was asked for is played, so many
 * environment steps: a turn is as much play as it takes steps, and nobody plays in another's turn.
 */
async function collect(actors: ActorGames, steps: number, asked: number): Promise<void> {
  const played = () => actors.standings().reduce((sum, { envSteps }) => sum + envSteps, 0)
  while (actors.steps < steps || !actors.prepare() || played() < asked) {
    if (actors.steps < steps && actors.prepare()) actors.advance()
    else {
      actors.look(100)
      await new Promise(resolve => setImmediate(resolve))
    }
  }
}

/**
 * A second of arithmetic in the processor's registers, twelve sums side by side so that its units are busy: two threads of one core would not
 * do twice as much. Prints how much it was.
 */
const chains = Array.from({ length: 12 }, (_, i) => `x${i}`)
const counting = `
  let count = 0
  for (const end = performance.now() + 1000; performance.now() < end; count++) {
    let ${chains.map(x => `${x} = 1`).join(', ')}
    for (let i = 0; i < 1e4; i++) { ${chains.map((x, i) => `${x} = ${x} * 1.0000001 + ${i + 1}e-9`).join('; ')} }
    if (${chains.join(' + ')} < 0) break
  }
  console.log(count)`

async function countingFigure() {
  const count = async () => Number((await promisify(execFile)(process.execPath, ['-e', counting])).stdout)
  const alone = await count()
  const together = (await Promise.all([count(), count()])).reduce((sum, each) => sum + each)
  return {
    name: 'actor-threads/counting',
    value: (together * chains.length) / 100,
    unit: 'million additions/s, two processes',
    against: 'one',
    ratio: together / alone,
  }
}
