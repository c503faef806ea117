// Killed before every single call that changes the disk, half of what it writes being written: the run goes on as if nothing had been.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, it, onTestFinished } from 'vitest'
import { expectWhole, killable, outcomeOf, trainApart, trainOn } from '../support/killable.ts'

const preload = ['--import', resolve(import.meta.dirname, '../support/failpoint.mjs')]
/** Two checkpoints and the last one, segments between them. */
const config = killable(150)
const sideBySide = 3

it('a run that is killed between any two of its calls to the system goes on bit for bit', async () => {
  const base = mkdtempSync(join(tmpdir(), 'marlstrom-failpoints-'))
  onTestFinished(() => rmSync(base, { recursive: true, force: true, maxRetries: 5 }))
  const whole = trainApart(join(base, 'whole'), config, { node: preload })
  const calls = JSON.parse((await whole.ended).stderr) as string[]
  const outcome = outcomeOf(join(base, 'whole'))
  for (const call of ['writeSync', 'fsyncSync', 'renameSync', 'linkSync', 'appendFileSync', 'fsync'])
    expect(calls).toContain(call)

  let next = 1
  let killed = 0
  const work = async () => {
    for (let at = next++; at <= calls.length; at = next++) {
      const path = join(base, String(at))
      const { ended } = trainApart(path, config, { node: preload, env: { FAIL_AT: String(at) } })
      const { code } = await ended
      expect(code, `${calls[at - 1]}, call ${at}`).toBeNull()
      killed++
      if (existsSync(path)) expectWhole(path)
      await trainOn(path, config)
      expect(outcomeOf(path), `${calls[at - 1]}, call ${at}`).toEqual(outcome)
      expectWhole(path)
      rmSync(path, { recursive: true })
    }
  }
  await Promise.all(Array.from({ length: sideBySide }, work))
  expect(killed).toBe(calls.length)
  console.log(`killed before each of ${killed} calls`)
})
