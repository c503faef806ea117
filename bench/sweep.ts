// A sweep of 32 short trials in two processes, against the ideal: the trials one after the other, shared by two cores without loss.
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { compiledFile } from '../src/installation/package-folder.ts'
import type { Benchmark } from './figure.ts'

const trials = 32

/** About two seconds each, of which most is update rounds; equally long, so that what is measured is the sweep. */
const settings = {
  base: {
    scenario: { id: 'simple_spread' },
    learner: { batch: 256, updateAfter: 2500 },
    run: { episodes: 1000 },
  },
  space: { 'learner.learningRate': { log: [0.0003, 0.03] }, 'learner.gamma': { uniform: [0.8, 0.99] } },
  strategy: 'sobol',
  trials,
  objective: { measure: 'evaluation', episodes: 100 },
}

export const sweep: Benchmark = {
  name: 'sweep',
  description: `${trials} short trials in two processes`,
  async run(report) {
    const folder = mkdtempSync(join(tmpdir(), 'marlstrom-bench-'))
    try {
      const file = join(folder, 'sweep.json')
      writeFileSync(file, JSON.stringify(settings))
      await sweepSeconds(file, join(folder, 'one'), 1)
      // In one process, without its start: each trial as if nothing else had to be done.
      const alone = trialSeconds(join(folder, 'one'))
      const wall = await sweepSeconds(file, join(folder, 'two'), 2)
      report({ name: 'sweep/trial', value: alone / trials, unit: 's for a trial alone' })
      report({
        name: 'sweep/two-processes',
        value: wall,
        unit: 's from start to end',
        against: 'the ideal, half the time of all trials alone',
        ratio: alone / 2 / wall,
      })
      // What the two took from each other: cores share caches, memory and sometimes more.
      report({
        name: 'sweep/beside-another',
        value: trialSeconds(join(folder, 'two')) / trials,
        unit: 's for a trial beside another',
        against: 'alone',
        ratio: alone / trialSeconds(join(folder, 'two')),
      })
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

/** Seconds of the whole command. */
async function sweepSeconds(file: string, out: string, jobs: number): Promise<number> {
  const began = performance.now()
  const args = [compiledFile('cli/main.js'), 'sweep', file, '--out', out, '--jobs', String(jobs), '--json']
  await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 })
  return (performance.now() - began) / 1000
}

/** Of all trials, as they measured it themselves: from the look into the folder to the end of the evaluation. */
function trialSeconds(out: string): number {
  const lines = readFileSync(join(out, 'trials.jsonl'), 'utf8').trim().split('\n')
  const seconds = lines.flatMap(line => (JSON.parse(line) as { seeds: { seconds: number }[] }).seeds)
  return seconds.reduce((sum, seed) => sum + seed.seconds, 0)
}
