// Best responses: in matching pennies, whoever plays one side too often loses to an opponent that was trained against it.
import { lastValueFrom } from 'rxjs'
import { expect, it, onTestFinished } from 'vitest'
import { bestResponseTo } from '../../src/crossplay/best-response.ts'
import { seatsOf } from '../../src/crossplay/seats.ts'
import { createRunFolder } from '../../src/experiment/run-folder.ts'
import { train } from '../../src/experiment/trainer.ts'
import { createRun } from '../../src/run/run.ts'
import { tempFolder } from '../support/temp-folder.ts'

it('take from a team that can be read, and leave the run as it was', async () => {
  const run = await createRun({
    scenario: { id: 'matrix_game', game: 'matching_pennies' },
    learner: { batch: 64, updateEvery: 25, updateAfter: 500 },
    network: { hidden: [16] },
    run: { episodes: 300, threads: 1 },
  })
  onTestFinished(() => run.dispose())
  await lastValueFrom(train(run))
  const path = tempFolder()
  const folder = createRunFolder(path, run.config)
  folder.writeCheckpoint(1, run.save())
  const before = run.save()

  const [, second] = seatsOf(run.agents)
  const partner = { mean: 8, standardError: 0.1, low: 7.8, high: 8.2 }
  const options = { episodes: 200, mode: 'sample', seed: 0, training: 500 } as const
  const answer = await bestResponseTo({ label: 'run', path, run, folder }, second!, partner, options)
  expect(answer).toMatchObject({ run: path, label: 'run', team: 'agent_1', training: 500, partner })
  // A step wins or loses 1, an episode has 10: always guessed right is -10, a fair coin 0.
  expect(answer.response.mean).toBeLessThan(-6)
  expect(answer.exploitability).toBe(partner.mean - answer.response.mean)
  expect(run.save()).toEqual(before)
})
