// Trainings in the random game, whose agents have masks, wait, come late, leave and return: cut in their midst and gone on with.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { readCheckpoint, writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import { evaluate } from '../../src/experiment/evaluate.ts'
import { train } from '../../src/experiment/trainer.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import { algorithms, evaluationOf, type Run } from '../../src/run/run.ts'
import { observed } from './observed.ts'
import { tempFolder } from './temp-folder.ts'
import { ticks } from './ticks.ts'
import { tinyConfig, tinyRun } from './tiny-config.ts'
import { learnsFromReplay, playsBoxes, settingsIn, smallRounds } from './tiny-roster.ts'

/** Forbidden actions, and actions of the absent, are errors of this game. */
const game = join(import.meta.dirname, '../fixtures/random-game.ts')

/** An algorithm trains in it without a fault and does nothing that is forbidden; after a cut it goes on to the bit. */
export async function expectResumable(id: string, settings: Overrides): Promise<void> {
  const isOverReplay = learnsFromReplay(algorithms[id]!)
  const config: Overrides = {
    ...settings,
    scenario: { id: game, maxCycles: 12, boxes: playsBoxes(algorithms[id]!), ...settings.scenario },
    learner: settingsIn(algorithms[id]!, {
      algorithm: id,
      ...(isOverReplay ? {} : smallRounds(algorithms[id]!, { rolloutEpisodes: 2, valueSteps: 2 })),
      ...legal(id, settings.learner),
    }),
    network: { hidden: [6], ...settings.network },
    run: { episodes: 1000, games: 2 },
  }
  const { learner: _, ...withoutReplay } = tinyConfig
  const base = isOverReplay ? tinyConfig : withoutReplay
  const whole = await tinyRun(config, base)
  play(whole, 45)
  const resumed = await tinyRun(config, base)
  resumed.restore(readCheckpoint(checkpointOf(whole)))
  for (const run of [whole, resumed]) play(run, 50)
  expect(whole.rounds.finished).toBeGreaterThan(1)
  const [end, other] = [whole, resumed].map(checkpointOf)
  expect(readFileSync(end!).equals(readFileSync(other!))).toBe(true)
  expect(evaluate(evaluationOf(whole, 'trained', 'sample', 50)).episodes).toBe(50)
}

/** Without the one time limit that an algorithm refuses. */
function legal(id: string, { timeLimit, ...others }: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return timeLimit === undefined || (id === 'coma' && timeLimit === 'bootstrap') ? others : { timeLimit, ...others }
}

function play(run: Run, count: number): void {
  expect(observed(train(run, { clock$: ticks(count) })).errors).toEqual([])
}

function checkpointOf(run: Run): string {
  const file = join(tempFolder(), 'checkpoint')
  writeCheckpoint(file, run.save())
  return file
}
