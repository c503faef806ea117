// Damaged segments of the replay buffer: whatever becomes of any of them, the run goes on without their rows when it is told to.
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { layersOf } from '../../src/cli/options/settings.ts'
import { readStarts } from '../../src/experiment/environment.ts'
import { record } from '../../src/experiment/record.ts'
import { openRunFolder } from '../../src/experiment/run-folder.ts'
import { countersOf, train } from '../../src/experiment/trainer.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { createRun } from '../../src/run/run.ts'
import { startRun } from '../../src/starting/start-run.ts'
import { marlstrom } from '../support/command.ts'
import { killable, outcomeOf } from '../support/killable.ts'

/** A ring that has wrapped, n-step returns and priorities, three games side by side. */
const config: Overrides = layer(killable(840), {
  learner: { returnSteps: 3, priority: 0.6 },
  run: { games: 3, checkpointEvery: 400, tensorboard: false },
})

/** What can become of a file. */
const harms: Readonly<Record<string, (file: string, bytes: Buffer, others: readonly string[]) => void>> = {
  'a byte of the header': (file, bytes) => flip(file, bytes, 40),
  'a byte of its length': (file, bytes) => flip(file, bytes, 1),
  'a byte of its rows': (file, bytes) => flip(file, bytes, bytes.length >> 1),
  'its last byte': (file, bytes) => flip(file, bytes, bytes.length - 1),
  'cut in half': (file, bytes) => truncateSync(file, bytes.length >> 1),
  'cut to nothing': file => truncateSync(file, 0),
  'a byte more': (file, bytes) => writeFileSync(file, Buffer.concat([bytes, Buffer.of(0)])),
  'another segment in its place': (file, _, others) => writeFileSync(file, readFileSync(others[0]!)),
  deleted: file => rmSync(file),
  'a folder in its place': file => {
    rmSync(file)
    mkdirSync(file)
  },
}

function flip(file: string, bytes: Buffer, at: number): void {
  const changed = Buffer.from(bytes)
  changed[at]! ^= 16
  writeFileSync(file, changed)
}

