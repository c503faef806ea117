// Environment steps per second through the rxjs engine, random actions, observations and rewards included.
import { lastValueFrom, Observable, take } from 'rxjs'
import type { Tick } from '../src/engine/clock.ts'
import { simulate } from '../src/engine/simulate.ts'
import { createVectorGame } from '../src/envs/vector-game.ts'
import { createRandom } from '../src/random.ts'
import { resolveConfig } from '../src/run/config/config.ts'
import { gameOf, policiesOf } from '../src/run/run.ts'
import { type Benchmark, takeTurns } from './figure.ts'
import { createPlainSpread } from './peers/plain-spread.ts'

const vectorSteps = 5000

export const steps: Benchmark = {
  name: 'steps',
  description: 'environment steps through the engine, one core',
  async run(report) {
    for (const scenario of ['simple_spread', 'simple_tag', 'simple_world_comm']) {
      for (const games of scenario === 'simple_spread' ? [32, 1] : [32]) {
        const engine = createEngine(scenario, games)
        const plain = createPlainSpread(games)
        const [ours, theirs] = (await takeTurns(8, [
          () => engine(),
          () => {
            for (let i = 0; i < vectorSteps; i++) plain.step()
          },
        ])) as [number, number]
        report({
          name: games === 32 ? `steps/${scenario}` : `steps/${scenario}/games-${games}`,
          value: (vectorSteps * games) / ours,
          unit: 'environment steps/s',
          against: 'a hand-written typed-array loop of simple_spread',
          ratio: theirs / ours,
        })
      }
    }
  },
}

/** Each call sends `vectorSteps` joint steps through the engine's operators. */
function createEngine(scenario: string, games: number): () => Promise<void> {
  const config = resolveConfig({ scenario: { id: scenario } })
  const vectorGame = createVectorGame({ create: gameOf(config), games, random: game => createRandom(1, 'game', game) })
  const policies = policiesOf('random', vectorGame.games, 1)
  const tick: Tick = { take: () => true }
  const ticks$ = new Observable<Tick>(subscriber => subscriber.next(tick))
  return async () => {
    await lastValueFrom(ticks$.pipe(simulate(vectorGame, policies), take(vectorSteps)))
  }
}
