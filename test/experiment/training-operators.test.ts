// Operators in a training: what is learnt from goes through them, a cut changes nothing, and a run goes on with its own alone.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom, map, scan, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { defineOperator, type OperatorDefinition, withRewards } from '../../src/engine/operator.ts'
import { ConfigError, NonFiniteError } from '../../src/errors.ts'
import { readCheckpoint, writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import { isDone } from '../../src/experiment/done.ts'
import { record } from '../../src/experiment/record.ts'
import { createRunFolder } from '../../src/experiment/run-folder.ts'
import { countersOf, train } from '../../src/experiment/trainer.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import type { Run } from '../../src/run/run.ts'
import { observed } from '../support/observed.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { ticks } from '../support/ticks.ts'
import { tinyConfig, tinyRollouts, tinyRun } from '../support/tiny-config.ts'

/** Rewards less their running mean, times a factor, plus noise of its own: it keeps numbers and draws some. */
const centred = (rate = 0.01) =>
  defineOperator({
    name: 'centred',
    options: { rate },
    create({ agents, options, random }) {
      const noise = random('noise')
      let means = new Float64Array(agents.length)
      return {
        operator: map(step =>
          withRewards(step, (reward, { agent }) => {
            means[agent]! += options.rate * (reward - means[agent]!)
            return reward - means[agent]! + 0.1 * noise.uniform()
          }),
        ),
        save: () => means,
        restore: saved => {
          means = (saved as Float64Array).slice()
        },
        figures: () => ({ mean: means[0]!, unknown: Number.NaN }),
      }
    },
  })

/** Counts joint steps. */
const counting = defineOperator({
  name: 'counting',
  create() {
    let steps = 0
    return {
      operator: tap(() => void steps++),
      save: () => steps,
      restore: saved => {
        steps = saved as number
      },
      figures: () => ({ steps }),
    }
  },
})

/** Landmarks of the prey's speed, stage by stage: a stage lasts so many episodes. */
const stages = (each = 3) =>
  defineOperator({
    name: 'stages',
    options: { each },
    create({ options }) {
      let episodes = 0
      return {
        operator: tap(step => {
          episodes += step.truncated.reduce((sum, ended) => sum + ended, 0)
        }),
        save: () => episodes,
        restore: saved => {
          episodes = saved as number
        },
        gameOptions: () => ({ curriculumStage: Math.min(2, Math.floor(episodes / options.each)) }),
      }
    },
  })

const bytesOf = (run: Run) => readFileSync(checkpointOf(run)).toString('base64')

function checkpointOf(run: Run): string {
  const file = join(tempFolder(), 'checkpoint')
  writeCheckpoint(file, run.save())
  return file
}

function go(run: Run, operators: readonly OperatorDefinition[], count = 1e6): unknown[] {
  const { values, errors } = observed(train(run, { clock$: ticks(count), operators }))
  expect(errors).toEqual([])
  return values
}

function refusalOf(run: Run, operators: readonly OperatorDefinition[]): ConfigError {
  const [error] = observed(train(run, { clock$: ticks(1e6), operators })).errors
  expect(error).toBeInstanceOf(ConfigError)
  return error as ConfigError
}

describe('operators', () => {
  it('that pass steps on as they are change no bit of what is learnt', async () => {
    const [plain, counted] = [await tinyRun(), await tinyRun()]
    go(plain, [])
    const values = go(counted, [counting]) as { line?: Record<string, number> }[]
    expect(plain.save()).not.toHaveProperty('operators')
    const { operators, logged: _, ...others } = counted.save() as Record<string, unknown>
    const { logged: __, ...expected } = plain.save() as Record<string, unknown>
    expect(others).toEqual(expected)
    expect(operators).toEqual([{ name: 'counting', options: '{}', randoms: {}, state: 300 }])
    expect(values.flatMap(({ line }) => line?.['operator/counting/steps'] ?? [])).toEqual([50, 100, 150, 200, 250, 300])
  })

  it.each([
    ['a replay buffer', tinyConfig],
    ['rollouts', tinyRollouts],
  ])('change what is learnt over %s, not what the metrics count; a cut anywhere changes nothing', async (_, config) => {
    const run: Overrides = { run: { games: 3 } }
    const whole = await tinyRun(run, config)
    const plain = await tinyRun(run, config)
    const saved: string[] = []
    while (!isDone(whole)) {
      saved.push(checkpointOf(whole))
      go(whole, [centred(), counting], 17)
    }
    go(plain, [])
    expect(saved.length).toBeGreaterThan(6)
    expect(whole.roster[0]!.save()).not.toEqual(plain.roster[0]!.save())
    for (const file of saved.slice(1).filter((_, i) => i % 2 === 0)) {
      const resumed = await tinyRun(run, config)
      resumed.restore(readCheckpoint(file))
      go(resumed, [centred(), counting])
      expect(bytesOf(resumed)).toBe(bytesOf(whole))
    }
  })

  it('count returns as the game paid them', async () => {
    const silent = defineOperator({
      name: 'silent',
      create: () => ({ operator: map(step => withRewards(step, () => 0)) }),
    })
    // What has learnt nothing yet plays the same.
    const config = { ...tinyConfig, learner: { batch: 16, updateAfter: 500 } }
    const [plain, unpaid] = [await tinyRun({}, config), await tinyRun({}, config)]
    go(plain, [])
    go(unpaid, [silent])
    expect(unpaid.returns.means()).toEqual(plain.returns.means())
    expect(unpaid.returns.means()[0]).toBeLessThan(0)
  })

  it('run where the learners are: any number of threads of actors gives the same bits', async () => {
    const ends = await Promise.all(
      [0, 2].map(async actorThreads => {
        const learner = { algorithm: 'ppo', rolloutSteps: 12, epochs: 2 }
        const run = await tinyRun(
          { run: { games: 4, actors: 4, lag: 1, actorThreads, threads: 1 } },
          { ...tinyConfig, learner },
        )
        await lastValueFrom(train(run, { operators: [centred(), counting] }), { defaultValue: null })
        return bytesOf(run)
      }),
    )
    expect(ends[1]).toBe(ends[0])
  })

  it('of a run that goes back to its rollback point stand where they stood there', async () => {
    let broken = false
    const breaking = defineOperator({
      name: 'breaking',
      create: () => ({
        operator: tap(({ step }) => {
          if (step !== 250 || broken) return
          broken = true
          throw new NonFiniteError('made up', { agent: 'agent_0' })
        }),
      }),
    })
    const run = await tinyRun({ run: { divergence: 'rollback' } })
    const folder = createRunFolder(join(tempFolder(), 'run'), {})
    const operators = [counting, breaking]
    const { values, errors } = observed(train(run, { clock$: ticks(1e6), operators }).pipe(record(run, folder)))
    // What an operator throws is its own fault: the training stops, and says so.
    expect(values.some(({ type }) => type === 'rollback')).toBe(false)
    expect(String(errors[0])).toMatch(/operator 'breaking' threw NonFiniteError: made up/)
    run.restore(folder.readRollbackPoint())
    expect(countersOf(run).envSteps).toBe(200)
    go(run, operators)
    expect((run.save() as Record<string, unknown>).operators).toMatchObject([{ state: 300 }, { name: 'breaking' }])
  })
})

describe('a run is refused', () => {
  it('that is gone on with without its operators, with others, or in another order', async () => {
    const begun = await tinyRun()
    go(begun, [centred(), counting], 40)
    const file = checkpointOf(begun)
    const resumed = await tinyRun()
    resumed.restore(readCheckpoint(file))
    const cases: [OperatorDefinition[], RegExp][] = [
      [
        [],
        /^operators: the run was trained with operators 'centred', 'counting', got no operators; go on by train\(run, \{ operators \}\)/,
      ],
      [[counting, centred()], /got operators 'counting', 'centred'; .* in the same order, or begin a new run/],
      [
        [centred(0.5), counting],
        /with operators 'centred' \{"rate":0.01\}, 'counting', got operators 'centred' \{"rate":0.5\}, 'counting'/,
      ],
      [[counting, counting], /expected names of their own, got two operators 'counting'; rename one of them/],
    ]
    for (const run of [begun, resumed]) {
      for (const [operators, sentence] of cases) expect(refusalOf(run, operators).message).toMatch(sentence)
    }
    // Nobody has touched it.
    expect(bytesOf(resumed)).toBe(bytesOf(begun))
    go(resumed, [centred(), counting])
    expect(isDone(resumed)).toBe(true)
  })

  it('that was begun without any and gets some', async () => {
    const run = await tinyRun()
    go(run, [], 40)
    expect(refusalOf(run, [counting]).message).toMatch(/the run was trained with no operators, got operator 'counting'/)
  })

  it('whose operator keeps something that it cannot save, or is none', async () => {
    const half = defineOperator({ name: 'half', create: () => ({ operator: scan(before => before), save: () => 1 }) })
    const none = defineOperator({ name: 'none', create: () => ({}) as never })
    const faults = [half, none].map(async each =>
      observed(train(await tinyRun(), { operators: [each] })).errors.map(String),
    )
    expect((await Promise.all(faults)).flat()).toEqual([
      "TypeError: operator 'half': expected both save and restore, or neither; without both it cannot be resumed",
      "TypeError: operator 'none': create must give { operator }, an operator of rxjs, got undefined",
    ])
  })
})

describe('a curriculum', () => {
  const tag: Overrides = { scenario: { id: 'simple_tag', maxCycles: 10, curriculum: true }, run: { games: 3 } }
  const pace = (run: Run) =>
    run.vectorGame.games.map(game => {
      const { world } = (game as unknown as { game: { world: { agents: { maxSpeed: number }[] } } }).game
      return world.agents.at(-1)!.maxSpeed / 1.3
    })

  it('moves an option of the game from one episode to the next, and a cut anywhere changes nothing', async () => {
    const whole = await tinyRun(tag)
    const seen: number[][] = []
    const saved: string[] = []
    while (!isDone(whole)) {
      go(whole, [stages()], 9)
      seen.push(pace(whole))
      saved.push(checkpointOf(whole))
    }
    // Three games end at once: those that begin then were begun before it was known; the next ones have the next stage.
    expect(seen.map(paces => paces[0]).filter((value, i, all) => value !== all[i - 1])).toEqual([0.5, 0.75, 1])
    expect(seen.every(paces => new Set(paces).size === 1)).toBe(true)
    expect(saved.length).toBeGreaterThan(8)
    for (const file of saved.filter((_, i) => i % 3 === 0)) {
      const resumed = await tinyRun(tag)
      resumed.restore(readCheckpoint(file))
      go(resumed, [stages()])
      expect(bytesOf(resumed)).toBe(bytesOf(whole))
    }
  })

  it('that moves nothing changes no bit, though each game has a world of its own then', async () => {
    const stays = defineOperator({
      name: 'stays',
      create: () => ({ operator: tap(() => {}), gameOptions: () => ({ curriculumStage: 0 }) }),
    })
    const [plain, still] = [await tinyRun(tag), await tinyRun(tag)]
    go(plain, [])
    go(still, [stays])
    expect(still.returns.means()).toEqual(plain.returns.means())
    expect(still.roster.map(member => member.save())).toEqual(plain.roster.map(member => member.save()))
  })

  it.each([
    [{ curriculumStage: 3 }, /^scenario.curriculumStage: expected a whole number from 0 to 2, got 3/],
    [{ stage: 1 }, /^scenario.stage: unknown option 'stage'/],
    [{ good: 2 }, /^scenario.good: cannot be 2 while the run trains: expected the same agents, observations/],
  ])('is refused options that the game or the networks cannot have: %j', async (options, sentence) => {
    const wrong = defineOperator({
      name: 'wrong',
      create: () => ({ operator: tap(() => {}), gameOptions: () => options }),
    })
    expect(refusalOf(await tinyRun(tag), [wrong]).message).toMatch(sentence)
  })

  it('is refused where actors play, with the reason', async () => {
    const run = await tinyRun({ ...tag, run: { games: 3, actors: 3, actorThreads: 0 } })
    expect(refusalOf(run, [stages()]).message).toMatch(
      /^run.actors: operator 'stages' changes options of the game, and actors play whole trajectories before .*; expected run.actors null$/,
    )
  })
})
