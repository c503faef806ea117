// Gumbel-Rao beside straight-through on every problem at every temperature.
import { afterAll, beforeAll, describe, it } from 'vitest'
import { linear, quadratic } from '../../bench/estimator-problem.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { expectGumbelRao } from '../support/gumbel-rao.ts'

describe('the gradient of a choice by Gumbel-Rao', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  it.each([
    ['linear', linear],
    ['quadratic', quadratic],
  ] as const)('has the mean of straight-through with less variance, the less the more samples (%s)', (_, problem) => {
    for (const temperature of [1, 0.5]) expectGumbelRao(backend, problem, temperature)
  })
})
