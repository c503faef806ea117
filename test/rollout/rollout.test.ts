// Rollouts: every number stands where it belongs, episodes are complete, and a saved one goes on with the same bits.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRandom } from '../../src/random.ts'
import { createRollout, type Rollout, type RolloutConfig } from '../../src/rollout/rollout.ts'
import type { Trajectory } from '../../src/rollout/trajectory.ts'
import { copySaved } from '../../src/saved.ts'
import { agentsOf, numberedSteps, rowNumbers } from '../support/joint-steps.ts'
import { type Moment, matrixOf, recordedStep } from '../support/recorded-steps.ts'

const agents = agentsOf([2, 3, 3])
const sizes = { observation: 3, nextObservation: 3, action: 2 }

const copyOf = (trajectory: Trajectory, name: string, size: number, agent?: number) => {
  const rows = Uint32Array.from({ length: trajectory.rows }, (_, row) => row)
  const to = matrixOf(rows.length, size)
  trajectory.copy(name, rows, to, 0, agent)
  return to
}

/** All that a trajectory of agents 1 and 2 says. */
const allOf = (trajectory: Trajectory) => ({
  shape: [trajectory.steps, trajectory.lanes, trajectory.sequences, trajectory.rows],
  flags: [trajectory.present, trajectory.terminated, trajectory.truncated, trajectory.restarted],
  rewards: trajectory.rewards,
  learnable: [trajectory.learnable, trajectory.learnableSequences],
  columns: Object.entries(sizes).map(([name, size]) => copyOf(trajectory, name, size).data),
})

describe('a block of steps', () => {
  const [games, steps] = [4, 5]
  const rollout = createRollout({ agents, games, members: [1, 2], watched: [0], length: { steps } })
  for (const step of numberedSteps(agents, games, steps)) rollout.add(step)
  const trajectory = rollout.trajectory([1, 2])
  const rowOf = (step: number, member: number, game: number) => (step * 2 + member) * games + game
  const each = (visit: (step: number, member: number, game: number, row: number) => void) => {
    for (let step = 0; step < steps; step++)
      for (let member = 0; member < 2; member++)
        for (let game = 0; game < games; game++) visit(step, member, game, rowOf(step, member, game))
  }

  it('has rows step by step, in them agent by agent, and of an agent game by game', () => {
    const { observation, nextObservation, action, reward, present, terminated } = rowNumbers
    const columns = { observation, nextObservation, action }
    expect([trajectory.steps, trajectory.lanes, trajectory.sequences, trajectory.rows]).toEqual([5, 4, 8, 40])
    each((step, member, game, row) => {
      const at = step * games + game
      const agent = member + 1
      expect(trajectory.memberOf(row)).toBe(member)
      expect(trajectory.stepOf(row)).toBe(step)
      expect(trajectory.rewards[row]).toBe(reward(at, agent))
      expect(trajectory.present[row]).toBe(present(at, agent))
      expect(trajectory.terminated[row]).toBe(terminated(at, agent))
      expect(trajectory.truncated[row]).toBe(at % 7 === 0 ? 1 : 0)
      for (const [name, of] of Object.entries(columns)) {
        const size = sizes[name as keyof typeof sizes]
        const got = copyOf(trajectory, name, size).data.slice(row * size, (row + 1) * size)
        expect([...got]).toEqual(Array.from({ length: size }, (_, c) => Math.fround(of(at, agent, c))))
      }
    })
  })

  it('knows what agents saw that are watched only', () => {
    const seen = copyOf(trajectory, 'observation', 2, 0)
    each((step, _, game, row) => {
      expect(seen.data[row * 2 + 1]).toBe(Math.fround(rowNumbers.observation(step * games + game, 0, 1)))
    })
    expect(() => copyOf(trajectory, 'action', 2, 0)).toThrow("'action' of agent 0 is not kept")
  })

  it('learns from rows in which the agent was there, and says where episodes begin', () => {
    const there = [...trajectory.present.keys()].filter(row => trajectory.present[row] === 1)
    expect([...trajectory.learnable]).toEqual(there)
    expect([...trajectory.learnableSequences]).toEqual([...new Set(there.map(row => row % 8))].sort())
    each((step, member, game, row) => {
      const before = rowOf(step - 1, member, game)
      // Three agents terminate at once in no row of these, so that truncations alone end games, unless nobody is there.
      if (step === 0 || trajectory.truncated[before] === 1) expect(trajectory.restarted[row]).toBe(1)
    })
  })

  it('takes no more once it is complete, and begins again when it is forgotten', () => {
    expect(rollout.isComplete).toBe(true)
    expect(() => rollout.add(numberedSteps(agents, games, 1)[0])).toThrow('complete')
    rollout.forget()
    expect(rollout.isComplete).toBe(false)
    for (const step of numberedSteps(agents, games, steps, 7)) rollout.add(step)
    expect(rollout.trajectory([1, 2]).rewards[0]).toBe(rowNumbers.reward(28, 1))
  })
})

