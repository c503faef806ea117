// Games in worker threads against the same games in one: environment steps by wall time, through the rxjs engine, random actions.
import { lastValueFrom, Observable, take } from 'rxjs'
import type { Tick } from '../src/engine/clock.ts'
import { simulate } from '../src/engine/simulate.ts'
import { createRandom } from '../src/random.ts'
import { resolveConfig } from '../src/run/config/config.ts'
import { optionsIn } from '../src/run/find-game.ts'
import { gameOf, policiesOf } from '../src/run/run.ts'
import { createGamesInThreads } from '../src/run/threads/games-in-threads.ts'
import { type Benchmark, takeTurns } from './figure.ts'

/** Environment steps of a turn. */
const turnSteps = 300_000
const sizes = [
  ['simple_spread', 256],
  ['simple_spread', 4096],
  ['simple_world_comm', 256],
] as const

export const stepThreads: Benchmark = {
  name: 'step-threads',
  description: 'environment steps of wide games, two threads against one, wall time; wants two free cores',
  async run(report) {
    for (const [scenario, games] of sizes) {
      const [one, two] = [1, 2].map(threads => createEngine(scenario, games, threads)) as [Engine, Engine]
      const steps = Math.round(turnSteps / games)
      await two.run(2)
      const [alone, together] = (await takeTurns(8, [() => one.run(steps), () => two.run(steps)])) as [number, number]
      if (two.threads() !== 2) throw new Error(`step-threads: expected 2 threads, got ${two.threads()}`)
      report({
        name: `step-threads/${scenario}/games-${games}`,
        value: (steps * games) / together,
        unit: 'environment steps/s',
        against: 'one thread',
        ratio: alone / together,
      })
      two.dispose()
    }
  },
}

interface Engine {
  run(steps: number): Promise<void>
  threads(): number
  dispose(): void
}

function createEngine(scenario: string, games: number, threads: number): Engine {
  const config = resolveConfig({ scenario: { id: scenario } })
  const create = gameOf(config)
  const vectorGame = createGamesInThreads({
    create,
    games,
    random: game => createRandom(1, 'game', game),
    extras: create().agents.map(() => []),
    states: false,
    threads,
    keptSteps: 1,
    hookSeconds: 0,
    spreadAfter: 1,
    source: { scenario, options: optionsIn(config), seed: 1 },
  })
  const policies = policiesOf('random', vectorGame.games, 1)
  const tick: Tick = { take: () => true }
  const ticks$ = new Observable<Tick>(subscriber => subscriber.next(tick))
  return {
    run: async steps => void (await lastValueFrom(ticks$.pipe(simulate(vectorGame, policies), take(steps)))),
    threads: () => vectorGame.threads,
    dispose: () => vectorGame.dispose(),
  }
}
