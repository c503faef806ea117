// A page that plays offline, exported from a small run that has learnt nothing.
import { onTestFinished } from 'vitest'
import { exportPage } from '../../src/api/export-page.ts'
import { createRun, createRunFolder, openRunFolder } from '../../src/index.ts'
import { tempFolder } from './temp-folder.ts'

export async function exportedPage() {
  const run = await createRun({
    scenario: { id: 'simple_tag', rules: 'openai', maxCycles: 20 },
    network: { hidden: [16, 16] },
    replay: { capacity: 2048 },
    learner: { updateAfter: 1024 },
    run: { seed: 3, threads: 1 },
  })
  onTestFinished(() => run.dispose())
  const path = tempFolder()
  createRunFolder(`${path}/run`, run.config)
  const { file } = await exportPage(run, openRunFolder(`${path}/run`).folder, path)
  return { run, file }
}
