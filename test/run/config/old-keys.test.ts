// Settings of older versions go on meaning what they meant: for every team alike, also where a run is held against what it was trained as.
import { describe, expect, it } from 'vitest'
import { layer, type Overrides } from '../../../src/run/config/config.ts'
import { differences, identityOf } from '../../../src/run/config/config-identity.ts'
import { describeOldKeys, oldKeysIn, oldPaths, renamed, translated } from '../../../src/run/config/old-keys.ts'
import { completeSettings, planRun } from '../../../src/run/plan.ts'

/** As config.json was written before settings belonged to teams: all of them, whatever the algorithm. */
const complete = {
  scenario: { id: 'simple_tag', rules: 'openai', maxCycles: 6 },
  algorithm: { policyDelay: 3 },
  team: { adversary: 'mad4pg', agent: 'matd3' },
  learner: {
    ...{ algorithm: 'maddpg', learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, clip: 0.5, gamma: 0.9 },
    ...{ tau: 0.01, logitPenalty: 1e-3, temperature: 1, batch: 16, updateEvery: 20, updateAfter: 60, critic: null },
    ...{ copyTargets: true, normaliseRewards: false, estimator: 'soft', estimatorSamples: 10, exploration: 'policy' },
    ...{ explorationScale: 0.1, inferPolicies: false, inferenceEntropy: 1e-3, subPolicies: 1, shareParameters: false },
  },
  replay: { capacity: 1000, steps: 5, priority: 0.6, importance: 0.4, draws: 'agent' },
  network: { hidden: [8], activation: 'relu', layerNorm: false, memory: 0, memorySteps: 8 },
  run: { preset: 'modern', seed: 1, episodes: 20, games: 1, kernels: 'standard', divergence: 'stop' },
}
const kept = { scenarioFile: undefined, opponentFolder: () => undefined }

describe('settings of an older version', () => {
  it('hold for every team that has them, as they did', async () => {
    const { teamSettings, config, oldKeys } = await planRun(complete as Overrides, kept)
    const { adversary, agent } = Object.fromEntries(teamSettings)
    for (const settings of [adversary!, agent!]) {
      expect(settings).toMatchObject({ gamma: 0.9, returnSteps: 5, priority: 0.6, importance: 0.4, copyTargets: true })
      expect(settings.exploration).toBe('policy')
    }
    expect([agent!.policyDelay, config.replay]).toEqual([3, { capacity: 1000 }])
    expect(config.team).toEqual({ adversary: 'mad4pg', agent: 'matd3' })
    expect(oldKeys).toContain('replay.steps')
  })

  it('are those that the run was trained as', async () => {
    const plan = await planRun(complete as Overrides, kept)
    const now = identityOf({ ...plan, settings: completeSettings(plan) }).settings
    const before = { ...complete, algorithm: { ...complete.algorithm, smoothing: 0.2, atoms: 51, low: null } }
    const known = ({ before }: { before: string | undefined }) => before !== undefined
    const changed = differences(translated(before), now).filter(known)
    expect(changed.map(({ key }) => key)).toEqual(['run.preset', 'run.episodes'])
    const edited = await planRun(
      layer(complete as Overrides, { team: { agent: { algorithm: 'matd3', tau: 0.5 } } }),
      kept,
    )
    const other = identityOf({ ...edited, settings: completeSettings(edited) }).settings
    expect(differences(now, other)).toEqual([{ key: 'team.agent.tau', before: '0.01', after: '0.5' }])
  })

  it('say of reinforce what a cut means', () => {
    const read = (bootstrap: boolean, algorithm = 'reinforce') => translated({ learner: { algorithm, bootstrap } })
    expect(read(true)).toEqual({ learner: { algorithm: 'reinforce', timeLimit: 'bootstrap' } })
    expect(read(false)).toEqual({ learner: { algorithm: 'reinforce' } })
    // Another algorithm may have an option of that name.
    expect(read(true, './mine.ts')).toEqual({ learner: { algorithm: './mine.ts', bootstrap: true } })
    const team = { good: 'reinforce', bad: { algorithm: 'reinforce', bootstrap: true } }
    expect(translated({ learner: { bootstrap: false }, team })).toEqual({
      learner: {},
      team: { good: 'reinforce', bad: { algorithm: 'reinforce', timeLimit: 'bootstrap' } },
    })
  })

  it('are named with what they are called now', () => {
    const keys = oldKeysIn({ algorithm: { alpha: 1 }, replay: { capacity: 1, steps: 2 } })
    expect(keys).toEqual(['algorithm.alpha', 'replay.steps'])
    expect(describeOldKeys(keys)).toBe(
      'algorithm.alpha, replay.steps are of an older version, and read as learner.alpha, learner.returnSteps',
    )
    expect(describeOldKeys([])).toBeNull()
    expect(keys.map(renamed)).toEqual(['learner.alpha', 'learner.returnSteps'])
    expect(oldPaths('learner.returnSteps')).toEqual(['algorithm.returnSteps', 'replay.steps'])
    expect([renamed('replay.capacity'), renamed('learner.gamma')]).toEqual([undefined, undefined])
  })

  it('leave settings of today, and what is no record, as they are', () => {
    const today = { learner: { gamma: 1 }, replay: { capacity: 2 } }
    expect(translated(today)).toBe(today)
    expect(translated({ algorithm: {} })).toEqual({})
    for (const wrong of [{ algorithm: 3 }, { learner: 3, algorithm: { alpha: 1 } }])
      expect(translated(wrong)).toBe(wrong)
  })
})
