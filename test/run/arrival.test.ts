// Runs in order of arrival: where one thread plays in turn they learn what a fixed order does, each step once, also when resumed from anywhere.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import { train } from '../../src/experiment/trainer.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import type { Run } from '../../src/run/run.ts'
import type { Saved, SavedRows } from '../../src/types.ts'
import { observed } from '../support/observed.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyConfig, tinyRun } from '../support/tiny-config.ts'

const { learner: _, ...withoutLearner } = tinyConfig
const base = layer(withoutLearner, { run: { games: 4, episodes: 48, threads: 1, actorThreads: 0 } })
const training = (learner: Overrides['learner'], run: Overrides['run'] = {}, more: Overrides = {}) =>
  layer(base, { learner, run, scenario: { id: 'simple_spread' }, ...more } as Overrides)
const ppo = { algorithm: 'ppo', rolloutSteps: 12, epochs: 2 } as const
const maddpg = { algorithm: 'maddpg', batch: 16, updateEvery: 20, updateAfter: 60 } as const
const arrival = { actorOrder: 'arrival' } as const

/** What was learnt: every network with its optimizer. */
async function learnt(settings: Overrides): Promise<string> {
  const run = await tinyRun({}, settings)
  go(run, 4000)
  expect(run.rounds.finished).toBeGreaterThan(3)
  return hashOf(run.roster.map(member => member.save()))
}

function hashOf(saved: Saved): string {
  const file = join(tempFolder(), 'saved')
  writeCheckpoint(file, saved)
  return createHash('sha256').update(readFileSync(file)).digest('hex')
}

function go(run: Run, count: number): void {
  expect(observed(train(run, { clock$: ticks(count) })).errors).toEqual([])
}

describe('where one thread plays all actors in turn', () => {
  const steps = { episodes: null, steps: 1200 }
  it.each([
    ['rollouts', ppo, {}],
    ['memories of policy and V', { ...ppo, criticMemory: 5, chunkSteps: 4 }, { network: { memory: 6 } }],
    ['segments that are kept', { algorithm: 'ppg', rolloutSteps: 12 }, {}],
    [
      'no actors but one over a replay buffer',
      { ...maddpg, returnSteps: 3 },
      { run: { actors: 1, lag: 0, trajectorySteps: 1 } },
    ],
  ] as const)('%s: the bits of a fixed order', async (_, learner, more) => {
    const { run = {}, ...rest } = more as Overrides
    const settings = training(
      learner as Overrides['learner'],
      { actors: 4, lag: 0, trajectorySteps: 12, ...steps, ...run },
      rest,
    )
    const whole = await learnt(settings)
    expect(await learnt(layer(settings, { run: arrival }))).toBe(whole)
  })
})

it('over a replay buffer every step is there once, in its game, however often the run is resumed in its midst', async () => {
  const settings = training(
    maddpg,
    { actors: 4, trajectorySteps: 6, ...arrival, episodes: null, steps: 1500 },
    { replay: { capacity: 2000 } },
  )
  let run = await tinyRun({}, settings)
  const taken = new Set<string>()
  for (let part = 0; run.vectorGame.steps < 1500; part++) {
    go(run, 701)
    const file = join(tempFolder(), 'checkpoint')
    writeCheckpoint(file, run.save())
    run = await tinyRun({}, settings)
    run.restore(readCheckpoint(file))
    expect(part).toBeLessThan(200)
  }
  const { rows } = (run.save() as unknown as { replay: { rows: SavedRows } }).replay
  expect([rows.first, rows.end]).toEqual([0, 1500])
  const [sight, actions] = [3 * 18, 3 * 5]
  /** By game, what it saw last. */
  const seen = new Map<number, Float32Array>()
  let gaps = 0
  for (const piece of rows.pieces) {
    for (let at = 0; at < piece.length; at += rows.columns) {
      const row = piece.slice(at, at + rows.columns)
      taken.add(row.join())
      const mark = row.at(-1)!
      const game = Math.abs(mark)
      // Of a game that goes on the last row leads to this one, but where an episode of ten steps was over.
      const before = seen.get(game)
      const isOver = before === undefined || before.at(-2) === 1
      const goesOn =
        before !== undefined && row.subarray(0, sight).every((number, i) => number === before[sight + actions + i])
      if (mark < 0) gaps++
      else if (!isOver) expect(goesOn, `a row of game ${game}`).toBe(true)
      seen.set(game, row)
    }
  }
  expect(taken.size).toBe(1500)
  expect([...seen.keys()].sort()).toEqual([1, 2, 3, 4])
  expect(gaps).toBeGreaterThan(4)
})

describe('refuses', () => {
  it.each([
    [
      training(ppo, { actors: 2, trajectorySteps: 20, ...arrival }),
      /^run\.trajectorySteps: expected a multiple of learner\.rolloutSteps 12 in order of arrival/,
    ],
    [
      { ...training(ppo, { actors: 2, ...arrival }), scenario: { id: 'tic_tac_toe' } },
      /^run\.actorOrder: expected fixed where agents wait \(player_0\)/,
    ],
  ])('%#', async (settings, message) => {
    await expect(tinyRun({}, settings)).rejects.toThrow(message)
  })
})

it('learns from whole episodes that are spread over trajectories', async () => {
  const settings = training(
    { algorithm: 'reinforce', rolloutEpisodes: 4 },
    { actors: 4, trajectorySteps: 6, ...arrival },
  )
  const run = await tinyRun({}, settings)
  go(run, 60)
  const resumed = await tinyRun({}, settings)
  resumed.restore(run.save())
  go(resumed, 4000)
  expect(resumed.tracker.finished).toBe(48)
  expect(resumed.rounds.finished).toBeGreaterThanOrEqual(11)
})
