// Whole runs by action values: how they explore and act, what they tell viewers, what they refuse.
import { describe, expect, it } from 'vitest'
import { inspectAgent } from '../../src/exhibition/inspection.ts'
import { createPlay } from '../../src/exhibition/play.ts'
import { createTeamPlayers } from '../../src/exhibition/team-players.ts'
import { evaluate } from '../../src/experiment/evaluate.ts'
import { train } from '../../src/experiment/trainer.ts'
import { createRandom } from '../../src/random.ts'
import { evaluationOf, type Run, trainedPolicies } from '../../src/run/run.ts'
import { runSetup } from '../../src/run/run-setup.ts'
import type { Matrix } from '../../src/types.ts'
import { corridorFile } from '../support/corridor-file.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'

const ids = ['iql', 'vdn', 'qmix'] as const

function trained(run: Run, count = 120): Run {
  expect(observed(train(run, { clock$: ticks(count) })).errors).toEqual([])
  expect(run.rounds.finished).toBeGreaterThan(0)
  return run
}

const row = (data: ArrayLike<number>): Matrix => ({ rows: 1, columns: data.length, data: Float32Array.from(data) })

describe.each(ids)('%s', algorithm => {
  it('explores in training by the schedule, and takes the best action everywhere else', async () => {
    const explorationRate = { from: 1, to: 0, steps: 400 }
    const run = trained(await tinyRun({ learner: { algorithm, explorationRate }, run: { episodes: 1000 } }), 90)
    const [sample, greedy] = (['sample', 'greedy'] as const).map(mode =>
      evaluate(evaluationOf(run, 'trained', mode, 20)),
    )
    expect(sample!.returns).toEqual(greedy!.returns)

    /** Of so many decisions of a policy, how many are not the best. */
    const others = (policy: Run['policies'][number]) => {
      const observations = row(new Float32Array(18).fill(0.1))
      const many = { rows: 500, columns: 18, data: new Float32Array(500 * 18).fill(0.1) }
      const actions = { rows: 500, columns: 5, data: new Float32Array(500 * 5) }
      policy.act({ observations: many, restarted: new Uint8Array(500), explore: true, actions, extras: [] })
      const best = run.roster[0]!.actor.greedy(observations).data.indexOf(1)
      return actions.data.filter((x, i) => i % 5 === best && x === 0).length
    }
    expect(others(trainedPolicies(run, 'watch', [])[0]!)).toBe(0)
    const rate = 1 - (run.vectorGame.steps * run.config.run.games) / 400
    expect(rate).toBeGreaterThan(0.2)
    const expected = 500 * rate * 0.8
    expect(Math.abs(others(run.policies[0]!) - expected)).toBeLessThan(5 * Math.sqrt(expected))
  })

  it('tells what it expects of an action: the value of what is chosen', async () => {
    const run = trained(await tinyRun({ learner: { algorithm } }))
    const observations = run.agents.map(({ observationSize }) => row(new Float32Array(observationSize).fill(0.2)))
    run.roster.forEach(({ actor, value }, agent) => {
      const values = [...actor.distribution(observations[agent]!).data]
      values.forEach((q, alternative) => {
        const actions = run.agents.map(() => row([0, 1, 2, 3, 4].map(c => Number(c === alternative))))
        expect(value!({ observations }, actions)).toBeCloseTo(q, 6)
      })
    })
  })

  it('shows viewers what it expects of each alternative', async () => {
    const run = trained(await tinyRun({ learner: { algorithm } }))
    const game = run.createGame()
    const players = createTeamPlayers(runSetup(run), game, {})
    const play = createPlay(game)
    players.policies(1).forEach((policy, agent) => void play.setPolicy(agent, policy))
    play.begin(createRandom(1, 'game'))
    play.step()
    const { actionValues, action, probabilities, observation, value } = inspectAgent(play, players, 1)
    const expected = run.roster[1]!.actor.distribution(row(observation)).data
    expect(actionValues).toEqual(Float32Array.from(expected))
    const best = actionValues!.indexOf(Math.max(...actionValues!))
    expect([...action]).toEqual([0, 1, 2, 3, 4].map(c => Number(c === best)))
    expect(probabilities).toEqual(action)
    expect(value).toBeCloseTo(actionValues![best]!, 6)
  })

  it('refuses boxes by name', async () => {
    const box = tinyRun({
      scenario: { id: 'simple_spread', rules: 'mpe2', actions: 'continuous' },
      learner: { algorithm },
    })
    await expect(box).rejects.toThrow(/is a box, of which no best action can be listed; choices have one/)
  })

  it('learns with actors that remember and target networks that follow softly', async () => {
    const learner = { algorithm, targetEvery: null, tau: 0.1, shareParameters: true, returnSteps: 3, priority: 0.5 }
    trained(await tinyRun({ learner, network: { memory: 4, memorySteps: 3 } }))
  })
})

describe.each(['vdn', 'qmix'] as const)('%s', algorithm => {
  it('refuses unequal rewards of a team at the first step that has some, unless it is said what they make together', async () => {
    const learner = { algorithm, batch: 16, updateEvery: 12, updateAfter: 40 }
    const config = { scenario: { id: corridorFile(false) }, network: { hidden: [8] }, run: { seed: 3, episodes: 40 } }
    const errors = observed(train(await tinyRun({ learner }, config), { clock$: ticks(200) })).errors
    expect(errors.map(String).join()).toMatch(/learner\.teamReward: expected sum or mean where agents of team 'walker'/)
    for (const teamReward of ['sum', 'mean'] as const) {
      trained(await tinyRun({ learner: { ...learner, teamReward } }, config))
    }
  })
})

it('the mixer reads the state of a game that has one, and what all see in others', async () => {
  const inputs = async (scenario: string, mixerInput: 'state' | 'joint') => {
    const run = await tinyRun({ scenario: { id: scenario }, learner: { algorithm: 'qmix', mixerInput } })
    const { mixers } = run.learners[0]!.save() as unknown as {
      mixers: Record<string, Record<string, Float32Array>>
    }
    return mixers.mixerBase!['layer0.gain']!.length
  }
  expect(await inputs('simple_spread', 'state')).toBe(18)
  expect(await inputs('simple_spread', 'joint')).toBe(54)
  expect(await inputs('matrix_game', 'state')).toBe(8)
})
