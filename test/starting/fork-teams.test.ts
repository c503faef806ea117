// Forks with teams of other sizes: what they begin with, that they learn on, and what is refused by name.
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { layersOf } from '../../src/cli/options/settings.ts'
import { readStarts } from '../../src/experiment/environment.ts'
import { record } from '../../src/experiment/record.ts'
import { train } from '../../src/experiment/trainer.ts'
import { openTrainedRun } from '../../src/starting/open-run.ts'
import { startRun } from '../../src/starting/start-run.ts'
import type { Saved } from '../../src/types.ts'
import { tempFolder } from '../support/temp-folder.ts'

const small = [
  ...['scenario.maxCycles=5', 'learner.batch=8', 'learner.updateAfter=20', 'learner.updateEvery=5'],
  ...['network.hidden=[4]', 'network.setUnits=[3]', 'replay.capacity=100'],
  ...['run.episodes=10', 'run.logEvery=5', 'run.tensorboard=false', 'run.threads=1'],
]
const sets = ['scenario.see=sets', 'learner.shareParameters=true', 'learner.identity=false']
const said: string[] = []
const note = (sentence: string) => void said.push(sentence)

async function trained(how: { set: readonly string[]; fork?: string }): Promise<string> {
  const path = join(tempFolder(), 'run')
  const layers = layersOf({ set: how.set }, how.fork === undefined ? 'simple_spread' : undefined)
  const { run, folder, lock } = await startRun({ layers, note, out: path, ...(how.fork && { fork: how.fork }) })
  try {
    await lastValueFrom(train(run).pipe(record(run, folder)))
  } finally {
    lock.release()
    run.dispose()
  }
  return path
}

async function begun(fork: string, set: readonly string[]) {
  const out = join(tempFolder(), 'fork')
  const { run, lock } = await startRun({ layers: layersOf({ set }), note, fork, out })
  const saved = run.roster.map(member => structuredClone(member.save())) as Record<string, Saved>[]
  const { steps } = run.vectorGame
  lock.release()
  run.dispose()
  return { out, saved, steps, ids: run.agents.map(({ id }) => id) }
}

describe.each(['local', 'set'])('a run with %s critics', critic => {
  const parentRun = () => trained({ set: [...small, ...sets, `learner.critic=${critic}`] })

  it('goes on with another number of agents, all of which have its networks and optimisers', async () => {
    const parent = await parentRun()
    const { run } = await openTrainedRun(parent, note)
    const before = run.roster.map(member => structuredClone(member.save())) as Record<string, Saved>[]
    run.dispose()
    said.length = 0
    const { out, saved, steps, ids } = await begun(parent, ['scenario.agents=5'])
    expect(ids).toEqual(['agent_0', 'agent_1', 'agent_2', 'agent_3', 'agent_4'])
    expect(steps).toBe(0)
    for (const state of saved) {
      for (const part of ['actor', 'targetActor', 'critic', 'targetCritic', 'actorOptimizer', 'criticOptimizer']) {
        expect(state[part]).toEqual(before[0]![part])
      }
    }
    expect(said.join()).toContain(
      'teams have other sizes (scenario.agents 3 -> 5): it begins with the networks and optimisers',
    )
    expect(readStarts(out).at(-1)).toMatchObject({ how: 'fork', episodes: 0, parent: { run: parent, episodes: 10 } })
  })

  it('learns on, and is resumed', async () => {
    const path = await trained({ set: ['scenario.agents=2'], fork: await parentRun() })
    const resumed = await startRun({ layers: layersOf({ episodes: 15 }), note, resume: path })
    await lastValueFrom(train(resumed.run).pipe(record(resumed.run, resumed.folder)))
    expect(resumed.run.agents).toHaveLength(2)
    expect(resumed.run.tracker.finished).toBe(15)
    resumed.lock.release()
    resumed.run.dispose()
  })
})

describe('a fork with teams of another size', () => {
  it('is refused where critics read all agents, with the remedy', async () => {
    const parent = await trained({ set: [...small, ...sets] })
    await expect(begun(parent, ['scenario.agents=4'])).rejects.toThrow(
      /^scenario\.agents: cannot change in a fork \(scenario\.agents 3 -> 4\): tensor layer0\.weight.*learner\.critic=local or learner\.critic=set$/,
    )
  })

  it('is refused where agents are told apart, with the remedy', async () => {
    const parent = await trained({
      set: [...small, 'scenario.see=sets', 'learner.shareParameters=true', 'learner.critic=local'],
    })
    await expect(begun(parent, ['scenario.agents=4'])).rejects.toThrow(/train it with learner\.identity=false$/)
  })

  it('also comes from learning over rollouts, whose baseline is a value of sets', async () => {
    const parent = await trained({
      set: [
        ...[
          'scenario.maxCycles=5',
          'learner.algorithm=reinforce',
          'learner.rolloutEpisodes=2',
          'learner.baseline=value',
        ],
        ...['learner.critic=set', 'learner.valueSteps=1', 'network.hidden=[4]', 'network.memory=3'],
        ...['run.episodes=10', 'run.logEvery=5', 'run.tensorboard=false', ...sets],
      ],
    })
    const { saved } = await begun(parent, ['scenario.agents=4'])
    expect(saved).toHaveLength(4)
  })
})
