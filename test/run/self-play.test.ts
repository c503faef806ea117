// Self-play: teams that are played by the policies of another team, as they are or as they were.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { evaluate } from '../../src/experiment/evaluate.ts'
import { createRunFolder } from '../../src/experiment/run-folder.ts'
import { train } from '../../src/experiment/trainer.ts'
import { fingerprint } from '../../src/fingerprint.ts'
import { createActingRun } from '../../src/run/acting-run.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { algorithms, createRun, evaluationOf, type Run } from '../../src/run/run.ts'
import { copySaved } from '../../src/saved.ts'
import type { Saved } from '../../src/types.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { learnsFromReplay, sharesParameters, smallRounds } from '../support/tiny-roster.ts'

const replay = { batch: 16, updateEvery: 20, updateAfter: 40 }
const base: Overrides = {
  scenario: { id: 'matrix_game', maxCycles: 5 },
  network: { hidden: [6] },
  replay: { capacity: 200 },
  run: { seed: 3, episodes: 40, games: 2, threads: 1 },
}
const learnerOf = (algorithm: string) => ({
  algorithm,
  ...(learnsFromReplay(algorithms[algorithm]!)
    ? replay
    : smallRounds(algorithms[algorithm]!, { rolloutEpisodes: 4, baseline: 'value' })),
})

async function runOf(overrides: Overrides): Promise<Run> {
  const run = await createRun(layer(base, overrides))
  onTestFinished(() => run.dispose())
  return run
}

const go = (run: Run, count: number) => lastValueFrom(train(run, { clock$: ticks(count) }), { defaultValue: null })

/** What a run is after so many ticks. */
const stateOf = (run: Run) => fingerprint(run.save())

const same = { agent_1: 'same:agent_0' }
const past = { agent_1: { algorithm: 'past:agent_0', pastEvery: 5, pastKept: 3, pastLatest: 0.5 } }

const sharing = Object.keys(algorithms).filter(algorithm => sharesParameters(algorithms[algorithm]!))

