// A process that trains run folders to their ends, with the parts of `marlstrom train` and nothing else, so that it starts quickly:
// node trainer-process.mjs <folder> <config as JSON> ... Says `ready` when it begins to train.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { record } from '../../dist/src/experiment/record.js'
import { createRunFolder, openRunFolder } from '../../dist/src/experiment/run-folder.js'
import { countersOf, train } from '../../dist/src/experiment/trainer.js'
import { lockTrainer } from '../../dist/src/experiment/trainer-lock.js'
import { createRun } from '../../dist/src/run/run.js'

const given = process.argv.slice(2)
for (let i = 0; i < given.length; i += 2) await trainOn(given[i], JSON.parse(given[i + 1]))

async function trainOn(path, config) {
  const lock = lockTrainer(path, { option: '--resume' })
  const isNew = !existsSync(join(path, 'config.json'))
  const folder = isNew ? createRunFolder(path, config, lock) : openRunFolder(path, lock).folder
  const run = await createRun(config, folder)
  if (folder.hasCheckpoint) run.restore(folder.readCheckpoint())
  folder.cutMetrics(countersOf(run).episodes)
  process.stdout.write('ready\n')
  await lastValueFrom(train(run).pipe(record(run, folder)), { defaultValue: null })
  lock.release()
  run.dispose()
}
