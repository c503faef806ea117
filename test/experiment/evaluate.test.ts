// Evaluation: fixed seeds, an equal share of episodes for every game, and nothing learnt.
import { describe, expect, it } from 'vitest'
import { createNoOpPolicy, createRandomPolicy } from '../../src/agents/baseline-policies.ts'
import type { Act } from '../../src/agents/policy.ts'
import { type EvaluationRequest, evaluate, play } from '../../src/experiment/evaluate.ts'
import { train } from '../../src/experiment/trainer.ts'
import { createRandom, type Random } from '../../src/random.ts'
import { evaluationOf } from '../../src/run/run.ts'
import { observed } from '../support/observed.ts'
import { ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'
import { createTinyGame, softMove, type TinyGameOptions } from '../support/tiny-game.ts'

const chance = (): EvaluationRequest['policies'] => vectorGame =>
  vectorGame.agents.map(({ id }) => createRandomPolicy(softMove, createRandom(1, id)))
const request = (options: TinyGameOptions, more: Partial<EvaluationRequest> = {}): EvaluationRequest => ({
  createGame: () => createTinyGame(options),
  policies: chance(),
  episodes: 100,
  mode: 'sample',
  seed: 1,
  ...more,
})

const exactly = (mean: number) => ({ mean, standardError: 0, low: mean, high: mean })

describe('an evaluation', () => {
  it('is the mean return per agent and episode, with its standard error', () => {
    const result = evaluate(request({ length: 3, reward: ({ agent, step }) => (agent + 1) * step }))
    expect(result).toEqual({
      episodes: 100,
      mode: 'sample',
      returns: { agent_0: exactly(6), agent_1: exactly(12) },
      teams: { agent: exactly(9) },
      metrics: {},
      finalMetrics: {},
    })
  })

  it('measures what the game measures: over the steps of an episode, and at its last', () => {
    // The step of the episode as a figure: 1, 2, 3 and 4.
    const createGame = () => {
      const game = createTinyGame({ length: 4 })
      let step = 0
      const { reset, step: move } = game
      return Object.assign(game, {
        reset(random: Random) {
          step = 0
          reset.call(game, random)
        },
        step(...args: Parameters<typeof move>) {
          step++
          move.apply(game, args)
        },
        measure: () => ({ step }),
      })
    }
    const { metrics, finalMetrics } = evaluate(request({}, { createGame }))
    expect(metrics).toEqual({ step: exactly(2.5) })
    expect(finalMetrics).toEqual({ step: exactly(4) })
  })

  it('has the standard error of the episodes that it saw', () => {
    const seen: number[] = []
    const reward = ({ secrets, agent }: { secrets: readonly number[]; agent: number }) => {
      if (agent === 0) seen.push(secrets[0]!)
      return secrets[agent]!
    }
    const { returns } = evaluate(request({ length: 1, reward }))
    const mean = seen.reduce((a, b) => a + b) / 100
    const variance = seen.reduce((sum, x) => sum + (x - mean) ** 2, 0) / 99
    expect(seen).toHaveLength(100)
    expect(returns.agent_0!.mean).toBeCloseTo(mean, 5)
    expect(returns.agent_0!.standardError).toBeCloseTo(Math.sqrt(variance / 100), 5)
  })

  it('gives every game an equal share, so that short episodes weigh no more than long ones', () => {
    // Episodes are 1 or 30 steps long, by a secret that is drawn anew in each; those of one step pay 1.
    const short = (secret: number) => secret < 0.5
    let games = 0
    const createGame = () => {
      const game = createTinyGame({
        agents: 1,
        length: 30,
        reward: ({ step, secrets }) => (step === 1 && short(secrets[0]!) ? 1 : 0),
      })
      games++
      const see = new Float64Array(2)
      const step = game.step.bind(game)
      return Object.assign(game, {
        step(...given: Parameters<typeof step>) {
          step(...given)
          game.observe(0, see)
          if (short(see[0]!)) game.terminated.fill(1)
        },
      })
    }
    const { episodes, returns } = evaluate(request({}, { createGame, episodes: 1000 }))
    expect(episodes).toBe(1000)
    expect(games).toBe(50)
    // Had the first 1,000 finished episodes been counted, nearly all would be short ones.
    expect(returns.agent_0!.mean).toBeGreaterThan(0.42)
    expect(returns.agent_0!.mean).toBeLessThan(0.58)
  })

  it('plays at least as many episodes as asked for', () => {
    expect(evaluate(request({ length: 1 }, { episodes: 51 })).episodes).toBe(100)
    expect(evaluate(request({ length: 1 }, { episodes: 1 })).episodes).toBe(50)
  })

  it('has the episodes in one order, whoever ended first', () => {
    // The world of an episode is its secret; some episodes are cut short, by a policy as by another world.
    const worldsOf = (isLong: (game: number) => boolean) => {
      let made = 0
      const createGame = () => {
        const game = made++
        return createTinyGame({
          agents: 1,
          length: isLong(game) ? 9 : 3,
          reward: ({ step, secrets }) => (step === 1 ? secrets[0]! : 0),
        })
      }
      return play(request({}, { createGame, episodes: 150 })).returns.map(values => values[0])
    }
    const expected = worldsOf(() => false)
    expect(new Set(expected).size).toBe(150)
    expect(worldsOf(game => game % 3 === 0)).toEqual(expected)
  })

  it('leaves a figure out of episodes that do not have it', () => {
    let made = 0
    const createGame = () => {
      const first = made++ === 0
      return Object.assign(createTinyGame({ length: 2 }), {
        measure: () => (first ? { rare: 4 } : {}) as Record<string, number>,
      })
    }
    expect(evaluate(request({}, { createGame })).metrics).toEqual({ rare: exactly(4) })
  })

  it('is the same for the same seed, another for another', () => {
    expect(evaluate(request({}))).toEqual(evaluate(request({})))
    expect(evaluate(request({}, { seed: 2 })).returns).not.toEqual(evaluate(request({})).returns)
  })

  it.each(['sample', 'greedy'] as const)('in mode %s says so to the policies', mode => {
    const asked = new Set<boolean>()
    const policies: EvaluationRequest['policies'] = ({ agents }) =>
      agents.map(() => {
        const policy = createNoOpPolicy(softMove)
        return {
          ...policy,
          act(act: Act) {
            asked.add(act.explore)
            policy.act(act)
          },
        }
      })
    expect(evaluate(request({}, { policies, mode })).mode).toBe(mode)
    expect([...asked]).toEqual([mode === 'sample'])
  })

  it('of a run leaves its training alone, to the bit', async () => {
    const [alone, evaluated] = [await tinyRun(), await tinyRun()]
    for (const run of [alone, evaluated]) observed(train(run, { clock$: ticks(130) }))
    for (const kind of ['trained', 'random', 'noop', 'scripted'] as const)
      for (const mode of ['sample', 'greedy'] as const) evaluate(evaluationOf(evaluated, kind, mode, 50))
    for (const run of [alone, evaluated]) observed(train(run, { clock$: ticks(70) }))
    expect(evaluated.save()).toEqual(alone.save())
  })

  it('of a run is the same twice, and differs by kind of policy', async () => {
    const run = await tinyRun()
    const of = (kind: 'trained' | 'random' | 'noop' | 'scripted') => evaluate(evaluationOf(run, kind, 'sample', 50))
    expect(of('trained')).toEqual(of('trained'))
    const means = (['trained', 'random', 'noop', 'scripted'] as const).map(kind => of(kind).returns.agent_0!.mean)
    expect(new Set(means).size).toBe(4)
    expect(Math.max(...means)).toBe(means[3])
  })
})
