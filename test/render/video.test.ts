// A take as a video: as many pictures as it has moments, of an even size, in a file that ffmpeg reads.
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it, vi } from 'vitest'
import { particleDefinition } from '../../src/envs/game-definition.ts'
import { light } from '../../src/picture/colors.ts'
import type { Raster } from '../../src/picture/png.ts'
import type { Take } from '../../src/render/take.ts'
import { videoHindrance, writeVideo } from '../../src/render/video.ts'
import { scenarios } from '../../src/run/run.ts'
import { describeWith } from '../support/programs.ts'
import { tempFolder } from '../support/temp-folder.ts'

const { schema } = particleDefinition(scenarios.simple!).create().frames!
const frame = (step: number) => ({ step, row: new Float32Array(schema.size), anew: false })
const take: Take = { schema, title: 'simple', frames: [0, 1, 2, 3, 4].map(frame) }
const look = { width: 101, theme: light }

/** Pictures of an odd size, each of one colour. */
const grey = (svg: string): Raster => ({
  width: 101,
  height: 77,
  pixels: new Uint8Array(101 * 77 * 4).fill(svg.length % 256),
  png: () => new Uint8Array(),
})

describeWith(['ffmpeg', 'ffprobe'], 'ffmpeg', 'videos by ffmpeg', () => {
  it.each(['mp4', 'webm'] as const)('are %s files of even size, 25 pictures a second', async kind => {
    const folder = tempFolder()
    const file = join(folder, `take.${kind}`)
    const heard: string[] = []
    expect(videoHindrance(kind)).toBeNull()
    await writeVideo(file, kind, take, 1, look, grey, (pictures, of) => void heard.push(`${pictures}/${of}`))
    expect(readdirSync(folder)).toEqual([`take.${kind}`])
    expect([heard[0], heard.at(-1)]).toEqual(['1/11', '11/11'])
    const asked = ['-count_frames', '-show_entries', 'stream=codec_name,width,height,nb_read_frames,r_frame_rate']
    const { stdout } = spawnSync('ffprobe', ['-v', 'error', ...asked, '-of', 'json', file], { encoding: 'utf8' })
    expect(JSON.parse(stdout).streams).toEqual([
      {
        codec_name: kind === 'mp4' ? 'h264' : 'vp9',
        width: 102,
        height: 78,
        r_frame_rate: '25/1',
        nb_read_frames: '40',
      },
    ])
  })

  it('that cannot be written are an error with what ffmpeg says, and leave nothing behind', async () => {
    const file = join(tempFolder(), 'none', 'take.mp4')
    await expect(writeVideo(file, 'mp4', take, 1, look, grey)).rejects.toThrow(/^ffmpeg: .*No such file or directory/)
  })
})

it('are refused with a sentence where ffmpeg is not installed', () => {
  vi.stubEnv('PATH', tempFolder())
  expect(videoHindrance('mp4')).toMatch(
    /^no mp4: the program ffmpeg is not installed or does not run \(apt-get install ffmpeg/,
  )
})
