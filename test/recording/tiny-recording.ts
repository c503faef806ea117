// A recording of a tiny show on disk, in small chunks, and what of one can be read.
import { join } from 'node:path'
import type { About } from '../../src/recording/format.ts'
import { recordShow } from '../../src/recording/recorder.ts'
import { openRecording, type RecordedMoment } from '../../src/recording/recording.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { createTinyShow, type TinyShow } from './tiny-show.ts'

export const about: About = {
  marlstrom: '0.1.0',
  scenario: 'simple_tag',
  players: 'random',
  seed: 7,
  config: { scenario: { id: 'simple_tag' } },
  run: null,
}

export async function recorded(play: (show: TinyShow) => void): Promise<{ file: string; show: TinyShow }> {
  const show = createTinyShow()
  const file = join(tempFolder(), 'x.mcap')
  const chunk = { bytes: 40_000, milliseconds: 60_000 }
  const recorder = await recordShow(show, { file, about, source: () => null, chunk })
  play(show)
  await recorder.close()
  return { file, show }
}

/** As far as it goes; a sentence where it goes nowhere. */
export async function readAll(file: string): Promise<RecordedMoment[] | string> {
  const moments: RecordedMoment[] = []
  try {
    const recording = await openRecording(file)
    try {
      for await (const moment of recording.from(recording.first)) moments.push(moment)
    } finally {
      await recording.close()
    }
  } catch (error) {
    if (moments.length === 0) return (error as Error).message
  }
  return moments
}

export async function all<T>(values: AsyncIterable<T>): Promise<T[]> {
  const got: T[] = []
  for await (const value of values) got.push(value)
  return got
}

/** Frames as they come out of their bytes say two things more. */
export function asRead({ frame, ...moment }: RecordedMoment): RecordedMoment {
  return { ...moment, frame: Object.assign({ key: false, past: false }, frame) }
}