describe('a run with damaged segments', () => {
  const base = temporaryFolderOfAll()
  let whole: string
  let said: string[]
  const note = (sentence: string) => void said.push(sentence)
  beforeAll(async () => {
    whole = join(base(), 'whole')
    const { run, folder, lock } = await startRun({
      layers: layersOf({ set: settingsOf(config) }, 'simple_spread'),
      note,
      out: whole,
    })
    await lastValueFrom(train(run).pipe(record(run, folder)))
    lock.release()
    run.dispose()
  }, 120_000)
  beforeEach(() => {
    said = []
  })

  const segments = () => readdirSync(join(whole, 'replay')).sort()
  let copies = 0
  const copied = () => {
    const path = join(base(), `copy-${++copies}`)
    cpSync(whole, path, { recursive: true })
    return path
  }
  const harm = (path: string, names: readonly string[], how: keyof typeof harms & string) => {
    for (const name of names) {
      const file = join(path, 'replay', name)
      const others = segments().filter(other => other !== name)
      harms[how]!(
        file,
        readFileSync(file),
        others.map(other => join(whole, 'replay', other)),
      )
    }
  }
  /** Goes on without the damaged rows for some episodes more: rows left at the beginning. */
  const goesOn = async (path: string) => {
    const { run, folder, lock } = await startRun({
      layers: layersOf({ episodes: 900 }),
      note,
      resume: path,
      withoutDamagedRows: true,
    })
    const { size } = run.replay!
    const { updates } = countersOf(run)
    await lastValueFrom(train(run).pipe(record(run, folder)))
    lock.release()
    expect(run.tracker.finished).toBeGreaterThanOrEqual(900)
    expect(countersOf(run).updates).toBeGreaterThan(updates)
    expect(folder.damageOf(folder.checkpoints.at(-1)!)).toBeNull()
    run.dispose()
    return size
  }

  it('is refused by name without --without-damaged-rows, and goes on with it, whatever becomes of each single one', async () => {
    const names = segments()
    expect(names.length).toBeGreaterThan(3)
    let resumed = 0
    const usual = ['a byte of the header', 'cut in half', 'deleted']
    const damages = names.map((name, i) => [name, i === 1 ? Object.keys(harms) : usual] as const)
    for (const [name, hows] of damages) {
      for (const how of hows) {
        const path = copied()
        harm(path, [name], how)
        const refused = startRun({ layers: layersOf({ episodes: 900 }), note, resume: path })
        await expect(refused, `${name}: ${how}`).rejects.toThrow(new RegExp(`${name}: .*--without-damaged-rows`))
        said.length = 0
        const size = await goesOn(path)
        expect(size).toBeLessThan(6000)
        const lost = (6000 - size).toLocaleString('en-US')
        expect(said.join('\n')).toContain(`${lost} of 6,000 rows of the replay buffer are left out`)
        expect(said.join('\n')).toContain('other bits')
        expect(readStarts(path).at(-1)!.remarks!.join()).toContain(`${lost} of 6,000 rows`)
        rmSync(path, { recursive: true })
        resumed++
      }
    }
    console.log(`${resumed} of ${damages.reduce((sum, [, hows]) => sum + hows.length, 0)} damages end resumed`)
  })

  it('goes on where several or all are damaged: it collects experience first, then learns', async () => {
    const names = segments()
    const some = copied()
    harm(some, [names[0]!, names[2]!], 'cut in half')
    expect(await goesOn(some)).toBeGreaterThan(0)
    const all = copied()
    harm(all, names, 'deleted')
    expect(await goesOn(all)).toBeLessThan(6000)
  })

  it('of which none is damaged comes to the bits that it has without the option', async () => {
    const [one, other] = [copied(), copied()]
    await goesOn(one)
    expect(said).toEqual([])
    const { run, folder, lock } = await startRun({ layers: layersOf({ episodes: 900 }), note, resume: other })
    await lastValueFrom(train(run).pipe(record(run, folder)))
    lock.release()
    run.dispose()
    expect(outcomeOf(one)).toEqual(outcomeOf(other))
  })

  it('is forked without them too, and is itself left as it is', async () => {
    const path = copied()
    harm(path, [segments()[1]!], 'a byte of its rows')
    const out = join(base(), 'fork')
    await expect(startRun({ layers: layersOf({}), note, fork: path, out })).rejects.toThrow('--without-damaged-rows')
    const { run, folder, lock } = await startRun({
      layers: layersOf({}),
      note,
      fork: path,
      out,
      withoutDamagedRows: true,
    })
    lock.release()
    run.dispose()
    expect(folder.damageOf(folder.checkpoints[0]!)).toBeNull()
    expect(readStarts(out)[0]!.remarks!.join()).toContain('rows of the replay buffer are left out')
    expect(openRunFolder(path).folder.damageOf(840)).not.toBeNull()
  })

  it('by the command is refused with exit code 1, and goes on with the option; a new run has no such option', async () => {
    const path = copied()
    harm(path, [segments()[0]!], 'cut in half')
    const refused = await marlstrom('train', '--resume', path, '--episodes', '860', '--json')
    expect(refused.code).toBe(1)
    expect(refused.stderr).toContain(segments()[0])
    expect(refused.stderr).toContain('--without-damaged-rows')
    const arguments_ = ['train', '--resume', path, '--episodes', '860', '--set', 'run.keepCheckpoints=2', '--json']
    const { code, stderr } = await marlstrom(...arguments_, '--without-damaged-rows')
    expect(stderr).toMatch(/rows of the replay buffer are left out at episode 840/)
    expect(code).toBe(0)
    const anew = await marlstrom('train', 'simple_spread', '--without-damaged-rows', '--out', join(base(), 'new'))
    expect(anew.code).toBe(2)
    expect(anew.stderr).toContain('--without-damaged-rows: expected --resume or --fork')
  })

  it('keeps its actors: a run is made from what is left alone', async () => {
    const path = copied()
    harm(path, segments(), 'deleted')
    const { folder } = openRunFolder(path)
    const run = await createRun(config, folder)
    run.restoreLearners(folder.readCheckpoint(name => name.startsWith('learners/')))
    run.dispose()
  })
})

function settingsOf(settings: Overrides): string[] {
  return Object.entries(settings).flatMap(([section, keys]) =>
    Object.entries(keys ?? {})
      .filter(([key]) => key !== 'id')
      .map(([key, value]) => `${section}.${key}=${JSON.stringify(value)}`),
  )
}

function temporaryFolderOfAll(): () => string {
  let base = ''
  beforeAll(() => {
    base = mkdtempSync(join(tmpdir(), 'marlstrom-damaged-'))
  })
  afterAll(() => rmSync(base, { recursive: true, force: true }))
  return () => base
}
