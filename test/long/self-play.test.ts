// What self-play by PPO reaches from scratch (docs/games-in-turns.md), judged exactly: its commands, whose result is the same to the bit everywhere.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { holdAt, pigWinRate, solvePig } from '../../src/analysis/pig-chances.ts'
import type { ExactStanding } from '../../src/run/exact-standings.ts'
import { marlstrom, temporaryFolder } from '../support/command.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/games-in-turns.md'), 'utf8')

/** How the greedy policy of the guide's command does against `against`, with either player beginning. */
async function learnt(id: string, against: ExactStanding['against']): Promise<readonly ExactStanding[]> {
  const command = guide.match(new RegExp(`^npx marlstrom (train ${id} .*--algorithm ippo .*)--out`, 'm'))![1]!
  const out = join(temporaryFolder(), 'run')
  const trained = await marlstrom(...command.replaceAll("'", '').trim().split(' '), '--threads', '1', '--out', out)
  expect([trained.code, trained.stderr]).toEqual([0, ''])
  const { stdout } = await marlstrom('evaluate', out, '--exact', '--json')
  const standings = stdout
    .trim()
    .split('\n')
    .map(line => JSON.parse(line) as ExactStanding)
    .filter(one => one.team === 'player_0' && one.mode === 'greedy' && one.against === against)
  expect(standings.map(({ begins }) => begins)).toEqual(['player_0', 'player_1'])
  return standings
}

// Chance plays every line there is.
it('tic_tac_toe: the greedy policy loses in no line of play, whoever begins', async () => {
  const standings = await learnt('tic_tac_toe', 'random')
  expect(standings.map(({ lost }) => lost)).toEqual([0, 0])
})

it('pig: the greedy policy wins 49 % against the optimal one, more than to hold at 25, the best that looks at one turn alone', async () => {
  const standings = await learnt('pig', 'scripted')
  const won = (standings[0]!.won + standings[1]!.won) / 2
  expect(pigWinRate(holdAt(25), solvePig().holds).mean).toBeLessThan(0.49)
  expect(won).toBeGreaterThan(0.49)
  expect(won).toBeLessThan(0.5)
})
