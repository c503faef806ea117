// Games of recordings: those whose results a later version did not change are simulated again, others are refused by version.
import { expect, it } from 'vitest'
import { versionOf } from '../../src/envs/game-definition.ts'
import type { Opening } from '../../src/experiment/show.ts'
import type { RecordedGame } from '../../src/recording/format.ts'
import { games } from '../../src/run/run.ts'
import { recordedGames } from '../../src/serving/recorded-games.ts'

const recorded = { source: null } as RecordedGame
const opening = (scenario: string, version: number, options: Opening['options']) =>
  ({ scenario, version, options }) as Opening

it.each(['simple_spread', 'simple_tag'])('%s of version 1 is the same game, but where success ends it', async id => {
  const make = recordedGames('old.mcap')
  expect((await make(opening(id, 1, {}), recorded)).id).toBe(id)
  expect((await make(opening(id, 2, { terminateOnSuccess: true }), recorded)).id).toBe(id)
  await expect(make(opening(id, 1, { terminateOnSuccess: true }), recorded)).rejects.toThrow(
    `old.mcap: was recorded with version 1 of ${id}, which is at 2 here: another version may move otherwise`,
  )
})

it('a game without an earlier version is at its version with all options', () => {
  for (const definition of Object.values(games)) {
    if (definition.changedIn === undefined) expect(versionOf(definition, {})).toBe(definition.version)
    else expect(versionOf(definition, {})).toBeLessThan(definition.version)
  }
})
