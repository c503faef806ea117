// What makes two configs the same: one hash for all that matters to what is learnt, and differences by name.
import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { Overrides } from '../../../src/run/config/config.ts'
import { describeDifferences, differences, identityOf } from '../../../src/run/config/config-identity.ts'
import { completeSettings, planRun } from '../../../src/run/plan.ts'
import { canonicalJson } from '../../../src/text/canonical-json.ts'

const spread: Overrides = { scenario: { id: 'simple_spread' } }
const identity = async (given: Overrides) => {
  const plan = await planRun(given)
  return identityOf({ ...plan, settings: completeSettings(plan) })
}

describe('the identity of a config', () => {
  it('is the hash of the rest as canonical JSON', async () => {
    const { sha256, ...rest } = await identity(spread)
    expect(sha256).toBe(createHash('sha256').update(canonicalJson(rest)).digest('hex'))
    expect(rest).toMatchObject({ scenarioVersion: 1, scenarioCode: null, settings: { scenario: { agents: 3 } } })
  })

  it('does not depend on how the settings were given', async () => {
    const plain = await identity(spread)
    const said = await identity({
      learner: { gamma: 0.95 },
      scenario: { agents: 3, id: 'simple_spread', rules: 'openai' },
    })
    expect(said.sha256).toBe(plain.sha256)
  })

  it('does not depend on what changes nothing that is learnt', async () => {
    const { sha256 } = await identity(spread)
    const elsewhere = { episodes: 5, threads: 2, logEvery: 7, checkpointEvery: 9 }
    expect((await identity({ ...spread, run: elsewhere })).sha256).toBe(sha256)
  })

  it.each<Overrides>([
    { learner: { gamma: 0.9 } },
    { run: { seed: 2 } },
    { scenario: { id: 'simple_spread', agents: 4 } },
    { run: { divergence: 'rollback' } },
    { run: { kernels: 'relaxed' } },
  ])('depends on %j', async given => {
    expect((await identity({ ...spread, ...given })).sha256).not.toBe((await identity(spread)).sha256)
  })

  it('depends on checkpoints where a run goes back to them', async () => {
    const rollback = (checkpointEvery: number) =>
      identity({ ...spread, run: { divergence: 'rollback', checkpointEvery } })
    expect((await rollback(10)).sha256).not.toBe((await rollback(20)).sha256)
  })
})

describe('canonical JSON', () => {
  it('has one spelling', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'ä"' }], a: undefined, 10: 1e-8, 9: true })).toBe(
      '{"10":1e-8,"9":true,"b":[1,{"c":"ä\\"","d":null}]}',
    )
  })
})

describe('differences', () => {
  it('are named one by one, new and missing settings too', () => {
    const found = differences(
      { run: { seed: 1, old: 2 }, same: { a: { x: 1, y: 2 } } },
      { same: { a: { y: 2, x: 1 } }, run: { seed: 2 }, team: { a: 'ddpg' } },
    )
    expect(describeDifferences(found)).toBe('run.seed 1 -> 2, team.a none -> "ddpg", run.old 2 -> none')
  })
})
