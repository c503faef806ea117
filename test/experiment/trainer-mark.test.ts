// The mark of the process that trains in a folder: whom it means, and whether that process is still there.
import { spawn } from 'node:child_process'
import { existsSync, utimesSync, writeFileSync } from 'node:fs'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import {
  describe as inWords,
  isAlive,
  isTraining,
  silentAfter,
  type Trainer,
  thisTrainer,
  trainerFile,
  trainerOf,
  whereabouts,
} from '../../src/experiment/trainer-mark.ts'
import { tempFolder } from '../support/temp-folder.ts'

const here = thisTrainer('token')

it('means this process', () => {
  expect(here).toMatchObject({ pid: process.pid, host: hostname(), token: 'token' })
  expect(whereabouts(here)).toBe('alive')
  expect(inWords(here)).toBe(`process ${process.pid} on ${hostname()}`)
})

it.runIf(existsSync('/proc/self/stat'))(
  'does not mean a process that was given the same id later, or by another system',
  () => {
    expect(whereabouts({ ...here, began: '1' })).toBe('gone')
    expect(whereabouts({ ...here, system: 'another boot' })).toBe('elsewhere')
    expect(whereabouts({ ...here, host: 'another host' })).toBe('elsewhere')
  },
)

it('of an older version is the id alone', () => {
  const folder = tempFolder()
  const write = (text: string) => writeFileSync(join(folder, trainerFile), text)
  expect(trainerOf(folder)).toBeNull()
  write(String(process.ppid))
  expect(trainerOf(folder)).toEqual({ pid: process.ppid, host: null, system: null, began: null, token: null })
  expect(whereabouts(trainerOf(folder)!)).toBe('alive')
  write(String(process.pid))
  expect(whereabouts(trainerOf(folder)!)).toBe('gone')
  for (const torn of ['', '{"pid":', 'no', 'null', '"7"']) {
    write(torn)
    expect(trainerOf(folder)!.pid).toBeNaN()
    expect(isTraining(folder, trainerOf(folder)!)).toBe(false)
  }
})

it('of another host counts while it is renewed', () => {
  const folder = tempFolder()
  const far: Trainer = { ...here, host: 'far' }
  writeFileSync(join(folder, trainerFile), JSON.stringify(far))
  expect(isTraining(folder, trainerOf(folder)!)).toBe(true)
  const before = (Date.now() - silentAfter - 1000) / 1000
  utimesSync(join(folder, trainerFile), before, before)
  expect(isTraining(folder, trainerOf(folder)!)).toBe(false)
})

it('tells a process that runs from one that does not', () => {
  expect(isAlive(process.pid)).toBe(true)
  expect(isAlive(2 ** 31 - 2)).toBe(false)
  for (const none of [0, -1, Number.NaN]) expect(isAlive(none)).toBe(false)
})

it.runIf(process.platform === 'linux')(
  'does not take a process that has ended for one that runs, noticed or not',
  async () => {
    // The shell's child ends at once; the shell itself has become `sleep`, which never asks after it.
    const child = spawn('sh', ['-c', 'sleep 0.1 & echo $!; exec sleep 20'])
    onTestFinished(() => void child.kill('SIGKILL'))
    const id = Number(await new Promise(heard => child.stdout.once('data', heard)))
    await expect.poll(() => isAlive(id)).toBe(false)
    expect(() => process.kill(id, 0)).not.toThrow()
  },
)
