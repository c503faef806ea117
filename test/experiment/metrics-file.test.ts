// metrics.jsonl against what its checkpoint knows: no damage goes unsaid, what is whole goes on, and the file as it was found is kept.
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createLineLog, type MetricsLine } from '../../src/experiment/metrics.ts'
import { createRunFolder, openRunFolder } from '../../src/experiment/run-folder.ts'
import { tempFolder } from '../support/temp-folder.ts'

const lineAt = (episodes: number): MetricsLine => ({
  episodes,
  envSteps: 25 * episodes,
  'return/agent_0': -100 / episodes,
  'time/seconds': episodes / 7,
})

const timeless = (line: MetricsLine) => Object.entries(line).filter(([key]) => !key.startsWith('time/'))

/** What a run saves that has logged these lines. */
function savedAfter(...lines: readonly MetricsLine[]) {
  const log = createLineLog()
  for (const line of lines) log.add(line)
  return { logged: log.save() }
}

const upTo = (count: number) => Array.from({ length: count }, (_, i) => lineAt(i + 1))

/** A run with a checkpoint after so many lines, and more lines after it. */
function newRun(covered: number, more = 1): { path: string; file: string; text: string } {
  const path = join(tempFolder(), 'run')
  const folder = createRunFolder(path, {})
  for (let i = 1; i <= covered; i++) folder.appendMetrics(lineAt(i))
  folder.writeCheckpoint(covered, savedAfter(...upTo(covered)))
  const file = join(path, 'metrics.jsonl')
  const text = existsSync(file) ? readFileSync(file, 'utf8') : ''
  for (let i = 1; i <= more; i++) folder.appendMetrics(lineAt(covered + i))
  return { path, file, text }
}

/** Goes on from the checkpoint: what was said, and the lines that there are then. */
function goOn(path: string, episodes: number): { said: string | null; lines: MetricsLine[] } {
  const { folder } = openRunFolder(path)
  folder.readCheckpoint()
  const said = folder.cutMetrics(episodes, 25 * episodes)
  return { said, lines: folder.readMetrics() }
}

