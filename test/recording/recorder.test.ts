// Recordings on disk: what was told is what is read, also by readers of others, while it is written, and on a full disk.
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { McapIndexedReader, McapStreamReader, type McapTypes } from '@mcap/core'
import { describe, expect, it, onTestFinished } from 'vitest'
import { recordShow } from '../../src/recording/recorder.ts'
import { openRecording } from '../../src/recording/recording.ts'
import { loadCompression } from '../../src/recording/zstd.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { about, all, asRead, readAll, recorded } from './tiny-recording.ts'
import { createTinyShow } from './tiny-show.ts'

describe('a recording', () => {
  it('gives back every moment as it was told, in order', async () => {
    const { file, show } = await recorded(show => {
      show.play(70)
      show.changeSchema({ maxCycles: 10, rules: 'openai' })
      show.play(30)
    })
    const recording = await openRecording(file)
    expect(recording).toMatchObject({ first: 0, last: 99, whole: true })
    expect(Object.fromEntries(recording.about)).toMatchObject({ format: '1', scenario: 'simple_tag', seed: '7' })
    expect(await all(recording.from(0))).toEqual(show.told.map(asRead))
    expect((await recording.at(99))?.game.schema).toEqual(show.schema$.value)
    await recording.close()
  })

  it('finds any frame, and the opening before it', async () => {
    const { file, show } = await recorded(show => show.play(200))
    const recording = await openRecording(file)
    for (const number of [199, 0, 1, 25, 26, 150]) {
      expect(await recording.at(number)).toEqual(asRead(show.told[number]!))
      const opening = show.told.findLast(told => told.opening && told.frame.number <= number)!
      expect(await recording.openingBefore(number)).toEqual(asRead(opening))
    }
    expect(await recording.at(200)).toBe(null)
    await recording.close()
  })

  it('never takes the place of another file', async () => {
    const file = join(tempFolder(), 'x.mcap')
    writeFileSync(file, 'mine')
    await expect(recordShow(createTinyShow(), { file, about, source: () => null })).rejects.toThrow('EEXIST')
    expect(readFileSync(file, 'utf8')).toBe('mine')
  })

  it('can be had as a whole one while it goes on', async () => {
    const show = createTinyShow()
    const file = join(tempFolder(), 'x.mcap')
    const recorder = await recordShow(show, { file, about, source: () => null })
    show.play(600)
    const { bytes, summary } = await recorder.snapshot()
    expect(statSync(file).size).toBeGreaterThanOrEqual(bytes)
    const copy = join(tempFolder(), 'copy.mcap')
    writeFileSync(copy, Buffer.concat([readFileSync(file).subarray(0, bytes), summary]))
    show.play(100)
    await recorder.close()
    const got = (await readAll(copy)) as object[]
    expect(got).toEqual(show.told.slice(0, got.length).map(asRead))
    expect(got.length).toBeGreaterThan(300)
    expect(await readAll(file)).toHaveLength(700)
  })
})

describe('readers of others', () => {
  it('@mcap/core reads every message, by the index and as a stream, with all checksums', async () => {
    const { file, show } = await recorded(show => show.play(120))
    const decompressHandlers = (await loadCompression()).decompress
    const handle = await open(file)
    onTestFinished(() => handle.close())
    const readable = {
      size: async () => BigInt((await handle.stat()).size),
      read: async (offset: bigint, length: bigint) =>
        (await handle.read(Buffer.alloc(Number(length)), 0, Number(length), Number(offset))).buffer,
    }
    const reader = await McapIndexedReader.Initialize({ readable, decompressHandlers })
    const messages = await all(reader.readMessages({ validateCrcs: true }))
    expect(messages).toHaveLength(Number(reader.statistics!.messageCount))
    const channels = new Map([...reader.channelsById.values()].map(({ topic, id }) => [topic, id]))
    expect([...channels.keys()]).toEqual(expect.arrayContaining(['/marlstrom/frame', '/scene', '/rewards']))
    const steps = messages.filter(({ channelId }) => channelId === channels.get('/marlstrom/step'))
    expect(steps.map(({ sequence }) => sequence)).toEqual(show.told.map(({ frame }) => frame.number))

    const stream = new McapStreamReader({ decompressHandlers, validateCrcs: true })
    stream.append(readFileSync(file))
    const kinds: McapTypes.TypedMcapRecord['type'][] = []
    for (let next = stream.nextRecord(); next !== undefined; next = stream.nextRecord()) kinds.push(next.type)
    expect(stream.done()).toBe(true)
    expect(kinds.filter(kind => kind === 'Message')).toHaveLength(messages.length)
  })

  const python = process.env.MCAP_PYTHON ?? 'python3'
  const hasMcap = spawnSync(python, ['-c', 'import mcap, zstandard']).status === 0
  it.skipIf(!hasMcap)("Python's mcap reads every message (its package is not here: skipped)", async () => {
    const { file, show } = await recorded(show => show.play(120))
    const script = `
import sys
from mcap.reader import make_reader
reader = make_reader(open(sys.argv[1], 'rb'), validate_crcs=True)
print(sum(1 for _, channel, m in reader.iter_messages(topics=['/marlstrom/step']) if m.data[0] == 1))
print(next(reader.iter_metadata()).metadata['scenario'])`
    const said = execFileSync(python, ['-c', script, file], { encoding: 'utf8' })
    expect(said.trim().split('\n')).toEqual([String(show.told.length), 'simple_tag'])
  })
})

describe('a full disk', () => {
  const disk = join('/tmp', `marlstrom-disk-${process.pid}`)
  mkdirSync(disk, { recursive: true })
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', disk]).status === 0
  it.skipIf(!mounted)(
    'ends the recording with a sentence, and nothing else (no tmpfs can be mounted: skipped)',
    async () => {
      onTestFinished(() => void spawnSync('umount', [disk]))
      const show = createTinyShow()
      const file = join(disk, 'x.mcap')
      const recorder = await recordShow(show, { file, about, source: () => null })
      const remarks: string[] = []
      recorder.remarks$.subscribe(remark => remarks.push(remark))
      for (let i = 0; i < 60 && remarks.length === 0; i++) {
        show.play(500)
        await new Promise(resolve => setTimeout(resolve, 5))
      }
      await recorder.close()
      expect(remarks).toEqual([expect.stringMatching(/^the recording has stopped, .*ENOSPC/)])
      const got = (await readAll(file)) as object[]
      expect(got).toEqual(show.told.slice(0, got.length).map(asRead))
      expect(got.length).toBeGreaterThan(100)
    },
  )
})
