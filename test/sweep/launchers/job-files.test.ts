// Jobs as numbered files, and numbers as Slurm writes them.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { TrainJob } from '../../../src/jobs/train-job.ts'
import { noteFailure, openJobFiles, readJob } from '../../../src/sweep/launchers/job-files.ts'
import { rangesOf } from '../../../src/sweep/launchers/slurm.ts'
import { tempFolder } from '../../support/temp-folder.ts'

const job = (folder: string, episodes: number) =>
  ({ folder, config: { run: { episodes } }, objective: null }) as unknown as TrainJob

describe('job files', () => {
  it('number jobs from 0, the same job by the same number, also in another process', () => {
    const sweep = tempFolder()
    const files = openJobFiles(sweep)
    expect([files.numberOf(job('a', 1)), files.numberOf(job('b', 1)), files.numberOf(job('a', 1))]).toEqual([0, 1, 0])
    const later = openJobFiles(sweep)
    expect([later.numberOf(job('a', 2)), later.numberOf(job('b', 1))]).toEqual([2, 1])
    expect(readJob(sweep, 2)).toEqual(job('a', 2))
  })

  it('keep why a job failed, until it is forgotten', () => {
    const sweep = tempFolder()
    const files = openJobFiles(sweep)
    files.numberOf(job('a', 1))
    expect(files.failureOf(0)).toBeUndefined()
    noteFailure(sweep, 0, { reason: 'diverged', wrong: false })
    expect(files.failureOf(0)).toEqual({ reason: 'diverged', wrong: false })
    files.forgetFailure(0)
    expect(files.failureOf(0)).toBeUndefined()
  })

  it('say what is wrong with them', () => {
    const sweep = tempFolder()
    const { folder } = openJobFiles(sweep)
    expect(() => readJob(sweep, 7)).toThrow(/7.json is not there/)
    writeFileSync(join(folder, '8.json'), '{')
    expect(() => readJob(sweep, 8)).toThrow(/8.json: damaged/)
  })
})

describe('numbers of an array', () => {
  it('are ranges', () => {
    expect(rangesOf([3])).toBe('3')
    expect(rangesOf([7, 1, 2, 3, 9, 10])).toBe('1-3,7,9-10')
  })
})
