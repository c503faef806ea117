// A take as MP4 or WebM: pictures as they are drawn, piped into ffmpeg where that is installed.
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { renameSync, rmSync } from 'node:fs'
import type { Rasterise } from '../picture/png.ts'
import { drawMoment, type Look } from './drawing.ts'
import { holdMilliseconds, momentsOf, pictureMilliseconds, type Take } from './take.ts'

export type VideoKind = 'mp4' | 'webm'

const encoders: Readonly<Record<VideoKind, { readonly name: string; readonly options: readonly string[] }>> = {
  // The index comes first, so that a page can play the file while it loads.
  mp4: { name: 'libx264', options: ['-crf', '18', '-movflags', '+faststart'] },
  webm: { name: 'libvpx-vp9', options: ['-crf', '24', '-b:v', '0', '-cpu-used', '4'] },
}

/** Why there can be no such video here, in a sentence; null: there can. */
export function videoHindrance(kind: VideoKind): string | null {
  const { name } = encoders[kind]
  const { error, status, stdout } = spawnSync('ffmpeg', ['-hide_banner', '-encoders'], { encoding: 'utf8' })
  if (error !== undefined || status !== 0)
    return `no ${kind}: the program ffmpeg is not installed or does not run (apt-get install ffmpeg, brew install ffmpeg)`
  return stdout.includes(` ${name} `) ? null : `no ${kind}: ffmpeg is installed here without its encoder ${name}`
}

/**
 * Writes the file: it appears whole or not at all. `speed` 1 is the pace of the live page, and the last picture stands for a while; `drawn`
 * hears how many pictures of how many are done. @throws Error with what ffmpeg says where it fails
 */
export async function writeVideo(
  file: string,
  kind: VideoKind,
  take: Take,
  speed: number,
  look: Look,
  rasterise: Rasterise,
  drawn: (pictures: number, of: number) => void = () => {},
): Promise<void> {
  const moments = momentsOf(take, speed)
  const picture = (i: number) => rasterise(drawMoment(take, moments[i]!, look), 1)
  const partial = `${file}.partial`
  const process = spawn('ffmpeg', ffmpegOptions(kind, picture(0), partial), { stdio: ['pipe', 'ignore', 'pipe'] })
  let said = ''
  process.stderr.on('data', (text: Buffer) => void (said += text))
  const ended = once(process, 'close')
  // What ends it early is told by its exit status.
  process.stdin.on('error', () => {})
  try {
    for (let i = 0; i < moments.length && process.exitCode === null; i++) {
      const { pixels } = picture(i)
      const times = i === moments.length - 1 ? holdMilliseconds / pictureMilliseconds : 1
      for (let n = 0; n < times; n++) {
        if (!process.stdin.write(pixels)) await Promise.race([once(process.stdin, 'drain').catch(() => {}), ended])
      }
      drawn(i + 1, moments.length)
    }
    process.stdin.end()
    const [code] = await ended
    if (code !== 0) throw new Error(`ffmpeg: ${said.trim().split('\n').at(-1) || `ended with ${code}`}`)
    renameSync(partial, file)
  } finally {
    process.kill()
    rmSync(partial, { force: true })
  }
}

/** Encoders want even sizes and colours without opacity. */
function ffmpegOptions(kind: VideoKind, { width, height }: { width: number; height: number }, file: string): string[] {
  const { name, options } = encoders[kind]
  return [
    ...['-y', '-loglevel', 'error'],
    ...['-f', 'rawvideo', '-pixel_format', 'rgb0', '-video_size', `${width}x${height}`],
    ...['-framerate', String(1000 / pictureMilliseconds), '-i', 'pipe:0'],
    ...['-vf', 'pad=ceil(iw/2)*2:ceil(ih/2)*2,format=yuv420p'],
    ...['-c:v', name, ...options, '-f', kind, file],
  ]
}
