// A run that was trained with operators of its own: resumed with them alone, forked without them.
import { join } from 'node:path'
import { lastValueFrom, map } from 'rxjs'
import { expect, it, onTestFinished } from 'vitest'
import { layersOf } from '../../src/cli/options/settings.ts'
import { defineOperator, withRewards } from '../../src/engine/operator.ts'
import { readStarts } from '../../src/experiment/environment.ts'
import { record } from '../../src/experiment/record.ts'
import { openRunFolder } from '../../src/experiment/run-folder.ts'
import { train } from '../../src/experiment/trainer.ts'
import { type StartOptions, startRun } from '../../src/starting/start-run.ts'
import { observed } from '../support/observed.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'

const halved = defineOperator({
  name: 'halved',
  create: () => ({ operator: map(step => withRewards(step, reward => reward / 2)) }),
})

async function started(options: Partial<StartOptions>, notes: string[] = []) {
  const { run, folder, lock } = await startRun({ layers: [], note: sentence => void notes.push(sentence), ...options })
  onTestFinished(() => {
    lock.release()
    run.dispose()
  })
  return { run, folder, lock }
}

it('is refused to a resume without them before anything of it is lost, and goes on with them', async () => {
  const out = join(tempFolder(), 'run')
  const set = [
    'run.episodes=20',
    'run.logEvery=5',
    'scenario.maxCycles=10',
    'learner.batch=16',
    'learner.updateAfter=60',
  ]
  const first = await started({ layers: layersOf({ set }, 'simple_spread'), out })
  const operators = [halved]
  await lastValueFrom(train(first.run, { clock$: ticks(93), operators }).pipe(record(first.run, first.folder)))
  first.lock.release()
  // The line at a stop is taken back whenever a run goes on.
  const before = openRunFolder(out).folder.readMetrics().slice(0, -1)

  const more = layersOf({ set: ['run.episodes=40'] })
  await expect(started({ layers: more, resume: out, operators: [] })).rejects.toThrow(
    /^operators: the run was trained with/,
  )
  expect(openRunFolder(out).config).toMatchObject({ run: { episodes: 20 } })
  expect(openRunFolder(out).folder.readMetrics().at(-1)).toMatchObject({ episodes: 9 })
  const without = await started({ resume: out })
  const { errors } = observed(train(without.run, { clock$: ticks(1e6) }).pipe(record(without.run, without.folder)))
  expect(String(errors[0])).toMatch(
    /^ConfigError: operators: the run was trained with operator 'halved', got no operators/,
  )
  without.lock.release()
  expect(openRunFolder(out).folder.readMetrics()).toEqual(before)

  const again = await started({ resume: out })
  await lastValueFrom(train(again.run, { clock$: ticks(1e6), operators }).pipe(record(again.run, again.folder)))
  again.lock.release()
  expect(openRunFolder(out).folder.readMetrics().at(-1)).toMatchObject({ episodes: 20 })

  const notes: string[] = []
  const path = join(tempFolder(), 'fork')
  const fork = await started({ layers: layersOf({ set: ['run.episodes=25'] }), fork: out, out: path }, notes)
  const sentence = expect.stringMatching(/^the operators of its parent \('halved'\) are left behind/)
  expect(notes).toEqual([sentence])
  expect(readStarts(path).at(-1)).toMatchObject({ how: 'fork', remarks: [sentence] })
  await lastValueFrom(train(fork.run, { clock$: ticks(1e6) }).pipe(record(fork.run, fork.folder)))
  expect(fork.run.tracker.finished).toBe(25)
  expect(fork.run.save()).not.toHaveProperty('operators')
})
