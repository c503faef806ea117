// What critics see in whole runs: the world's own state or everybody, with flags of who is there where agents may be absent.
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { checkGame, describeProblem } from '../../src/envs/check-game.ts'
import { inspectAgent } from '../../src/exhibition/inspection.ts'
import { createPlay } from '../../src/exhibition/play.ts'
import { createTeamPlayers } from '../../src/exhibition/team-players.ts'
import { train } from '../../src/experiment/trainer.ts'
import { createRandom } from '../../src/random.ts'
import { findGame } from '../../src/run/find-game.ts'
import { algorithms, createRun, type Run, type RunRequest } from '../../src/run/run.ts'
import { runSetup } from '../../src/run/run-setup.ts'
import type { SavedTensor } from '../../src/types.ts'
import { learnsFromReplay, mayBeLocal, sharesParameters, smallRounds } from '../support/tiny-roster.ts'

const shifts = join(import.meta.dirname, '../fixtures/games/shifts.ts')

/** A run that has learnt a little. */
async function trained(
  scenario: Readonly<Record<string, unknown>>,
  learner: Readonly<Record<string, unknown>>,
): Promise<Run> {
  const { algorithm } = learner
  const known = algorithms[algorithm as string]!
  const when = learnsFromReplay(known)
    ? { batch: 16, updateEvery: 25, updateAfter: 50 }
    : {
        ...smallRounds(known, { rolloutEpisodes: 2, baseline: 'value' }),
        ...(sharesParameters(known) ? { shareParameters: false } : {}),
      }
  const run = await createRun({
    scenario,
    learner: { ...when, ...learner },
    network: { hidden: [8] },
    run: { episodes: 6, games: 1 },
  } as RunRequest)
  onTestFinished(() => run.dispose())
  await lastValueFrom(train(run))
  expect(run.rounds.finished).toBeGreaterThan(0)
  return run
}

/** Columns of the input of an agent's critic. */
function criticInputs(run: Run, agent = 0): number {
  const { critic } = run.roster[agent]!.save() as { critic: Record<string, SavedTensor> }
  return critic['layer0.weight']!.shape[0]!
}

const withCritics = Object.values(algorithms).filter(({ options }) => Object.hasOwn(options, 'critic'))

describe.each(withCritics)('$id', algorithm => {
  // Value critics see no actions, ddpg its own alone where it is local, coma those of the team, whatever it sees beside them.
  const actions = (sizes: readonly number[], ofTeam: readonly number[]) => {
    const seen = algorithm.id === 'coma' ? ofTeam : learnsFromReplay(algorithm) ? sizes : []
    return seen.reduce((sum, size) => sum + size, 0)
  }

  it.each(['state', 'joint'] as const)('learns with critics that see %s', async critic => {
    const learner = { algorithm: algorithm.id, critic }
    const seen = { state: 22, joint: 8 + 10 + 10 }[critic]
    expect(criticInputs(await trained({ id: 'simple_adversary' }, learner))).toBe(seen + actions([5, 5, 5], [5]))
  })

  it.each(['state', 'joint', 'local'] as const)(
    'learns where agents come and go, with critics that see %s',
    async critic => {
      if (!mayBeLocal(algorithm) && critic === 'local') return
      const run = await trained({ id: shifts, maxCycles: 25 }, { algorithm: algorithm.id, critic })
      const sizes = run.agents.map(({ observationSize }) => observationSize)
      const state = 3 + 6 + 6 + 2 + 2 + 6
      const seen = { state, joint: sizes.reduce((sum, size) => sum + size), local: sizes[0]! }[critic]
      const flags = critic === 'local' ? 0 : 3
      expect(criticInputs(run)).toBe(seen + actions(critic === 'local' ? [7] : [7, 5, 5], [7, 5, 5]) + flags)
      if (!learnsFromReplay(algorithm)) return
      // What viewers are told of a critic's opinion, whoever is there.
      const game = run.createGame()
      const setup = runSetup(run)
      const players = createTeamPlayers(setup, game, {})
      const play = createPlay(game)
      players.policies(1).forEach((policy, agent) => void play.setPolicy(agent, policy))
      play.begin(createRandom(1, 'game'))
      for (let n = 0; n < 8; n++) play.step()
      expect(Number.isFinite(inspectAgent(play, players, 0).value)).toBe(true)
    },
  )

  it.each(['terminate', 'drop'] as const)('learns where a time limit means %s', async timeLimit => {
    const run = await trained({ id: shifts, maxCycles: 25 }, { algorithm: algorithm.id, timeLimit })
    expect(run.roster).toHaveLength(3)
  })
})

it.each([1, 3])('the state in a batch is that of what agents see there, over %i steps', async returnSteps => {
  const run = await trained({ id: 'simple_spread' }, { algorithm: 'maddpg', critic: 'state', returnSteps })
  const rows = 32
  const batch = run.replay!.createBatch(rows)
  run.replay!.draw(0, 0, { steps: returnSteps, gamma: 0.9 }).sample(createRandom(1, 'draw'), batch)
  for (const [seen, state] of [
    [batch.observations, batch.states!],
    [batch.nextObservations, batch.nextStates!],
  ] as const) {
    for (let row = 0; row < rows; row++) {
      const told = state.data.subarray(18 * row, 18 * (row + 1))
      seen.forEach(({ data }, agent) => {
        // [velocity, position, ...] against [positions, velocities, landmarks]
        const [vx, vy, x, y] = data.subarray(18 * row, 18 * row + 4)
        expect([x, y, vx, vy]).toEqual([0, 1, 6, 7].map(at => told[2 * agent + at]))
      })
    }
  }
})

it('the state of a game that has none is refused by name, with the remedy', async () => {
  const asked = createRun({ scenario: { id: 'matrix_game' }, learner: { algorithm: 'maddpg', critic: 'state' } })
  await expect(asked).rejects.toThrow(
    "learner.critic: expected joint, local or set, got state: the game says nothing of the world's own state; give it stateParts and state(row)",
  )
})

it('the game of these tests keeps what a game promises', async () => {
  const { definition } = await findGame(shifts)
  expect(checkGame(definition).problems.map(describeProblem)).toEqual([])
})
