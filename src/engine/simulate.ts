// Ticks become joint steps: policies act, all games move.
import { Observable, type OperatorFunction } from 'rxjs'
import type { Act, Policy } from '../agents/policy.ts'
import type { VectorGame } from '../envs/vector-game.ts'
import { NonFiniteError } from '../errors.ts'
import type { JointStep } from '../types.ts'
import type { Tick } from './clock.ts'

/**
 * Emits joint steps while a tick has room and `hold` does not say stop. Policies are in agent order and explore.
 * An error of a game or a policy is the stream's error.
 * @see examples/simulate.ts
 */
export function simulate(
  vectorGame: VectorGame,
  policies: readonly Policy[],
  hold: () => boolean = () => false,
): OperatorFunction<Tick, JointStep> {
  return ticks$ =>
    new Observable(subscriber =>
      ticks$.subscribe({
        next(tick) {
          try {
            while (!subscriber.closed && !hold() && tick.take()) {
              actAll(policies, vectorGame)
              subscriber.next(vectorGame.advance())
            }
          } catch (error) {
            subscriber.error(actionsToBlame(vectorGame) ?? error)
          }
        },
        error: error => subscriber.error(error),
        complete: () => subscriber.complete(),
      }),
    )
}

/**
 * A game that cannot go on may have been moved by actions that are no numbers: then learning is the cause. `games`: all that step at once
 * with these.
 */
export function actionsToBlame({ next, agents, games: own }: VectorGame, games = own.length): NonFiniteError | null {
  const index = next.actions.findIndex(({ data }) => !data.every(Number.isFinite))
  if (index < 0) return null
  const { id } = agents[index]!
  const envStep = next.step * games
  return new NonFiniteError(`${id}: actor: the actions are not finite (environment step ${envStep})`, {
    agent: id,
    network: 'actor',
    envStep,
  })
}

/**
 * Every policy writes its actions and extras into the vector game's next step.
 * @example
 * ```ts
 * import { actAll, createRandom, createVectorGame, gameOf, policiesOf } from 'marlstrom'
 *
 * const create = gameOf({ scenario: { id: 'simple_spread' } })
 * const games = createVectorGame({ create, games: 4, random: game => createRandom(1, 'game', game) })
 * actAll(policiesOf('scripted', games.games, 1), games)
 * console.log(games.advance().rewards.rows, games.steps) // 4 1
 * ```
 */
export function actAll(policies: readonly Policy[], vectorGame: VectorGame, explore = true): void {
  for (let agent = 0; agent < policies.length; agent++) act(policies, agent, vectorGame, explore)
}

/** The same an agent at a time, so that others have their turn in between. */
export function* acting(policies: readonly Policy[], vectorGame: VectorGame, explore = true): Generator<void, void> {
  for (let agent = 0; agent < policies.length; agent++) {
    act(policies, agent, vectorGame, explore)
    yield
  }
}

function act(policies: readonly Policy[], agent: number, game: VectorGame, explore: boolean): void {
  const { next, begun, acting } = game
  const request: Act = {
    observations: next.observations[agent]!,
    restarted: begun[agent]!,
    ...(acting === null ? {} : { present: acting[agent]! }),
    explore,
    actions: next.actions[agent]!,
    extras: next.extras[agent]!,
  }
  policies[agent]!.act(request)
}
