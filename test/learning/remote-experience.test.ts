// A learner whose experience comes from elsewhere: what travels is trajectories, asked for one by one, each with the version that played.
import { Subject } from 'rxjs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createActorPolicy } from '../../src/agents/actor-policy.ts'
import { actAll } from '../../src/engine/simulate.ts'
import { defineAlgorithm } from '../../src/learning/algorithm.ts'
import { groupsOf } from '../../src/learning/groups.ts'
import { learningMembers } from '../../src/learning/learning-members.ts'
import { optimisation } from '../../src/learning/options.ts'
import { createStochasticPolicy } from '../../src/learning/stochastic-policy.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { discountedReturns } from '../../src/rollout/returns.ts'
import { createRollout, type Rollout } from '../../src/rollout/rollout.ts'
import { rowsOf } from '../../src/rollout/rows.ts'
import type { Saved } from '../../src/types.ts'
import { createTinyGame, type TinyGameOptions, tinyVectorGame } from '../support/tiny-game.ts'
import { spaces } from '../support/tiny-roster.ts'
import { teamContext, tinyTeam } from '../support/tiny-team.ts'

/** Where trajectories come from: asked for one at a time, played with the weights published last. */
interface Source {
  readonly trajectories$: Subject<{ readonly rollout: Rollout; readonly version: number }>
  request(): void
  publish(weights: Saved, version: number): void
}

/** The policy gradient of trajectories that others played; its own games are not learnt from. */
const remote = (source: Source) =>
  defineAlgorithm({
    id: 'remote',
    description: 'policy gradient from trajectories that come from elsewhere',
    options: optimisation,
    acts: 'oneHot',
    createLearner(team, settings) {
      const [group] = groupsOf(team) as [ReturnType<typeof groupsOf>[number]]
      const policy = createStochasticPolicy(group, settings)
      const members = learningMembers(policy, null)
      const arrived: { readonly rollout: Rollout; readonly version: number }[] = []
      let [version, asked] = [0, 0]
      source.publish(members[0]!.save(), version)
      source.trajectories$.subscribe(trajectory => void arrived.push(trajectory))
      return {
        members,
        turn: group.indices[0]!,
        take() {
          if (asked > version) return
          asked++
          source.request()
        },
        get due() {
          return arrived.length > 0
        },
        advance() {
          const { rollout, version: playedBy } = arrived.shift()!
          const trajectory = rollout.trajectory(group.indices)
          const all = rowsOf(
            trajectory,
            Uint32Array.from(trajectory.learnable, (_, i) => i),
            false,
          )
          const figures = policy.at(all).climb(all.of(discountedReturns(trajectory, 1)), 0)
          source.publish(members[0]!.save(), ++version)
          return { of: group.name, figures: { ...figures, lag: version - 1 - playedBy }, endsRound: true }
        },
        save: () => ({ version, asked }),
        restore: saved => void ([version, asked] = Object.values(saved as Record<string, number>) as [number, number]),
      }
    },
  })

let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const reward: TinyGameOptions['reward'] = ({ agent, actions }) => actions[agent]![1]!
const game: TinyGameOptions = { length: 2, space: spaces.hard, agents: 1, reward } as TinyGameOptions

/** An actor with games, noise and networks of its own, which knows the learner by its published weights alone. */
async function elsewhere(): Promise<Source> {
  const trajectories$: Source['trajectories$'] = new Subject()
  const { agents } = createTinyGame(game)
  const [group] = groupsOf(teamContext(backend, agents, { games: 8 })) as [ReturnType<typeof groupsOf>[number]]
  const policy = createStochasticPolicy(group, { ...standard, learningRate: 0.01 })
  const [member] = learningMembers(policy, null)
  const acting = createActorPolicy(member!.actor, createNoise(9, 'far'), createRandom(9, 'far'))
  const games = tinyVectorGame(8, game, 9)
  let playsBy = 0
  return {
    trajectories$,
    request() {
      const rollout = createRollout({ agents, games: 8, members: [0], length: { episodes: 8 } })
      while (!rollout.isComplete) {
        actAll([acting], games)
        rollout.add(games.advance())
      }
      trajectories$.next({ rollout, version: playsBy })
    },
    publish(weights, version) {
      member!.restore(weights)
      playsBy = version
    },
  }
}

const standard = Object.fromEntries(
  Object.entries(optimisation).map(([name, option]) => [name, option.default]),
) as never as NonNullable<Parameters<typeof createStochasticPolicy>[1]>

it('learns from games that are played elsewhere, with the weights that it published', async () => {
  const team = tinyTeam(backend, remote(await elsewhere()), { learningRate: 0.05 }, game)
  const updates = []
  while (updates.length < 150) {
    const update = team.go()
    if (update !== null) updates.push(update)
  }
  expect(updates.map(({ figures }) => figures.lag)).toEqual(new Array(150).fill(0))
  const observation = { rows: 1, columns: createTinyGame(game).agents[0]!.observationSize, data: new Float32Array(2) }
  expect([...team.learner.members[0]!.actor.greedy(observation).data]).toEqual([0, 1, 0])
})
