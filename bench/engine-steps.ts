// Environment steps through the rxjs engine: random policies, observations and rewards included.
import { lastValueFrom, Observable, take } from 'rxjs'
import type { Tick } from '../src/engine/clock.ts'
import { simulate } from '../src/engine/simulate.ts'
import { createVectorGame } from '../src/envs/vector-game.ts'
import { createRandom } from '../src/random.ts'
import { resolveConfig } from '../src/run/config/config.ts'
import { gameOf, policiesOf } from '../src/run/run.ts'

/** Of every game: an episode of simple_spread. */
export const stepsOfUnit = 25

/** Each call plays a unit of joint steps. */
export function createEngine(scenario: Readonly<Record<string, unknown>>, games: number): () => Promise<void> {
  const config = resolveConfig({ scenario })
  const vectorGame = createVectorGame({
    create: gameOf(config),
    games,
    random: game => createRandom(1, 'game', game),
    keptSteps: 2,
  })
  const policies = policiesOf('random', vectorGame.games, 1)
  const tick: Tick = { take: () => true }
  const ticks$ = new Observable<Tick>(subscriber => subscriber.next(tick))
  return async () => {
    await lastValueFrom(ticks$.pipe(simulate(vectorGame, policies), take(stepsOfUnit)))
  }
}