describe('the same policy for two teams', () => {
  it.each(sharing)('%s: one network acts for both, and critics tell them apart', async algorithm => {
    const run = await runOf({ learner: learnerOf(algorithm), team: same })
    const [one, other] = run.roster
    expect(one!.actor.networks).toEqual(other!.actor.networks)
    expect(one!.actor.networks[0]).toBe(other!.actor.networks[0])
    expect(one!.actor.networks[0]!.spec.inputs).toBe(4)
    expect(run.parts.map(({ learns }) => learns)).toEqual([true, true])
    expect(run.learners).toHaveLength(1)
    const before = [...one!.actor.networks[0]!.parameters]
    await go(run, 200)
    expect([...one!.actor.networks[0]!.parameters]).not.toEqual(before)
    const figures = Object.keys(run.rounds.figures()).filter(name => /^(actorLoss|policyLoss)/.test(name))
    expect(figures).toEqual(
      algorithms[algorithm]!.acts === 'greedy'
        ? []
        : learnsFromReplay(algorithms[algorithm]!)
          ? ['actorLoss/agent_0', 'actorLoss/agent_1']
          : ['policyLoss/agent_0+agent_1'],
    )
    // Values of actions are the policy, which does not tell them apart.
    if (algorithms[algorithm]!.acts === 'greedy') return
    if (one!.value === undefined) return
    const [observations, actions] = [4, 2].map(columns =>
      [0, 1].map(() => ({ rows: 1, columns, data: new Float32Array(columns) })),
    )
    expect(one!.value({ observations: observations! }, actions!)).not.toBe(
      other!.value!({ observations: observations! }, actions!),
    )
  })

  it('learns from what both sides did', async () => {
    // Whoever is agent_1 is paid for its second alternative, agent_0 is never paid: only its side can teach it.
    const only = [0, 0].map(() => [[0, 0], [0, 1]]) // biome-ignore format: a table
    const scenario = { payoffs: only }
    for (const algorithm of ['maddpg', 'reinforce', 'ppo', 'ppg', 'trpo']) {
      const learner = { ...learnerOf(algorithm), critic: 'local', learningRate: 0.02 }
      const run = await runOf({ scenario, learner, team: same, run: { episodes: 400 } })
      await lastValueFrom(train(run), { defaultValue: null })
      const { data } = run.roster[0]!.actor.probabilities({ rows: 1, columns: 4, data: new Float32Array(4) })
      expect([algorithm, data[1]! > 0.9]).toEqual([algorithm, true])
    }
  })

  it('shares parameters over the agents of both teams where agents of a team do', async () => {
    const file = join(tempFolder(), 'pairs.ts')
    writeFileSync(file, pairs)
    const run = await runOf({ scenario: { id: file, maxCycles: undefined }, learner: { ...learnerOf('maddpg'), shareParameters: true }, team: { red: 'same:blue' } }) // biome-ignore format: settings
    expect(new Set(run.roster.map(({ actor }) => actor.networks[0])).size).toBe(1)
    expect(run.roster.map(({ actor }) => actor.identity)).toEqual([
      { position: 0, members: 2 },
      { position: 1, members: 2 },
      { position: 0, members: 2 },
      { position: 1, members: 2 },
    ])
    const apart = await runOf({ scenario: { id: file, maxCycles: undefined }, learner: learnerOf('maddpg'), team: { red: 'same:blue' } }) // biome-ignore format: settings
    const networks = apart.roster.map(({ actor }) => actor.networks[0])
    expect([networks[0] === networks[2], networks[1] === networks[3], networks[0] === networks[1]]).toEqual([
      true,
      true,
      false,
    ])
  })

  it('is evaluated as two teams that learnt, each against baselines', async () => {
    const run = await runOf({ learner: learnerOf('maddpg'), team: same })
    expect(run.who).toBe('agent_0: maddpg, agent_1: the same as agent_0')
    const replaced = evaluationOf(run, 'random', 'greedy', 10, 1, 'agent_1')
    expect(Object.keys(evaluate(replaced).returns)).toEqual(['agent_0', 'agent_1'])
  })
})

