// Random action masks, and what an estimator under one takes the gradient of, in double precision over the allowed alternatives alone.
import type { EstimatorKind } from '../../src/agents/estimators.ts'
import { derivedKey, type NoiseKey, type Random } from '../../src/random.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import type { AgentSpec, Batch, Matrix } from '../../src/types.ts'
import { plainUniform } from './plain-noise.ts'

/** [rows, actionSize] At least one alternative of each choice is allowed; 1 in the columns of boxes. */
export function randomMask(random: Random, rows: number, space: ActionSpace, share = 0.5): Matrix {
  const columns = actionSize(space)
  const data = new Float32Array(rows * columns).fill(1)
  for (let at = 0; at < data.length; ) {
    for (const { kind, size } of space) {
      const kept = random.integer(size)
      for (let c = 0; kind === 'choice' && c < size; c++)
        if (c !== kept && random.between(0, 1) < share) data[at + c] = 0
      at += size
    }
  }
  return { rows, columns, data }
}

/** The places of every choice in rows of actions, with the indices of the alternatives that a mask allows. */
export function allowedChoices(
  space: ActionSpace,
  mask: Matrix,
): { readonly at: number; readonly size: number; readonly allowed: readonly number[] }[] {
  const found = []
  for (let at = 0; at < mask.data.length; ) {
    for (const { kind, size } of space) {
      const indices = Array.from({ length: size }, (_, c) => at + c)
      if (kind === 'choice') found.push({ at, size, allowed: indices.filter(i => mask.data[i] === 1) })
      at += size
    }
  }
  return found
}

/**
 * For a space of choices alone: the numbers whose gradient an estimator takes, as a function of the logits, with all that it holds fixed
 * taken from the logits `x0` and the actions that were executed. Alternatives that are not allowed have the number 0.
 */
export function maskedStandIn(
  kind: EstimatorKind,
  space: ActionSpace,
  mask: Matrix,
  x0: Float64Array,
  actions: ArrayLike<number>,
  key: NoiseKey,
  temperature: number,
  samples: number,
): (x: Float64Array) => Float64Array {
  const choices = allowedChoices(space, mask)
  const shiftsOf = (allowed: readonly number[]): number[][] => {
    const gumbel = (i: number) => -Math.log(-Math.log(plainUniform(key, i)))
    if (kind === 'soft' || kind === 'straightThrough') return [allowed.map(gumbel)]
    const chosen = allowed.find(i => actions[i] === 1)!
    if (kind === 'gapped') {
      const largest = Math.max(...allowed.map(i => x0[i]!))
      return [allowed.map(i => (i === chosen ? largest - x0[i]! : -Math.max(0, x0[i]! + 1 - largest)))]
    }
    const total = allowed.reduce((sum, i) => sum + Math.exp(x0[i]!), 0)
    return Array.from({ length: samples }, (_, k) => {
      const exponential = (i: number) => -Math.log(plainUniform(derivedKey(key, k), i))
      const least = exponential(chosen) / total
      return allowed.map(i => {
        const perturbed = i === chosen ? -Math.log(least) : -Math.log(exponential(i) / Math.exp(x0[i]!) + least)
        return perturbed - x0[i]!
      })
    })
  }
  const fixed = choices.map(({ allowed }) => shiftsOf(allowed))
  return x => {
    const to = new Float64Array(x.length)
    choices.forEach(({ allowed }, p) => {
      for (const shifts of fixed[p]!) {
        const exps = shifts.map((shift, c) => Math.exp((x[allowed[c]!]! + shift) / temperature))
        const sum = exps.reduce((a, b) => a + b)
        allowed.forEach((i, c) => {
          to[i]! += exps[c]! / sum / fixed[p]!.length
        })
      }
    })
    return to
  }
}

/** The same batch under masks, its actions legal under them: a forbidden number goes to an alternative that is allowed. */
export function maskedBatch(
  batch: Batch,
  agents: readonly AgentSpec[],
  masks: readonly Matrix[],
  nextMasks: readonly Matrix[],
): Batch {
  batch.actions.forEach(({ data }, agent) => {
    for (const { allowed, at, size } of allowedChoices(agents[agent]!.actionSpace, masks[agent]!)) {
      for (let i = at; i < at + size; i++) {
        if (allowed.includes(i)) continue
        data[allowed[0]!]! += data[i]!
        data[i] = 0
      }
    }
  })
  return {
    ...batch,
    observations: batch.observations.map((seen, agent) => ({ ...seen, mask: masks[agent]! })),
    nextObservations: batch.nextObservations.map((seen, agent) => ({ ...seen, mask: nextMasks[agent]! })),
  }
}
