// Games in turns are trained by every algorithm, apart, as one policy and against past copies, and go on exactly where they were cut.
import { lastValueFrom } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { train } from '../../src/experiment/trainer.ts'
import { fingerprint } from '../../src/fingerprint.ts'
import { algorithms, createRun, type Run } from '../../src/run/run.ts'
import { copySaved } from '../../src/saved.ts'
import { ticks } from '../support/ticks.ts'
import { learnsFromReplay, settingsIn, sharesParameters, smallRounds } from '../support/tiny-roster.ts'

const teams = {
  apart: {},
  'one policy for both': { player_1: 'same:player_0' },
  'against past copies': { player_1: { algorithm: 'past:player_0', pastEvery: 3, pastKept: 2 } },
}
const games = [
  { id: 'tic_tac_toe', begins: 'random' },
  { id: 'pig', begins: 'random', goal: 12, maxCycles: 30 },
]
const critics = ['joint', 'local', 'state'] as const

const cases = games.flatMap(scenario =>
  Object.keys(algorithms).flatMap(algorithm =>
    Object.entries(teams).flatMap(([how, team], i) => {
      // One policy for both has its networks in common.
      if (how === 'one policy for both' && !sharesParameters(algorithms[algorithm]!)) return []
      // m3ddpg moves what local critics do not see.
      const critic = algorithm === 'm3ddpg' && i === 1 ? 'joint' : critics[i]!
      return { game: scenario.id, algorithm, how, critic, scenario, team }
    }),
  ),
)

describe.each(cases)('$game by $algorithm, $how, critic $critic', ({ scenario, algorithm, team, critic }) => {
  const own = learnsFromReplay(algorithms[algorithm]!)
    ? { batch: 8, updateEvery: 10, updateAfter: 20, returnSteps: 2 }
    : smallRounds(algorithms[algorithm]!, { rolloutEpisodes: 3, baseline: 'value' })
  const settings = {
    scenario,
    learner: settingsIn(algorithms[algorithm]!, { algorithm, critic, ...own }),
    team,
    network: { hidden: [4] },
    replay: { capacity: 60 },
    run: { seed: 3, episodes: 1000, games: 2, threads: 1 },
  }
  const started = async () => {
    const run = await createRun(settings)
    onTestFinished(() => run.dispose())
    return run
  }
  const go = (run: Run, count: number) => lastValueFrom(train(run, { clock$: ticks(count) }), { defaultValue: null })

  it('learns without a fault and resumes exactly', async () => {
    const whole = await started()
    await go(whole, 67)
    const saved = copySaved(whole.save())
    await go(whole, 80)
    expect(whole.rounds.finished).toBeGreaterThan(3)
    const other = await started()
    other.restore(saved)
    expect(fingerprint(other.save())).toBe(fingerprint(saved))
    await go(other, 80)
    expect(fingerprint(other.save())).toBe(fingerprint(whole.save()))
  })
})