describe('past copies of a policy', () => {
  const copiesOf = (run: Run) => (run.roster[1]!.save() as { added: number; copies: readonly Saved[] }).copies
  const addedIn = (run: Run) => (run.roster[1]!.save() as { added: number }).added

  it('begin with the untrained policy, come every so many episodes, and are kept in number', async () => {
    const run = await runOf({ learner: learnerOf('maddpg'), team: past })
    const untrained = copySaved(copiesOf(run)[0]!)
    expect([addedIn(run), copiesOf(run).length]).toEqual([1, 1])
    expect(run.parts.map(({ learns }) => learns)).toEqual([true, false])
    const seen: number[][] = []
    while (run.tracker.finished < 30) {
      await go(run, 1)
      seen.push([run.tracker.finished, addedIn(run), copiesOf(run).length])
    }
    for (const [finished, added, kept] of seen) {
      expect(added).toBe(1 + Math.floor(finished! / 5))
      expect(kept).toBe(Math.min(3, added!))
    }
    expect(copiesOf(run)).not.toContainEqual(untrained)
  })

  it.each([
    [1, 0],
    [0, 1],
  ])('play with pastLatest %i: the policy as it was when the episode began, or an older one', async (latest, old) => {
    const settings = { ...past.agent_1, pastLatest: latest, pastKept: 1, pastEvery: 1000 }
    const run = await runOf({ learner: learnerOf('maddpg'), team: { agent_1: settings }, run: { games: 1 } })
    const playing = () =>
      (run.policies[1]!.save() as { played: readonly { parameters: Float32Array[] }[] }).played[0]!.parameters
    const untrained = copySaved(copiesOf(run)[0]!)
    let before: Saved | undefined
    let changes = 0
    for (let i = 0; i < 300; i++) {
      const begins = run.vectorGame.restarted[0] === 1
      const acts = !run.rounds.due
      await go(run, 1)
      const now = copySaved(playing())
      if (acts && !begins) expect(now).toEqual(before)
      else if (acts && before !== undefined && fingerprint(now) !== fingerprint(before)) changes++
      before = now
      if (old === 1) expect(now).toEqual(untrained)
    }
    expect(changes > 0).toBe(latest === 1)
  })

  it('are not read by critics, which learn what they do', async () => {
    const run = await runOf({ learner: learnerOf('maddpg'), team: past })
    await go(run, 120)
    expect(Object.keys(run.rounds.figures())).toContain('inferenceLoss/agent_0')
    expect(run.rounds.figures()).not.toHaveProperty('inferenceKL/agent_0')
  })

  it('are the opponents in evaluations too, with draws of their own, also of who only acts', async () => {
    const run = await runOf({ learner: learnerOf('maddpg'), team: past })
    await go(run, 250)
    const before = stateOf(run)
    const request = () => evaluationOf(run, 'trained', 'sample', 200, 5)
    const { returns } = evaluate(request())
    expect(evaluate(request()).returns).toEqual(returns)
    expect(stateOf(run)).toBe(before)
    const acting = await createActingRun(run.config as unknown as Overrides)
    onTestFinished(() => acting.dispose())
    acting.restore(run.save())
    const again = evaluationOf({ ...acting, createGame: run.createGame }, 'trained', 'sample', 200, 5)
    expect(evaluate(again).returns).toEqual(returns)
  })
})

describe('a run in self-play that is cut and goes on in another process', () => {
  const ways: Readonly<Record<string, Overrides>> = {
    ...Object.fromEntries(
      Object.keys(algorithms).flatMap(algorithm => [
        ...(sharing.includes(algorithm)
          ? [[`${algorithm}, same`, { learner: learnerOf(algorithm), team: same }] as const]
          : []),
        [`${algorithm}, past`, { learner: learnerOf(algorithm), team: past }],
      ]),
    ),
    'maddpg, sub-policies, past': { learner: { ...learnerOf('maddpg'), subPolicies: 2 }, team: past },
    'maddpg, sub-policies, same': { learner: { ...learnerOf('maddpg'), subPolicies: 2 }, team: same },
    'maddpg, memory, past': { learner: learnerOf('maddpg'), team: past, network: { memory: 3, memorySteps: 2 } },
    'reinforce, memory, same': { learner: learnerOf('reinforce'), team: same, network: { memory: 3 } },
  }
  it.each(Object.entries(ways))('%s: the same bits', async (_, overrides) => {
    const whole = await runOf(overrides)
    const saved: Saved[] = []
    for (const count of [23, 40, 41]) {
      await go(whole, count)
      saved.push(copySaved(whole.save()))
    }
    await go(whole, 60)
    for (const [i, left] of [141, 101, 60].entries()) {
      const other = await runOf(overrides)
      other.restore(saved[i]!)
      expect(stateOf(other)).toBe(fingerprint(saved[i]!))
      await go(other, left)
      expect(stateOf(other)).toBe(stateOf(whole))
    }
  })
})

describe('teams of earlier runs', () => {
  const kept = (run: Run) => {
    const path = join(tempFolder(), 'run')
    const folder = createRunFolder(path, run.config)
    folder.writeCheckpoint(1, run.save())
    return path
  }

  it.each(['agent_0', 'agent_1'])('that played as one play on alone: %s', async team => {
    const before = await runOf({ learner: learnerOf('masac'), team: same })
    await go(before, 100)
    const after = await runOf({ learner: learnerOf('maddpg'), team: { [team]: kept(before) } })
    const index = team === 'agent_0' ? 0 : 1
    expect([...after.roster[index]!.actor.networks[0]!.parameters]).toEqual([
      ...before.roster[index]!.actor.networks[0]!.parameters,
    ])
  })

  it('that were past copies are nobody to take over', async () => {
    const before = await runOf({ learner: learnerOf('maddpg'), team: past })
    const path = kept(before)
    await expect(runOf({ learner: learnerOf('maddpg'), team: { agent_1: path } })).rejects.toThrow(
      `team.agent_1: ${path} has no trained agent_1: there the team was played by 'past:agent_0'`,
    )
  })
})