describe('complete episodes', () => {
  const two = agentsOf([1, 1])
  const config: RolloutConfig = { agents: two, games: 2, members: [0, 1], length: { episodes: 2 } }
  /** Two games: each has a number for its reward, and whether it ends. */
  const play = (rollout: Rollout, ...games: readonly (readonly [reward: number, over: boolean])[]) => {
    rollout.add(
      recordedStep(
        two,
        games.map(([reward, over]): Moment => ({ rewards: [reward, -reward], truncated: over ? 1 : 0 })),
      ),
    )
  }

  it('become lanes of their own length in the order in which they ended; those under way wait for the next round', () => {
    const rollout = createRollout(config)
    play(rollout, [1, false], [10, false])
    play(rollout, [2, true], [20, false])
    expect(rollout.isComplete).toBe(false)
    play(rollout, [3, false], [30, true])
    expect(rollout.isComplete).toBe(true)
    const first = rollout.trajectory([0, 1])
    expect([first.steps, first.lanes]).toEqual([3, 2])
    expect([...first.rewards]).toEqual([1, 10, -1, -10, 2, 20, -2, -20, 0, 30, 0, -30])
    expect([...first.present]).toEqual([1, 1, 1, 1, 1, 1, 1, 1, 0, 1, 0, 1])
    expect([...first.restarted]).toEqual([1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0])
    rollout.forget()
    play(rollout, [4, true], [40, true])
    const second = rollout.trajectory([0, 1])
    expect([...second.rewards]).toEqual([3, 40, -3, -40, 4, 0, -4, 0])
    expect([...second.restarted]).toEqual([1, 1, 1, 1, 0, 0, 0, 0])
  })

  it('may be more than asked for where several end at once', () => {
    const rollout = createRollout({ ...config, length: { episodes: 1 } })
    play(rollout, [1, true], [2, true])
    expect(rollout.trajectory([0]).lanes).toBe(2)
  })

  it('end when nobody plays on', () => {
    const rollout = createRollout({ ...config, games: 1, length: { episodes: 1 } })
    rollout.add(recordedStep(two, [{ terminated: [1, 0] }]))
    expect(rollout.isComplete).toBe(false)
    rollout.add(recordedStep(two, [{ present: [0, 1], terminated: [0, 1] }]))
    expect(rollout.isComplete).toBe(true)
    expect([...rollout.trajectory([0, 1]).present]).toEqual([1, 1, 0, 1])
  })
})

describe('columns of policies', () => {
  const one = agentsOf([1])
  const rollout = createRollout({
    agents: one,
    games: 2,
    members: [0],
    records: () => [{ name: 'drawn', size: 2 }],
    carries: () => [{ name: 'memory', size: 1 }],
    length: { steps: 2 },
  })
  const step = (number: number) =>
    recordedStep(
      one,
      [0, 1].map(game => ({ extras: [{ other: [9], memory: [number + game], drawn: [10 * number, game] }] })),
    )
  rollout.add(step(1))
  rollout.add(step(5))

  it('are kept by name, what is carried as it was at the first step', () => {
    const trajectory = rollout.trajectory([0])
    expect([...copyOf(trajectory, 'drawn', 2).data]).toEqual([10, 0, 10, 1, 50, 0, 50, 1])
    const carried = matrixOf(2, 1)
    trajectory.copyCarried('memory', Uint32Array.of(1, 0), carried)
    expect([...carried.data]).toEqual([2, 1])
  })

  it('must be there', () => {
    rollout.forget()
    expect(() => rollout.add(recordedStep(one, [{}, {}]))).toThrow("column 'memory' is missing, got none")
  })
})

describe('a saved rollout', () => {
  it.each([{ steps: 6 }, { episodes: 4 }])('goes on with the same bits: %j', length => {
    fc.assert(
      fc.property(fc.nat(1000), fc.nat(12), (seed, cut) => {
        const config: RolloutConfig = { agents, games: 3, members: [1, 2], length }
        const random = createRandom(seed, 'steps')
        const steps = numberedSteps(agents, 3, 30).map(step => {
          step.truncated.forEach((_, game) => void (step.truncated[game] = random.uniform() < 0.3 ? 1 : 0))
          return step
        })
        const whole = createRollout(config)
        let other = createRollout(config)
        steps.forEach((step, i) => {
          if (i === cut) {
            const saved = copySaved(other.save())
            other = createRollout(config)
            other.restore(saved)
          }
          for (const each of [whole, other]) each.add(step)
          expect(other.isComplete).toBe(whole.isComplete)
          if (!whole.isComplete) return
          expect(allOf(other.trajectory([1, 2]))).toEqual(allOf(whole.trajectory([1, 2])))
          for (const each of [whole, other]) each.forget()
        })
      }),
      { numRuns: 20 },
    )
  })

  it('of other agents or games is refused', () => {
    const rollout = createRollout({ agents, games: 2, members: [1], length: { steps: 3 } })
    rollout.add(numberedSteps(agents, 2, 1)[0])
    const other = createRollout({ agents, games: 3, members: [1], length: { steps: 3 } })
    expect(() => other.restore(rollout.save())).toThrow('expected 1 steps of 3 games')
  })
})
