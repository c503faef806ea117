// What a time limit means to learners over replay: terminate is as if the rules had ended the episode, drop as if the step had not been.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { algorithms } from '../../src/run/run.ts'
import type { Batch } from '../../src/types.ts'
import { agentsIn, hasActionCritics, randomBatch, spaces, tinyRoster } from '../support/tiny-roster.ts'

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const rows = 8
const agents = agentsIn(spaces.mixed, ['good', 'good', 'bad'])
/** Rows in which the episode ended; of them row 2 by the rules for the agent that learns. */
const over = [0, 1, 1, 0, 0, 1, 0, 0]
const cut = [1, 5]

function batchOf(change: (batch: Batch) => void = () => {}): Batch {
  const batch = randomBatch(backend, agents, rows, 1)
  batch.terminated.data[2 * agents.length] = 1
  change(batch)
  return { ...batch, over: { rows, columns: 1, data: Float32Array.from(over) } }
}

describe.each(Object.values(algorithms).filter(hasActionCritics))('$id', algorithm => {
  const learn = (timeLimit: 'bootstrap' | 'terminate' | 'drop', batch: Batch) => {
    const roster = tinyRoster(backend, algorithm, agents, { rows, learner: { timeLimit } })
    const figures = [0, 1].map(() => roster[0]!.update(batch, roster))
    return { figures, saved: structuredClone(roster[0]!.save()) }
  }

  it('may take a cut for an end by the rules', () => {
    const ended = batchOf(({ terminated }) => {
      for (const row of cut) terminated.data[row * agents.length] = 1
    })
    expect(learn('terminate', batchOf())).toEqual(learn('bootstrap', ended))
    expect(learn('terminate', batchOf()).saved).not.toEqual(learn('bootstrap', batchOf()).saved)
  })

  it('may learn nothing from a step that was cut', () => {
    const without = batchOf(({ present }) => {
      for (const row of cut) present.data[row * agents.length] = 0
    })
    expect(learn('drop', batchOf())).toEqual(learn('bootstrap', without))
    expect(learn('drop', batchOf()).saved).not.toEqual(learn('bootstrap', batchOf()).saved)
  })

  it('must be told where episodes ended', () => {
    const { over: _, ...batch } = batchOf()
    for (const timeLimit of ['terminate', 'drop'] as const) {
      expect(() => learn(timeLimit, batch)).toThrow(
        'batch: expected rows that say where episodes ended (over), got none',
      )
    }
    expect(() => learn('bootstrap', batch)).not.toThrow()
  })
})
