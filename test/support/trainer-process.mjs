// A process that trains a run folder to its end, with the parts of `marlstrom train` and nothing else, so that it starts quickly:
// node trainer-process.mjs <folder> <config as JSON>. Says `ready` when it begins to train.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { record } from '../../dist/src/experiment/record.js'
import { createRunFolder, openRunFolder } from '../../dist/src/experiment/run-folder.js'
import { countersOf, train } from '../../dist/src/experiment/trainer.js'
import { lockTrainer } from '../../dist/src/experiment/trainer-lock.js'
import { createRun } from '../../dist/src/run.js'

const [folderPath, config] = process.argv.slice(2)
const lock = lockTrainer(folderPath, { option: '--resume' })
const isNew = !existsSync(join(folderPath, 'config.json'))
const folder = isNew ? createRunFolder(folderPath, JSON.parse(config), lock) : openRunFolder(folderPath, lock).folder
const run = await createRun(JSON.parse(config), folder)
if (folder.hasCheckpoint) {
  run.restore(folder.readCheckpoint())
  folder.cutMetrics(countersOf(run).episodes)
} else folder.cutMetrics(0)
process.stdout.write('ready\n')
await lastValueFrom(train(run).pipe(record(run, folder)), { defaultValue: null })
lock.release()
run.dispose()
