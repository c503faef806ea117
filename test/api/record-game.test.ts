// recordGame: whole episodes in a file, the same ones each time, which can be verified and drawn.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { ConfigError, recordGame, render, scenarios } from '../../src/index.ts'
import { openRecording } from '../../src/recording/recording.ts'
import { verify } from '../../src/recording/verify.ts'
import { recordedGames } from '../../src/serving/recorded-games.ts'
import { tempFolder } from '../support/temp-folder.ts'

async function framesOf(file: string) {
  const recording = await openRecording(file)
  const { same, again, difference, unknown } = await verify(recording, recordedGames(file))
  const rows: number[][] = []
  for await (const { frame } of recording.from(recording.first)) rows.push([...frame.row])
  await recording.close()
  expect({ difference, unknown, whole: recording.whole }).toEqual({ difference: null, unknown: 0, whole: true })
  return { rows, same, again }
}

it.each([
  ['a scenario in a thread of its own', 'simple_tag'],
  ['a game of this program', scenarios.simple_tag!],
])('%s: from the episode that the seed stands for', async (_, what) => {
  const folder = tempFolder()
  const options = { scenario: { maxCycles: 6 }, seed: 3, episodes: 4 } as const
  const one = await recordGame(what, { file: join(folder, 'one.mcap'), ...options })
  const two = await recordGame(what, { file: join(folder, 'two.mcap'), ...options })
  expect(one).toEqual({ file: join(folder, 'one.mcap'), episodes: 4, frames: 28 })
  const [first, second] = [await framesOf(one.file), await framesOf(two.file)]
  expect(first.rows.length).toBe(28)
  expect(second.rows).toEqual(first.rows)
  const { steps } = await render(one.file, join(folder, 'play.svg'), { episode: 4 })
  expect(steps).toBe(6)
  expect(readFileSync(join(folder, 'play.svg'), 'utf8')).toContain('<svg')
  const again = recordGame(what, { file: one.file })
  await expect(again).rejects.toThrow(ConfigError)
  await expect(again).rejects.toThrow('is there already')
})

it('refuses what is no number of episodes', async () => {
  await expect(recordGame('simple', { episodes: 0 })).rejects.toThrow('episodes: expected a whole number of at least 1')
})
