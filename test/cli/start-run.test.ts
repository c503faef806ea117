// A run that goes on: what is damaged beside its checkpoint is said and mended, and never stops it.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { startRun } from '../../src/cli/start-run.ts'
import { readStarts } from '../../src/experiment/environment.ts'
import { record } from '../../src/experiment/record.ts'
import { train } from '../../src/experiment/trainer.ts'
import { tempFolder } from '../support/temp-folder.ts'

const set = [
  ...['scenario.maxCycles=5', 'learner.batch=8', 'learner.updateAfter=20', 'network.hidden=[4]', 'replay.capacity=100'],
  ...['run.episodes=10', 'run.logEvery=5', 'run.tensorboard=false'],
]

const said: string[] = []
beforeEach(() => {
  said.length = 0
  vi.spyOn(console, 'error').mockImplementation(text => void said.push(String(text)))
})
afterEach(() => void vi.restoreAllMocks())

async function trained(): Promise<string> {
  const path = join(tempFolder(), 'run')
  const { run, folder, lock } = await startRun('simple_spread', { out: path, set })
  await lastValueFrom(train(run).pipe(record(run, folder)))
  lock.release()
  run.dispose()
  return path
}

async function resumed(path: string): Promise<void> {
  const { run, folder, lock } = await startRun(undefined, { resume: path, episodes: 15 })
  await lastValueFrom(train(run).pipe(record(run, folder)))
  lock.release()
  run.dispose()
}

describe('environment.json', () => {
  const harms: Readonly<Record<string, (text: string) => string>> = {
    'that is no JSON': text => text.slice(0, 100),
    'that is empty': () => '',
    'of another format': text => text.replace('marlstrom-environment/1', 'marlstrom-environment/7'),
    'with an entry that is none': text => text.replace(/"starts": \[/, '"starts": [null, '),
  }
  for (const [how, harm] of Object.entries(harms)) {
    it(`${how} is said, kept aside and begun anew; the run goes on`, async () => {
      const path = await trained()
      const file = join(path, 'environment.json')
      const damaged = harm(readFileSync(file, 'utf8'))
      writeFileSync(file, damaged)
      await resumed(path)
      expect(said.join('\n')).toContain(`${file}: `)
      expect(said.join('\n')).not.toContain('config.json')
      expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(damaged)
      const [start, ...others] = readStarts(path)
      expect(others).toEqual([])
      expect(start).toMatchObject({ how: 'resume', episodes: 10, remarks: [expect.stringContaining(file)] })
    })
  }

  it('that is missing is written again without a word', async () => {
    const path = await trained()
    rmSync(join(path, 'environment.json'))
    await resumed(path)
    expect(said).toEqual([])
    expect(readStarts(path)).toHaveLength(1)
  })

  it('with a changed setting is not taken for a change of config.json, which is still found', async () => {
    const path = await trained()
    const file = join(path, 'environment.json')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"gamma": 0.95', '"gamma": 0.85'))
    await resumed(path)
    expect(said.join()).toContain(`${file}: damaged: the settings of the last start are not those of their sha256`)
    const config = join(path, 'config.json')
    writeFileSync(config, readFileSync(config, 'utf8').replace('"gamma": 0.95', '"gamma": 0.85'))
    await expect(resumed(path)).rejects.toThrow(/learner.gamma: was changed in .*config\.json/)
  })
})

describe('metrics.jsonl', () => {
  it('that was damaged is said on the way, noted, and mended', async () => {
    const path = await trained()
    const file = join(path, 'metrics.jsonl')
    writeFileSync(file, readFileSync(file, 'utf8').replace('"episodes":5', '"episodes":4'))
    await resumed(path)
    expect(said.join('\n')).toMatch(/metrics\.jsonl: damaged: of the 2 lines .*, checksums hold for 1, which go on/)
    expect(readStarts(path).at(-1)!.remarks).toEqual([expect.stringContaining('metrics.jsonl: damaged')])
    const lines = readFileSync(file, 'utf8').trim().split('\n')
    expect(lines.map(line => JSON.parse(line).episodes)).toEqual([10, 15])
    expect(readdirSync(path)).toContain('metrics.jsonl.damaged')
    await resumed(path)
    expect(said.filter(sentence => sentence.includes('metrics.jsonl'))).toHaveLength(1)
    expect(existsSync(`${file}.damaged-2`)).toBe(false)
  })
})

it('that begins has no rows to leave out', () => {
  const begin = () => startRun('simple_spread', { out: join(tempFolder(), 'run'), withoutDamagedRows: true })
  expect(begin).toThrow('--without-damaged-rows: expected --resume or --fork beside it')
})
