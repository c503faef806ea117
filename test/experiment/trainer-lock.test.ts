// One trainer for each run folder, whoever begins at the same time; dead and silent ones are taken over, living ones never.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ConfigError, FileError } from '../../src/errors.ts'
import { lockTrainer } from '../../src/experiment/trainer-lock.ts'
import { silentAfter, thisTrainer, trainerFile, trainerOf } from '../../src/experiment/trainer-mark.ts'
import { tempFolder } from '../support/temp-folder.ts'

const lock = (folder: string, takeover = false) => lockTrainer(folder, { option: '--resume', takeover })
const mark = (folder: string, text: string) => writeFileSync(join(folder, trainerFile), text)
const marked = (folder: string, trainer: object) =>
  mark(folder, JSON.stringify({ ...thisTrainer('other'), ...trainer }))
/** No process has this id. */
const nobody = 2147483646

describe('the lock of a run folder', () => {
  it('is held until it is released', () => {
    const folder = join(tempFolder(), 'new', 'run')
    const first = lock(folder)
    expect(first.takenFrom).toBeNull()
    expect(trainerOf(folder)!.pid).toBe(process.pid)
    expect(() => lock(folder)).toThrow(ConfigError)
    expect(() => lock(folder, true)).toThrow(
      new RegExp(`^--resume: .*run is being trained by process ${process.pid} on .*; wait for it, or stop it first$`),
    )
    first.confirm()
    first.release()
    first.release()
    expect(readdirSync(folder)).toEqual([])
    lock(folder).release()
  })

  it('of a process that is gone is taken over, and says so', () => {
    for (const leave of [
      (folder: string) => mark(folder, String(nobody)),
      (folder: string) => marked(folder, { pid: nobody }),
    ]) {
      const folder = tempFolder()
      leave(folder)
      const taken = lock(folder)
      expect(taken.takenFrom).toMatch(new RegExp(`^process ${nobody}.*, which trained here, is gone$`))
      expect(readdirSync(folder)).toEqual([trainerFile])
      taken.release()
    }
  })

  it('of another host is taken over when it is silent, or on request', () => {
    const folder = tempFolder()
    marked(folder, { host: 'far' })
    expect(() => lock(folder)).toThrow(
      /process \d+ on far, last heard of \d s ago; .* silent for 60 s, or .*--takeover if/,
    )
    const taken = lock(folder, true)
    expect(taken.takenFrom).toMatch(/ on far, which trained here, has been given up$/)
    taken.release()
    marked(folder, { host: 'far' })
    const before = (Date.now() - silentAfter - 2000) / 1000
    utimesSync(join(folder, trainerFile), before, before)
    lock(folder).release()
  })

  it('that cannot be read is somebody else’s until it is silent', () => {
    const folder = tempFolder()
    mark(folder, '{"pid":')
    expect(() => lock(folder)).toThrow('is being trained by a process whose mark cannot be read')
    lock(folder, true).release()
  })

  it('that was taken over is noticed, and left to its new owner', () => {
    const folder = tempFolder()
    const old = lock(folder)
    rmSync(join(folder, trainerFile))
    expect(() => old.confirm()).toThrow(/was removed; this process stops/)
    marked(folder, { host: 'far' })
    expect(() => old.confirm()).toThrow(FileError)
    expect(() => old.confirm()).toThrow(/the run was taken over by process \d+ on far; this process stops/)
    const theirs = readFileSync(join(folder, trainerFile), 'utf8')
    old.release()
    expect(readFileSync(join(folder, trainerFile), 'utf8')).toBe(theirs)
  })

  it('sweeps up claims of processes that were killed over them, and waits for living ones', () => {
    const folder = tempFolder()
    mark(folder, String(nobody))
    writeFileSync(join(folder, `${trainerFile}.1-a`), JSON.stringify({ ...thisTrainer('x'), pid: nobody }))
    lock(folder).release()
    expect(readdirSync(folder)).toEqual([])
  })

  it('of a folder that cannot be written is refused with the reason', () => {
    const file = join(tempFolder(), 'file')
    writeFileSync(file, '')
    expect(() => lock(join(file, 'run'))).toThrow(ConfigError)
    expect(() => lock(join(file, 'run'))).toThrow(/^--resume: the run folder .* cannot be written \(ENOTDIR/)
  })

  it('goes to one of many processes that want it at the same time, new or left by a dead one', async () => {
    const base = tempFolder()
    const rounds = Array.from({ length: 12 }, (_, round) => join(base, String(round)))
    rounds.forEach((folder, round) => {
      mkdirSync(folder)
      if (round % 2 === 1) mark(folder, String(nobody))
    })
    const contenders = Array.from({ length: 5 }, () => contend(rounds))
    const wins = await Promise.all(contenders.map(({ wins }) => wins))
    for (const folder of rounds) expect(wins.flat().filter(won => won === folder)).toHaveLength(1)
  })
})

/** A process that tries for folder after folder, each at the same moment as the others, and keeps what it gets. */
function contend(folders: readonly string[]): { wins: Promise<string[]> } {
  const module = resolve(import.meta.dirname, '../../dist/src/experiment/trainer-lock.js')
  const program = `
    import { lockTrainer } from ${JSON.stringify(module)}
    import { existsSync, writeFileSync, readdirSync } from 'node:fs'
    for (const folder of ${JSON.stringify(folders)}) {
      writeFileSync(folder + '.' + process.pid, '')
      while (readdirSync(${JSON.stringify(join(folders[0]!, '..'))}).filter(name => name.startsWith(folder.split('/').pop() + '.')).length < 5);
      try { lockTrainer(folder, { option: '--out' }); console.log(folder) } catch {}
    }
    console.log('done')
    setInterval(() => {}, 1000)`
  const child: ChildProcess = spawn(process.execPath, ['--input-type=module', '-e', program])
  onTestFinished(() => void child.kill('SIGKILL'))
  let said = ''
  const wins = new Promise<string[]>((done, failed) => {
    child.stdout!.on('data', data => {
      said += data
      if (said.endsWith('done\n')) done(said.split('\n').slice(0, -2))
    })
    child.stderr!.on('data', data => failed(new Error(String(data))))
  })
  return { wins }
}
