// An operator of a user's, held to its rules: a joint step for a joint step, at once, and nothing changed but rewards.
import { type MonoTypeOperatorFunction, Observable, Subject } from 'rxjs'
import { fieldsOf, type StepField } from '../envs/joint-step.ts'
import { ConfigError, NonFiniteError } from '../errors.ts'
import type { AgentSpec, JointStep } from '../types.ts'
import type { OperatorParts } from './operator.ts'

/** Rewards are looked at in every step; whether something else was written over, in the first ones and in every so many-th. */
const closely = 64

/**
 * The operator with its rules. What breaks one is an error of the stream that names the operator, the rule and the vector step: TypeError,
 * NonFiniteError for a reward that is none; what the operator throws itself is the `cause` of one.
 */
export function guarded(
  name: string,
  { operator }: Pick<OperatorParts, 'operator'>,
  agents: readonly Pick<AgentSpec, 'id'>[],
): MonoTypeOperatorFunction<JointStep> {
  return source$ =>
    new Observable(subscriber => {
      const input$ = new Subject<JointStep>()
      /** What came out for the step that is inside; null: none is. */
      let out: JointStep[] | null = null
      let steps = 0
      const refuse = (sentence: string, { step }: Pick<JointStep, 'step'>) =>
        subscriber.error(new TypeError(`operator '${name}': ${sentence} (vector step ${step})`))
      const inner = input$.pipe(operator).subscribe({
        next(step) {
          if (out !== null) out.push(step)
          else
            refuse(
              'expected joint steps while one comes in, got one at another time; no delay, timer or promise may stand in it',
              step,
            )
        },
        error: error => subscriber.error(ownError(name, error)),
        complete: () =>
          refuse('expected it to go on as long as steps come, got its end; to stop early there is stopWhen', {
            step: steps,
          }),
      })
      const outer = source$.subscribe({
        next(step) {
          steps = step.step
          const rewards = step.rewards.data.slice()
          const before = step.step <= closely || step.step % closely === 0 ? fieldsOf(step).map(copied) : null
          out = []
          input$.next(step)
          const came = out
          out = null
          if (subscriber.closed) return
          if (came.length !== 1) {
            refuse(
              `expected one joint step for each, at once, got ${came.length || 'none'}; none may be dropped, held back or added`,
              step,
            )
            return
          }
          const [changed] = came as [JointStep]
          const written = before?.find(({ data, copy }) => !isSame(data, copy))?.name
          if (written !== undefined || !isSame(step.rewards.data, rewards)) {
            refuse(`wrote over '${written ?? 'rewards'}' of the step; expected a new step: see withRewards`, step)
            return
          }
          const problem = changed === step ? null : faultOf(name, step, changed, agents)
          if (problem === null) subscriber.next(changed)
          else if (typeof problem === 'string') refuse(problem, step)
          else subscriber.error(problem)
        },
        error: error => subscriber.error(error),
        complete: () => subscriber.complete(),
      })
      return () => {
        outer.unsubscribe()
        inner.unsubscribe()
      }
    })
}

/** What is wrong with what an operator made of a step; null: nothing. */
function faultOf(
  name: string,
  step: JointStep,
  changed: JointStep,
  agents: readonly Pick<AgentSpec, 'id'>[],
): string | NonFiniteError | null {
  const keys = Object.keys(step) as (keyof JointStep)[]
  const other = keys.find(key => key !== 'rewards' && changed[key] !== step[key])
  if (other !== undefined) {
    return `changed '${other}'; expected the same array: agents acted by it, so that rewards alone may be others`
  }
  const { rows, columns, data } = step.rewards
  const to = changed.rewards
  if (
    to?.rows !== rows ||
    to.columns !== columns ||
    !(to.data instanceof Float32Array) ||
    to.data.length !== data.length
  ) {
    return `expected rewards of ${rows} games and ${columns} agents, in a Float32Array, got ${shapeOf(to)}`
  }
  for (let at = 0; at < data.length; at++) {
    const value = to.data[at]!
    if (Object.is(value, data[at])) continue
    const who = `${agents[at % columns]!.id} in game ${Math.floor(at / columns)}`
    if (!Number.isFinite(value)) {
      const what = `operator '${name}': expected a finite reward of ${agents[at % columns]!.id}, got ${value} for ${data[at]} of the game`
      return new NonFiniteError(what, undefined, { game: Math.floor(at / columns) })
    }
    if (step.present[at] === 0)
      return `changed the reward of ${who}, which does not act in the step, to ${value}; expected ${data[at]}`
  }
  return null
}

function ownError(name: string, error: unknown): unknown {
  if (error instanceof ConfigError) return error
  const said = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
  return new TypeError(`operator '${name}' threw ${said}`, { cause: error })
}

function copied({ name, data }: StepField) {
  return { name, data, copy: data.slice() }
}

function isSame(one: Float32Array | Uint8Array, other: Float32Array | Uint8Array): boolean {
  for (let i = 0; i < one.length; i++) if (!Object.is(one[i], other[i])) return false
  return true
}

function shapeOf(rewards: unknown): string {
  const { rows, columns, data } = (rewards ?? {}) as { rows?: unknown; columns?: unknown; data?: unknown }
  const kind = (data as object | undefined)?.constructor?.name ?? 'no array'
  return `${rows} and ${columns}, in ${kind}${ArrayBuffer.isView(data) ? ` of ${(data as Float32Array).length}` : ''}`
}
