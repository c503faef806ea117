// The clock of another thread: processor time where the system tells it, else time on the wall, with six times the patience.
import { Worker } from 'node:worker_threads'
import { expect, it } from 'vitest'
import { systemThread, systemTime, type ThreadTime, threadClock } from '../../src/authoring/thread-clock.ts'

/** A clock that is looked at every fifth of a second, for so many seconds. */
function passing(seconds: number, read: (at: number) => ThreadTime | null) {
  let at = 0
  const clock = threadClock(
    () => read(at),
    () => 1000 * at,
  )
  for (let n = 0; n < Math.round(5 * seconds); n++) {
    at += 0.2
    clock.look()
  }
  return clock
}

it('counts what the thread has worked', () => {
  const half = (at: number) => ({ seconds: at / 2, waits: false })
  expect(passing(9.6, half).passed(5)).toBe(false)
  expect(passing(10.4, half).passed(5)).toBe(true)
})

it('counts nothing while the thread is ready to run and gets no processor', () => {
  expect(passing(1000, () => ({ seconds: 3, waits: false })).passed(5)).toBe(false)
})

it.each<[string, ThreadTime | null]>([
  ['waits for something', { seconds: 3, waits: true }],
  ['is not told about', null],
])('has six times the patience with a thread that %s', (_, time) => {
  expect(passing(29, () => time).passed(5)).toBe(false)
  expect(passing(31, () => time).passed(5)).toBe(true)
})

it('begins anew', () => {
  const clock = passing(100, at => ({ seconds: at, waits: false }))
  clock.restart()
  expect(clock.passed(5)).toBe(false)
})

it.runIf(process.platform === 'linux')('reads the time of a thread that works and of one that waits', async () => {
  const own = systemTime(systemThread())
  const before = own()!.seconds
  for (let n = 0; own()!.seconds < before + 0.05; n++) Math.sqrt(n)
  const code = `const { readlinkSync } = require('fs'); require('worker_threads').parentPort.postMessage(readlinkSync('/proc/thread-self'));
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)`
  const worker = new Worker(code, { eval: true })
  const thread = await new Promise<string>(told => worker.once('message', told))
  await expect.poll(() => systemTime(thread)()?.waits, { timeout: 20_000 }).toBe(true)
  await worker.terminate()
  expect(systemTime('0/task/0')()).toBeNull()
  expect(systemTime(undefined)()).toBeNull()
})
