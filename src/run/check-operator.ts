// Tries an operator of a user's on joint steps of a game: its rules, whether it comes out the same every time, and whether a cut changes anything.
import { Subject } from 'rxjs'
import type { OperatorDefinition } from '../engine/operator.ts'
import { actAll } from '../engine/simulate.ts'
import { createVectorGame } from '../envs/vector-game.ts'
import { createTrainingOperators } from '../experiment/training-operators.ts'
import { fingerprint } from '../fingerprint.ts'
import { createRandom } from '../random.ts'
import { copySaved } from '../saved.ts'
import type { JointStep, Saved } from '../types.ts'
import { gameOf } from './find-game.ts'
import { policiesOf } from './policies.ts'

/** What an operator is tried in: `checkOperator`. */
export interface OperatorCheck {
  /** Default: simple_spread with episodes of 10 steps. */
  readonly scenario?: { readonly id: string; readonly [option: string]: unknown }
  /** Games side by side. Default: 3. */
  readonly games?: number
  /** Default: 60. */
  readonly steps?: number
  readonly seed?: number
}

/** What came of one step: rewards, state, figures and options, as text. */
type Told = string

/**
 * Plays by chance and hands the steps to the operator, twice from the beginning and once from each of its states.
 * @returns what is wrong with it, in a sentence; null: nothing was found
 * @throws ConfigError for a scenario that there is not
 */
export function checkOperator(definition: OperatorDefinition, check: OperatorCheck = {}): string | null {
  const { scenario = { id: 'simple_spread', maxCycles: 10 }, games = 3, steps: count = 60, seed = 1 } = check
  const vectorGame = createVectorGame({
    create: gameOf({ scenario }),
    games,
    random: game => createRandom(seed, 'game', game),
  })
  const policies = policiesOf('random', vectorGame.games, seed)
  const steps = Array.from({ length: count }, () => {
    actAll(policies, vectorGame)
    return vectorGame.advance()
  })
  const begin = () => begun(definition, { agents: vectorGame.agents, games, seed })
  try {
    const [first, again] = [begin(), begin()]
    const states: Saved[] = []
    const whole: Told[] = []
    for (const step of steps) {
      states.push(copySaved(first.save()))
      whole.push(first.take(step))
      if (again.take(step) === whole.at(-1)) continue
      return `operator '${definition.name}': two of it that saw the same steps differ at step ${step.step}; expected a function of them and of random(), no clock and no other chance`
    }
    for (let from = 1; from < count; from++) {
      const resumed = begin()
      resumed.restore(states[from]!)
      const at = steps.findIndex((step, i) => i >= from && resumed.take(step) !== whole[i])
      if (at < 0) continue
      return `operator '${definition.name}': restored from what it saved before step ${from + 1}, it differs at step ${at + 1}; expected save to give all that it keeps, and restore to take it over (scan, pairwise and their like keep something too)`
    }
    return null
  } catch (error) {
    return (error as Error).message
  }
}

function begun(
  definition: OperatorDefinition,
  about: Pick<Parameters<typeof createTrainingOperators>[0], 'agents' | 'games' | 'seed'>,
) {
  let options: unknown = {}
  const vary = (wanted: unknown) => {
    options = wanted
  }
  const operators = createTrainingOperators({ ...about, vectorGame: () => ({ vary }) })
  const steps$ = new Subject<JointStep>()
  let out: JointStep | null = null
  let failure: unknown = null
  /** From the first step on: what it is restored from comes before. */
  const attach = () => {
    operators.attach([definition])
    steps$.pipe(operators.through!).subscribe({
      next(step) {
        out = step
      },
      error(error) {
        failure = error
      },
    })
  }
  let isAttached = false
  return {
    save: () => operators.save(),
    restore: (saved: Saved) => operators.restore(saved),
    take(step: JointStep): Told {
      if (!isAttached) attach()
      isAttached = true
      steps$.next(step)
      if (failure !== null) throw failure
      return JSON.stringify([
        [...out!.rewards.data],
        String(fingerprint(operators.save())),
        operators.figures(),
        options,
      ])
    },
  }
}
