// marlstrom render end to end: scenarios and runs become pictures on disk.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, vi } from 'vitest'
import { loadRasteriser } from '../../src/picture/png.ts'
import { videoHindrance } from '../../src/render/video.ts'
import { marlstrom, temporaryFolder, tiny } from '../support/command.ts'

const rasterise = await loadRasteriser()

describe('marlstrom render', () => {
  it('draws an episode of a scenario as an SVG that moves, the same bytes each time', async () => {
    const file = join(temporaryFolder(), 'tag.svg')
    const draw = () => marlstrom('render', 'simple_tag', '--out', file, '--seed', '4', '--json')
    const { code, stdout, stderr } = await draw()
    expect([code, stderr]).toEqual([0, ''])
    const first = readFileSync(file, 'utf8')
    expect(JSON.parse(stdout)).toEqual({ event: 'picture', file, bytes: Buffer.byteLength(first), steps: 25 })
    expect(first).toContain('<animateTransform')
    await draw()
    expect(readFileSync(file, 'utf8')).toBe(first)
  })

  it.skipIf(typeof rasterise === 'string')('draws what a run has learnt, as PNG and as GIF', async () => {
    const folder = temporaryFolder()
    const run = join(folder, 'run')
    await marlstrom('train', 'simple_spread', '--episodes', '10', '--out', run, ...tiny, '--json')
    const file = (name: string) => join(folder, name)
    const png = await marlstrom('render', run, '--out', file('run.png'), '--step', '5', '--width', '100')
    expect([png.code, png.stderr]).toEqual([0, ''])
    const bytes = readFileSync(file('run.png'))
    expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)]).toEqual([100, 130])
    const gif = await marlstrom('render', run, '--out', file('run.gif'), '--to', '5', '--width', '100', '--greedy')
    expect([gif.code, gif.stderr]).toEqual([0, ''])
    expect(readFileSync(file('run.gif')).subarray(0, 6).toString()).toBe('GIF89a')
  })

  it.skipIf(typeof rasterise === 'string' || videoHindrance('mp4') !== null)('draws a video by ffmpeg', async () => {
    const file = join(temporaryFolder(), 'tag.mp4')
    const { code, stdout, stderr } = await marlstrom('render', 'simple_tag', '--out', file, '--width', '100', '--json')
    expect([code, stderr]).toEqual([0, ''])
    const bytes = readFileSync(file)
    expect(JSON.parse(stdout)).toEqual({ event: 'picture', file, bytes: bytes.length, steps: 25 })
    expect(bytes.subarray(4, 8).toString()).toBe('ftyp')
  })

  it.skipIf(typeof rasterise === 'string')('says without ffmpeg what works without it', async () => {
    vi.stubEnv('PATH', temporaryFolder())
    const { code, stderr } = await marlstrom('render', 'simple_tag', '--out', 'x.webm')
    expect(code).toBe(2)
    expect(stderr).toMatch(
      /--out: x\.webm: no webm: the program ffmpeg is not installed.*; a \.gif or \.png needs no such program/,
    )
  })

  it.each([
    [['simple', '--out', 'x.mp4', '--step', '2'], '--step: expected --out x.png or x.svg for one picture, got x.mp4'],
    [['simple', '--out', 'x.jpg'], '--out: expected a file that ends in .gif, .png, .svg, .mp4, .webm, got x.jpg'],
    [['simple', '--out', 'x.svg', '--step', '99'], '--step: expected a step of the episode, 0 ... 25, got 99'],
    [['simple', '--out', 'x.svg', '--from', '50'], 'within steps 0 ... 25 of the episode'],
  ])('refuses %j with a sentence', async (args, sentence) => {
    const { code, stderr } = await marlstrom('render', ...args)
    expect(code).toBe(2)
    expect(stderr).toContain(sentence)
  })
})