describe('metrics.jsonl when a run goes on', () => {
  it('has the lines of the checkpoint, without a word, whatever came after them', () => {
    for (const tail of ['', '{"episodes":9', '{"episodes":4,"envSteps":100}\n', '\0\0\0', 'nonsense\n\n']) {
      const { path, file, text } = newRun(3)
      writeFileSync(file, readFileSync(file, 'utf8') + tail)
      expect(goOn(path, 3)).toEqual({ said: null, lines: [1, 2, 3].map(lineAt) })
      expect(readFileSync(file, 'utf8')).toBe(text)
      expect(readdirSync(path)).not.toContain('metrics.jsonl.damaged')
    }
  })

  it('says which file any changed byte is in, keeps the lines that are as they were, and what was found', () => {
    const { path, file, text } = newRun(4, 0)
    const bytes = Buffer.from(text)
    const sums = readFileSync(join(path, 'metrics.checksums'))
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const damaged = Buffer.from(bytes)
        damaged[at]! ^= change
        writeFileSync(file, damaged)
        writeFileSync(join(path, 'metrics.checksums'), sums)
        const { said, lines } = goOn(path, 4)
        expect(said).toMatch(/metrics\.jsonl: damaged: .*; the file as it was found is .*metrics\.jsonl\.damaged/)
        const aside = / is (\S*metrics\.jsonl\.damaged\S*)$/.exec(said!)![1]!
        expect(readFileSync(aside).equals(damaged)).toBe(true)
        rmSync(aside)
        const broken = bytes.subarray(0, at).toString().split('\n').length - 1
        const whole = [0, 1, 2, 3].filter(line => line !== broken && !(bytes[at] === 10 && line === broken + 1))
        for (const line of whole) expect(lines).toContainEqual(lineAt(line + 1))
        // A line that is not as it was goes on only where nothing but its times can have changed.
        for (const line of lines) {
          const [figures, expected] = [line, lineAt(line.episodes!)].map(timeless)
          expect(figures).toEqual(expected)
        }
      }),
      { numRuns: 150 },
    )
  })

  it('says that it was cut off, or is gone, with what is missing', () => {
    const cut = newRun(4)
    writeFileSync(cut.file, cut.text.split('\n').slice(0, 2).join('\n'))
    const found = goOn(cut.path, 4)
    expect(found.said).toMatch(/of the 4 lines that the checkpoint was written with, checksums hold for 2, which go on/)
    expect(found.lines).toEqual([1, 2].map(lineAt))
    const gone = newRun(4)
    rmSync(gone.file)
    expect(goOn(gone.path, 4)).toEqual({
      said: `${gone.file}: is gone, with the 4 lines that the checkpoint was written with; it begins anew`,
      lines: [],
    })
    // Said once: the next checkpoint knows.
    const { folder } = openRunFolder(gone.path)
    folder.readCheckpoint()
    folder.cutMetrics(4, 100)
    folder.appendMetrics(lineAt(5))
    folder.writeCheckpoint(5, savedAfter(...upTo(5)))
    expect(goOn(gone.path, 5)).toEqual({ said: null, lines: [lineAt(5)] })
  })

  it('says that lines were put in or left out', () => {
    const { path, file, text } = newRun(4)
    const [first, second, ...others] = text.split('\n')
    writeFileSync(file, [first, JSON.stringify(lineAt(50)), ...others].join('\n'))
    const { said, lines } = goOn(path, 4)
    expect(said).toContain('of the 4 lines that the checkpoint was written with, checksums hold for 3, which go on')
    expect(lines).toEqual([1, 3, 4].map(lineAt))
    expect(second).toBe(JSON.stringify(lineAt(2)))
  })

  it('is as whole without its checksums, which only tell damaged lines from others', () => {
    const whole = newRun(3)
    rmSync(join(whole.path, 'metrics.checksums'))
    expect(goOn(whole.path, 3)).toEqual({ said: null, lines: [1, 2, 3].map(lineAt) })
    const both = newRun(3)
    rmSync(join(both.path, 'metrics.checksums'))
    writeFileSync(both.file, both.text.replace('-50', '-51'))
    const { said, lines } = goOn(both.path, 3)
    expect(said).toMatch(/checksums hold for 0, which go on/)
    expect(lines).toEqual([])
    expect(readFileSync(`${both.file}.damaged`, 'utf8')).toContain('-51')
  })

  it('of a run whose checkpoint says nothing of it is cut by its counters; a line that cannot be read is said', () => {
    const path = join(tempFolder(), 'run')
    const folder = createRunFolder(path, {})
    const file = join(path, 'metrics.jsonl')
    const lines = [1, 2, 3].map(episodes => `${JSON.stringify(lineAt(episodes))}\n`)
    writeFileSync(file, [...lines, '{"episodes"'].join(''))
    expect(folder.cutMetrics(2, 50)).toBeNull()
    expect(folder.readMetrics()).toEqual([1, 2].map(lineAt))
    writeFileSync(file, [lines[0], '{"epi\n', lines[1]].join(''))
    expect(folder.cutMetrics(2, 50)).toMatch(/line 2 cannot be read; all others go on; the file as it was found is/)
    expect(folder.readMetrics()).toEqual([1, 2].map(lineAt))
  })

  it('takes the line at a stop back, and its seconds go on', () => {
    const path = join(tempFolder(), 'run')
    const folder = createRunFolder(path, {})
    folder.appendMetrics({ episodes: 10, envSteps: 100, 'time/seconds': 4 })
    folder.appendMetrics({ episodes: 13, envSteps: 137, 'time/seconds': 6 }, true)
    folder.writeCheckpoint(13, savedAfter({ episodes: 10, envSteps: 100, 'time/seconds': 4 }))
    expect(folder.readMetrics()).toHaveLength(2)
    const { folder: resumed } = openRunFolder(path)
    resumed.readCheckpoint()
    expect(resumed.cutMetrics(13, 137)).toBeNull()
    expect(resumed.readMetrics().map(({ episodes }) => episodes)).toEqual([10])
    resumed.appendMetrics({ episodes: 20, envSteps: 200, 'time/seconds': 1 })
    expect(resumed.readMetrics().at(-1)).toEqual({ episodes: 20, envSteps: 200, 'time/seconds': 7 })
    // Where a regular line says the same already, none comes after it.
    expect(resumed.appendMetrics({ episodes: 20, envSteps: 200, 'time/seconds': 2 }, true)).toBeNull()
  })

  it('of a run that began before it, as a fork does, is held against what was logged since', () => {
    const path = join(tempFolder(), 'run')
    const folder = createRunFolder(path, {})
    folder.writeCheckpoint(3, savedAfter(...upTo(3)))
    expect(goOn(path, 3)).toEqual({ said: null, lines: [] })
    for (const at of [4, 5]) folder.appendMetrics(lineAt(at))
    folder.writeCheckpoint(5, savedAfter(...upTo(5)))
    expect(goOn(path, 5)).toEqual({ said: null, lines: [4, 5].map(lineAt) })
    const file = join(path, 'metrics.jsonl')
    writeFileSync(file, readFileSync(file, 'utf8').replace('-25', '-26'))
    const { said, lines } = goOn(path, 5)
    expect(said).toContain('of the 2 lines that the checkpoint was written with, checksums hold for 1, which go on')
    expect(lines).toEqual([lineAt(5)])
    // Mended, it goes on as if that line had never been.
    const again = openRunFolder(path).folder
    again.readCheckpoint()
    again.cutMetrics(5, 125)
    again.appendMetrics(lineAt(6))
    again.writeCheckpoint(6, savedAfter(...upTo(6)), { keep: 2 })
    const last = goOn(path, 6)
    expect(last.said).toBeNull()
    expect(last.lines.map(timeless)).toEqual([5, 6].map(lineAt).map(timeless))
  })
})
