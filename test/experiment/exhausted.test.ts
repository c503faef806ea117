// A process that has no descriptor left: nothing counts as gone or damaged that merely cannot be opened.
import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it } from 'vitest'
import { FileError } from '../../src/errors.ts'
import { createSegments } from '../../src/experiment/segments.ts'
import { tempFolder } from '../support/temp-folder.ts'

const built = resolve(import.meta.dirname, '../../dist/src')

/**
 * What a program prints that is run with 512 descriptors; `exhaust()` in it takes all that are left, `recover()` gives them back, `attempt()`
 * says what a call returns or throws.
 */
function without(program: string): unknown[] {
  const whole = `
    import { closeSync, linkSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs'
    import { lockTrainer } from ${JSON.stringify(join(built, 'experiment/trainer-lock.js'))}
    import { thisTrainer, trainerOf, whereabouts } from ${JSON.stringify(join(built, 'experiment/trainer-mark.js'))}
    import { createCheckpointFiles } from ${JSON.stringify(join(built, 'experiment/checkpoint-files.js'))}
    import { newestWhole } from ${JSON.stringify(join(built, 'starting/whole-checkpoint.js'))}
    const taken = []
    const exhaust = () => { try { for (;;) taken.push(openSync('/dev/null')) } catch {} }
    const recover = () => { for (const handle of taken.splice(0)) closeSync(handle) }
    const attempt = call => { try { return call() ?? null } catch (error) { return error.name + ': ' + error.message } }
    const said = []
    ${program}
    recover()
    console.log(JSON.stringify(said))
    process.exit()`
  const limited = ['-c', 'ulimit -n 512; exec "$@"', 'sh', process.execPath, '--input-type=module', '-e', whole]
  const { stdout, stderr } = spawnSync('sh', limited)
  expect(stderr.toString()).toBe('')
  return JSON.parse(stdout.toString())
}

describe.skipIf(process.platform === 'win32')('without descriptors', () => {
  it('a lock is held on, and its loss is noticed as ever', () => {
    const folder = JSON.stringify(tempFolder())
    const [held, unread, other, alive, elsewhere, replaced, removed] = without(`
      const lock = lockTrainer(${folder}, { option: '--out' })
      exhaust()
      said.push(attempt(() => lock.confirm()), attempt(() => trainerOf(${folder})))
      said.push(attempt(() => lockTrainer(${folder}, { option: '--out' })), whereabouts(thisTrainer('x')))
      recover()
      writeFileSync(${folder} + '/theirs', 'another mark')
      exhaust()
      linkSync(${folder} + '/trainer.pid', ${folder} + '/kept')
      renameSync(${folder} + '/theirs', ${folder} + '/trainer.pid')
      said.push(attempt(() => lock.confirm()))
      rmSync(${folder} + '/kept')
      said.push(attempt(() => lock.confirm()))
      rmSync(${folder} + '/trainer.pid')
      said.push(attempt(() => lock.confirm()))`)
    expect(held).toBeNull()
    expect(unread).toMatch(/^FileError: .*trainer\.pid: cannot be read: EMFILE/)
    expect(other).toMatch(/^ConfigError: --out: .*EMFILE/)
    expect(alive).toBe('alive')
    // What stands in its place cannot be read, and it still has a name: nothing says yet that it was taken over.
    expect(elsewhere).toBeNull()
    expect(replaced).toMatch(
      /^FileError: .*trainer\.pid: the run was taken over by another process; this process stops/,
    )
    expect(removed).toMatch(/^FileError: .*trainer\.pid: was removed; this process stops/)
  })

  it('a living trainer is not taken for a dead one', () => {
    const [before, during, after] = without(`
      const mark = thisTrainer('x')
      said.push(whereabouts(mark))
      exhaust()
      said.push(whereabouts(mark))
      recover()
      said.push(whereabouts({ ...mark, began: '1' }))`)
    expect([before, during, after]).toEqual(['alive', 'alive', 'gone'])
  })

  it('no checkpoint is damaged, and none is set aside or written over', () => {
    const folder = tempFolder()
    mkdirSync(join(folder, 'checkpoints'))
    const [damage, newest, best, kept] = without(`
      const files = createCheckpointFiles(${JSON.stringify(folder)})
      const saved = { weights: { shape: [2], data: Float32Array.of(1, 2) } }
      files.writeCheckpoint(10, saved, { keep: 2 })
      files.keepBest(10, 5, () => saved)
      exhaust()
      said.push(attempt(() => files.damageOf(10)), attempt(() => newestWhole({ checkpoints: [10], damageOf: files.damageOf, setAside: files.setAside }, true, () => {})))
      said.push(attempt(() => files.keepBest(20, 1, () => saved)))
      recover()
      said.push(files.readCheckpoint(undefined, 'best').best)`)
    expect(damage).toMatch(/^FileError: .*cannot be read: EMFILE/)
    expect(newest).toMatch(/^FileError: .*cannot be read: EMFILE/)
    expect(best).toBeNull()
    expect(kept).toEqual({ by: 'return', episodes: 10, value: 5 })
    expect(readdirSync(join(folder, 'checkpoints'))).toEqual(['000000010.safetensors'])
  })
})

it('segments stay while the checkpoints that may need them cannot be looked at', () => {
  const folder = join(tempFolder(), 'replay')
  mkdirSync(folder)
  const name = '000000000000-0123456789abcdef.safetensors'
  writeFileSync(join(folder, name), '')
  const cause = Object.assign(new Error('EMFILE: too many open files'), { code: 'EMFILE' })
  let trouble: Error | null = new FileError('checkpoint', 'cannot be read', { cause })
  const segments = createSegments(folder, () => {
    if (trouble !== null) throw trouble
    return []
  })
  segments.removeUnneeded()
  expect(readdirSync(folder)).toEqual([name])
  trouble = new TypeError('anything else')
  expect(() => segments.removeUnneeded()).toThrow(trouble)
  trouble = null
  segments.removeUnneeded()
  expect(readdirSync(folder)).toEqual([])
})
