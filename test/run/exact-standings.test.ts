// Exact win rates of runs in games in turns: those of episodes that are played.
import { describe, expect, it, onTestFinished } from 'vitest'
import { play } from '../../src/experiment/evaluate.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import { exactStandings } from '../../src/run/exact-standings.ts'
import { createRun, evaluationOf, type Run } from '../../src/run/run.ts'

async function runOf(overrides: Overrides): Promise<Run> {
  const run = await createRun({
    network: { hidden: [8] },
    ...overrides,
    run: { threads: 1, seed: 4, ...overrides.run },
  })
  onTestFinished(() => run.dispose())
  return run
}

const tic_tac_toe = { id: 'tic_tac_toe' }

describe('exact standings', () => {
  it.each([
    ['tic-tac-toe', tic_tac_toe, 'maddpg', 'greedy'],
    ['tic-tac-toe', tic_tac_toe, 'reinforce', 'sample'],
    ['Pig', { id: 'pig', goal: 20 }, 'maddpg', 'sample'],
  ] as const)('are those of episodes that are played: %s, %j, %s, %s', async (_, scenario, algorithm, mode) => {
    const run = await runOf({ scenario, learner: { algorithm } })
    const standings = exactStandings(run, [mode])
    const episodes = 600
    for (const against of ['trained', 'random'] as const) {
      const request =
        against === 'trained'
          ? evaluationOf(run, 'trained', mode, episodes, 3)
          : evaluationOf(run, 'random', mode, episodes, 3, 'player_1')
      const { returns } = play(request)
      const share = (is: (own: number) => boolean) => returns.filter(([own]) => is(own!)).length / episodes
      const found = standings.find(
        it => it.team === 'player_0' && it.mode === mode && it.against === against && it.begins !== 'player_1',
      )!
      const near = (expected: number) => 5 * Math.sqrt((expected * (1 - expected)) / episodes) + 1e-9
      expect(Math.abs(share(own => own > 0) - found.won)).toBeLessThanOrEqual(near(found.won))
      expect(Math.abs(share(own => own < 0) - found.lost)).toBeLessThanOrEqual(near(found.lost))
      expect(found.won + found.drawn + found.lost).toBeCloseTo(1, 6)
    }
  })

  it('are of both teams, every mode, every opponent and either beginning', async () => {
    const run = await runOf({ scenario: tic_tac_toe, team: { player_1: 'same:player_0' } })
    const standings = exactStandings(run, ['sample', 'greedy'])
    expect(standings).toHaveLength(2 * 2 * 3 * 2)
    const of = (team: string, against: string, begins: string) =>
      standings.find(it => it.mode === 'sample' && it.team === team && it.against === against && it.begins === begins)!
    // One policy for both: it does as well in either seat.
    for (const against of ['trained', 'scripted', 'random']) {
      expect(of('player_0', against, 'player_0').won).toBeCloseTo(of('player_1', against, 'player_1').won, 6)
    }
    expect(of('player_0', 'scripted', 'player_1').won).toBe(0)
  })

  it('leave out opponents that are drawn from past copies, and teams that do not learn', async () => {
    const run = await runOf({ scenario: tic_tac_toe, team: { player_1: 'past:player_0' } })
    const standings = exactStandings(run, ['greedy'])
    expect(new Set(standings.map(({ team, against }) => `${team} ${against}`))).toEqual(
      new Set(['player_0 scripted', 'player_0 random']),
    )
  })

  it.each<[string, Overrides, string]>([
    ['three agents', { scenario: { id: 'simple_spread' } }, '--exact: expected a game of two agents in turns, got 3 agents in simple_spread'],
    ['agents that move at once', { scenario: { id: 'matrix_game' } }, '--exact: matrix_game: expected a game in turns'],
    ['a memory', { scenario: tic_tac_toe, network: { hidden: [8], memory: 3 } }, '--exact: expected policies that go by what they see alone; player_0 remembers'],
  ])('refuse %s', async (_, overrides, message) => {
    const run = await runOf(overrides)
    expect(() => exactStandings(run, ['greedy'])).toThrow(message)
  }) // biome-ignore format: a table
})