describe('self-play is refused', () => {
  it('where agents learn one after the other, with what to do', async () => {
    await expect(runOf({ learner: learnerOf('happo'), team: same })).rejects.toThrow(
      /^team\.agent_1: expected a player of its own, got the policies of agent_0: happo .* past:agent_0 plays earlier .* team\.agent_0=ppo learns/,
    )
  })

  it.each<[string, Overrides, string]>([
    ['as an unknown team', { team: { agent_1: 'same:agent_2' } }, "team.agent_1: unknown team 'agent_2'"],
    ['as itself', { team: { agent_1: 'same:agent_1' } }, 'team.agent_1: same:agent_1: expected another team that learns by an algorithm of its own (agent_0), got'],
    ['in a circle', { team: { agent_0: 'same:agent_1', agent_1: 'past:agent_0' } }, 'team.agent_0: same:agent_1: expected another team that learns by an algorithm of its own (none does)'],
    ['as one that does not learn', { team: { agent_0: 'random', agent_1: 'past:agent_0' } }, 'expected another team that learns by an algorithm of its own (none does)'],
    ['with other actions', { scenario: { payoffs: [[[0, 0], [0, 0], [0, 0]]] }, team: { agent_1: 'same:agent_0' } }, 'team.agent_1: same:agent_0: expected the observation of agent_0 for agent_1, 1 + 3, got 3 + 1'],
    ['with other numbers of agents', { scenario: { id: 'simple_tag' }, team: { agent: 'past:adversary' } }, 'team.agent: past:adversary: expected as many agents as in adversary, 3, got 1 in agent'],
    ['with settings of its own', { team: { agent_1: { algorithm: 'same:agent_0', gamma: 0.9 } } }, 'team.agent_1.gamma: the team is played by the policies of agent_0; say team.agent_0.gamma'],
    ['with settings of another', { team: { agent_1: { algorithm: 'past:agent_0', gamma: 0.9 } } }, "team.agent_1.gamma: past has no 'gamma'"],
    ['with a pool of nothing', { team: { agent_1: { algorithm: 'past:agent_0', pastKept: 0 } } }, 'team.agent_1.pastKept: expected a whole number'],
  ])('%s', async (_, overrides, message) => {
    await expect(runOf(overrides)).rejects.toThrow(message)
  }) // biome-ignore format: a table
})

/** Two teams of two, who see a number each. */
const pairs = `
import { defineGame } from 'marlstrom'
export default defineGame({
  id: 'pairs', version: 1, description: 'two teams of two', options: {},
  create() {
    const ids = ['blue_0', 'blue_1', 'red_0', 'red_1']
    let steps = 0
    return {
      id: 'pairs',
      agents: ids.map(id => ({
        id, team: id.slice(0, -2), observationSize: 1, observationParts: [{ name: 'step', size: 1 }],
        actionSpace: [{ name: 'do', kind: 'choice', size: 2, soft: false }],
      })),
      rewards: new Float64Array(4), present: new Uint8Array(4).fill(1), terminated: new Uint8Array(4),
      get truncated() { return steps >= 4 },
      reset() { steps = 0 },
      step() { steps++ },
      observe(_agent, row) { row[0] = steps / 4 },
      save: () => ({ steps }),
      restore(saved) { steps = saved.steps },
    }
  },
})
`
