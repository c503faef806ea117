// Damaged recordings: cut anywhere, with flipped bits, or none at all. Nothing is ever read that was not told.
import { readFileSync, writeFileSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { frameNanoseconds } from '../../src/recording/format.ts'
import { findChunks } from '../../src/recording/mcap-chunks.ts'
import { openRecording } from '../../src/recording/recording.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { asRead, readAll, recorded } from './tiny-recording.ts'

describe('a damaged recording', () => {
  it('cut at any byte gives back what is in its whole chunks, or says why there is nothing', async () => {
    const { file, show } = await recorded(show => show.play(120))
    const bytes = readFileSync(file)
    const chunks = await chunksOf(file)
    expect(chunks.length).toBeGreaterThan(2)
    const told = show.told.map(asRead)
    const cut = join(tempFolder(), 'cut.mcap')
    const edges = chunks.flatMap(({ begin, end }) => [begin - 1, begin, begin + 5, end - 1, end, end + 1])
    const somewhere = fc.oneof(fc.constantFrom(...edges), fc.nat(bytes.length))
    await fc.assert(
      fc.asyncProperty(somewhere, async length => {
        writeFileSync(cut, bytes.subarray(0, length))
        const got = await readAll(cut)
        const frames = chunks.findLast(({ end }) => end <= length)?.frames ?? 0
        if (frames === 0) expect(got).toMatch(/cut off|no MCAP file|no recording|in the middle/)
        else expect(got).toEqual(told.slice(0, frames))
      }),
      { numRuns: 25, examples: [...edges, 0, 1, 8, bytes.length - 1].map(edge => [edge]) },
    )
  })

  it('with a flipped bit gives back nothing but what was told', async () => {
    const { file, show } = await recorded(show => show.play(80))
    const bytes = readFileSync(file)
    const told = show.told.map(asRead)
    const flipped = join(tempFolder(), 'flipped.mcap')
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (at, bit) => {
        const other = Buffer.from(bytes)
        other[at] = other[at]! ^ (1 << bit)
        writeFileSync(flipped, other)
        const got = await readAll(flipped)
        if (typeof got === 'string') expect(got).toContain('flipped.mcap: ')
        else expect(got).toEqual(told.slice(0, got.length))
      }),
      // The top bit of the first length, which then is 2 GiB: more than Node lets anybody ask for.
      { numRuns: 60, examples: [[12, 7]] },
    )
  })

  it('says where, and plays the rest', async () => {
    const { file, show } = await recorded(show => show.play(120))
    const [, second] = await chunksOf(file)
    const bytes = readFileSync(file)
    bytes[second!.begin + 80]! ^= 1
    writeFileSync(file, bytes)
    const recording = await openRecording(file)
    await expect(recording.at(second!.frames - 1)).rejects.toThrow(
      /is damaged at byte \d+: frames \d+ \.\.\. \d+ cannot/,
    )
    expect(await recording.at(119)).toEqual(asRead(show.told[119]!))
    await recording.close()
  })
})

it('what is no recording is refused with a sentence', async () => {
  const file = join(tempFolder(), 'x.mcap')
  await expect(openRecording(file)).rejects.toThrow(`${file}: cannot be read`)
  writeFileSync(file, 'not at all')
  await expect(openRecording(file)).rejects.toThrow(`${file}: is no MCAP file`)
  const foreign = [137, 77, 67, 65, 80, 48, 13, 10]
  writeFileSync(file, Buffer.from(foreign))
  await expect(openRecording(file)).rejects.toThrow(`${file}: is no recording of marlstrom's`)
})

/** Where the chunks lie, and how many frames there are up to the end of each. */
async function chunksOf(file: string): Promise<{ begin: number; end: number; frames: number }[]> {
  const handle = await open(file)
  const { chunks } = await findChunks(handle)
  await handle.close()
  return chunks.map(({ offset, length, last }) => ({
    begin: offset,
    end: offset + length,
    frames: Number((last - chunks[0]!.first) / frameNanoseconds) + 1,
  }))
}
