// Runs whose numbers are no longer finite: a diagnosis and an intact checkpoint, or back to the rollback point with smaller steps.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom, toArray } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { NonFiniteError } from '../../src/errors.ts'
import { type RecordedEvent, record } from '../../src/experiment/record.ts'
import { createRecovery } from '../../src/experiment/recovery.ts'
import { createRunFolder, openRunFolder, type RunFolder } from '../../src/experiment/run-folder.ts'
import { countersOf, train } from '../../src/experiment/trainer.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import type { Run } from '../../src/run/run.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'

/** Learns from episode 12 of 30 on, in steps so long that numbers overflow soon. */
const doomed: Overrides = {
  learner: { learningRate: 1e8, updateAfter: 120 },
  run: { tensorboard: false },
}
const saved: Overrides = {
  ...doomed,
  run: { ...doomed.run, divergence: 'rollback', rollbackFactor: 1e-11 },
}

describe('a run that diverges', () => {
  it('stops with agent, network, round, step and the last finite figures; its checkpoint is as it was', async () => {
    const { run, folder, error } = await failing(doomed)
    const { divergence, message } = error
    expect(divergence).toMatchObject({
      agent: expect.stringMatching(/^agent_[012]$/),
      network: expect.stringMatching(/^(actor|critic)$/),
      updateRound: run.rounds.finished + 1,
      envStep: countersOf(run).envSteps,
    })
    for (const figure of ['criticLoss', 'actorLoss']) expect(divergence!.lastFigures![figure]).toBeTypeOf('number')
    expect(message).toMatch(
      /^agent_\d: .*\(update round \d+, environment step \d+\); last finite figures of agent_\d: /,
    )
    expect(message).toMatch(
      /--fork .* goes on from it, with a smaller learner\.learningRate or with run\.divergence=rollback$/,
    )
    expect(readdirSync(join(folder.path, 'checkpoints'))).toEqual(['000000010.safetensors'])
    const again = await tinyRun(doomed)
    again.restore(openRunFolder(folder.path).folder.readCheckpoint())
    expect(countersOf(again).episodes).toBe(10)
    for (const learner of again.roster) {
      for (const network of learner.actor.networks) expect(network.parameters.every(Number.isFinite)).toBe(true)
    }
  })

  it('goes back to its rollback point, learns slower, and comes to its end', async () => {
    const run = await tinyRun(saved)
    const folder = newFolder()
    const events = await trained(run, folder)
    const rollbacks = events.filter(event => event.type === 'rollback')
    expect(rollbacks).toMatchObject([{ rollback: { episodes: 10, rateScale: 1e-11 }, reason: expect.any(String) }])
    expect(run.recovery!.rollbacks).toEqual(rollbacks.map(({ rollback }) => rollback))
    expect(countersOf(run).episodes).toBe(30)
    expect(metricsOf(folder).map(({ episodes, rollbacks }) => [episodes, rollbacks])).toEqual([
      [5, 0],
      [10, 0],
      [15, 1],
      [20, 1],
      [25, 1],
      [30, 1],
    ])
    expect(folder.checkpoints).toEqual([20, 30])
  })

  it('comes to the same bits however often it is interrupted, around the rollback too', async () => {
    const whole = await tinyRun(saved)
    const folder = newFolder()
    await trained(whole, folder)
    for (const pace of [23, 61]) {
      const parts = newFolder()
      let run = await tinyRun(saved)
      let count = 0
      for (; countersOf(run).episodes < 30; count++) {
        if (count > 0) {
          run = await tinyRun(saved)
          const { folder } = openRunFolder(parts.path)
          run.restore(folder.readCheckpoint())
          folder.cutMetrics(countersOf(run).episodes)
        }
        await trained(run, parts, pace)
      }
      expect(count).toBeGreaterThan(4)
      expect(run.save()).toEqual(whole.save())
      expect(metricsOf(parts)).toEqual(metricsOf(folder))
    }
  })

  it('stops after so many rollbacks all the same, with the last rollback point', async () => {
    const { folder, error, run } = await failing({
      ...saved,
      run: { ...saved.run, rollbackFactor: 0.5, rollbacks: 2 },
    })
    expect(error.message).toContain('; 2 rollbacks did not help; ')
    expect(run.recovery!.rollbacks.map(({ rateScale }) => rateScale)).toEqual([0.5, 0.25])
    expect(openRunFolder(folder.path).folder.readCheckpoint()).toMatchObject({ tracker: { finished: 10 } })
  })

  it('keeps what it has gone back to when it is restored elsewhere', async () => {
    const run = await tinyRun(saved)
    const before = run.save() as object
    expect(before).not.toHaveProperty('rollbacks')
    run.recovery!.note(10, { agent: 'agent_0', network: 'critic', tensor: 'layer0.bias', updateRound: 3, envStep: 140 })
    const again = await tinyRun(saved)
    again.restore(run.save())
    expect(again.recovery!.rollbacks).toEqual(run.recovery!.rollbacks)
    expect(again.recovery!.rateScale).toBe(1e-11)
    again.restore(before as never)
    expect(again.recovery!.rateScale).toBe(1)
  })

  it('blames the learners, not the game, where actions are not finite', async () => {
    const run = await tinyRun({ ...saved, learner: { updateAfter: 1000 } })
    const broken = run.policies[1]!
    const policies = run.policies.map(policy =>
      policy === broken
        ? { ...policy, act: ({ actions }: Parameters<typeof policy.act>[0]) => void actions.data.fill(Number.NaN) }
        : policy,
    )
    const error = await lastValueFrom(train({ ...run, policies }, { clock$: ticks(10) })).catch(error => error)
    expect(error).toBeInstanceOf(NonFiniteError)
    expect(error.divergence).toMatchObject({ agent: 'agent_1', network: 'actor' })
    expect(error.message).toMatch(/^agent_1: actor: the actions are not finite \(environment step 1\)/)
  })
})

describe('a recovery', () => {
  it('that stops allows no rollback', () => {
    const recovery = createRecovery({ divergence: 'stop', rollbacks: 3, rollbackFactor: 0.5 })
    expect([recovery.possible, recovery.keepsPoints, recovery.rateScale]).toEqual([false, false, 1])
  })

  it('multiplies the rate with every rollback, as often as it may', () => {
    const recovery = createRecovery({ divergence: 'rollback', rollbacks: 2, rollbackFactor: 0.1 })
    expect(recovery.note(5, {})).toMatchObject({ episodes: 5, rateScale: 0.1, agent: null })
    expect(recovery.possible).toBe(true)
    expect(recovery.note(5, {}).rateScale).toBeCloseTo(0.01, 12)
    expect(recovery.possible).toBe(false)
  })
})

function newFolder(): RunFolder {
  return createRunFolder(join(tempFolder(), 'run'), {})
}

function trained(run: Run, folder: RunFolder, count = 1e6): Promise<RecordedEvent[]> {
  return lastValueFrom(train(run, { clock$: ticks(count) }).pipe(record(run, folder), toArray()))
}

async function failing(settings: Overrides): Promise<{ run: Run; folder: RunFolder; error: NonFiniteError }> {
  const run = await tinyRun(settings)
  const folder = newFolder()
  const error = await trained(run, folder).then(
    () => null,
    error => error,
  )
  expect(error).toBeInstanceOf(NonFiniteError)
  return { run, folder, error }
}

/** metrics.jsonl without its times. */
function metricsOf(folder: RunFolder): Record<string, number>[] {
  return readFileSync(join(folder.path, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(
      line => Object.fromEntries(Object.entries(JSON.parse(line)).filter(([key]) => !key.startsWith('time/'))) as never,
    )
}
