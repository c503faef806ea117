// Trainings that actors play: the recorded bits of every algorithm, one hash whoever plays, and runs that go on after any kind of end.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { describe, expect, it } from 'vitest'
import { createActorGames } from '../../src/actors/actor-games.ts'
import { actingWeights } from '../../src/actors/actor-weights.ts'
import { createInTurn, versionsKept } from '../../src/actors/in-turn.ts'
import { readCheckpoint, writeCheckpoint } from '../../src/experiment/checkpoint.ts'
import { isDone } from '../../src/experiment/done.ts'
import { record } from '../../src/experiment/record.ts'
import { createRunFolder, openRunFolder } from '../../src/experiment/run-folder.ts'
import { train } from '../../src/experiment/trainer.ts'
import { compiledFile } from '../../src/installation/package-folder.ts'
import { createRandom } from '../../src/random.ts'
import { statesEvery, trajectoryShape } from '../../src/run/actors/actors-of-plan.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { planRun } from '../../src/run/plan.ts'
import { algorithms, createRun, type Run } from '../../src/run/run.ts'
import { createActorThreads } from '../../src/run/threads/actor-threads.ts'
import { marlstrom, temporaryFolder } from '../support/command.ts'
import { expectWhole, outcomeOf, trainApart, trainOn } from '../support/killable.ts'
import { returnsHash } from '../support/returns-hash.ts'
import { ticks } from '../support/ticks.ts'
import { tinyConfig } from '../support/tiny-config.ts'
import { learnsFromReplay, settingsIn, smallRounds } from '../support/tiny-roster.ts'

const bits = join(import.meta.dirname, '../fixtures/bits')
const read = (name: string) => JSON.parse(readFileSync(join(bits, name), 'utf8'))
const cases: { readonly name: string; readonly settings: Overrides }[] = read('cases.json')

/** Trajectories of one step, played after every update: what is played step by step between updates. */
const stepByStep: Overrides = { run: { actors: 1, lag: 0, trajectorySteps: 1 } }

describe('one actor that waits for the learners after every step', () => {
  it.each(cases)('$name: the recorded bits', async ({ name, settings }) => {
    const given = layer(read('base.json'), settings)
    const { id } = given.scenario as { id: string }
    const scenario = { id: id === 'interleaved' ? join(bits, 'interleaved.ts') : id }
    expect(await returnsHash(layer(layer(given, { scenario }), stepByStep))).toBe(read('expected.json')[name])
  })

  // Workers of a3c divide the games themselves.
  const divided = Object.values(algorithms).filter(({ options }) => !Object.hasOwn(options, 'workers'))
  it.each(divided)('$id: the bits of a run without actors', async algorithm => {
    const settings: Overrides = {
      scenario: { id: 'simple_tag' },
      learner: settingsIn(algorithm, {
        algorithm: algorithm.id,
        ...(learnsFromReplay(algorithm)
          ? { batch: 16, updateEvery: 20, updateAfter: 60 }
          : smallRounds(algorithm, { rolloutEpisodes: 2 })),
      }),
      network: { hidden: [8] },
      run: { episodes: 24, seed: 7, threads: 1, games: 2 },
    }
    expect(await returnsHash(layer(settings, stepByStep))).toBe(await returnsHash(settings))
  })
})

const trainings: Readonly<Record<string, Overrides>> = {
  'simple_spread by ppo': { scenario: { id: 'simple_spread' }, learner: { algorithm: 'ppo', rolloutSteps: 25 } },
  'simple_spread by maddpg': {
    scenario: { id: 'simple_spread' },
    learner: { algorithm: 'maddpg', batch: 64, updateAfter: 200 },
  },
  'simple_spread by impala': { scenario: { id: 'simple_spread' }, learner: { algorithm: 'impala', rolloutSteps: 10 } },
  'simple_spread by acer': { scenario: { id: 'simple_spread' }, learner: { algorithm: 'acer', rolloutSteps: 10 } },
  'simple_tag by impala': { scenario: { id: 'simple_tag' }, learner: { algorithm: 'impala', rolloutSteps: 10 } },
  'simple_tag by acer': { scenario: { id: 'simple_tag' }, learner: { algorithm: 'acer', rolloutSteps: 10 } },
  'simple_tag by ppo': { scenario: { id: 'simple_tag' }, learner: { algorithm: 'ppo', rolloutSteps: 10, epochs: 3 } },
  'simple_tag by maddpg': {
    scenario: { id: 'simple_tag' },
    learner: { algorithm: 'maddpg', batch: 64, updateAfter: 200 },
  },
  'simple_tag by both, with memories': {
    scenario: { id: 'simple_tag' },
    team: { adversary: { algorithm: 'maddpg', batch: 64, updateAfter: 200 }, agent: { algorithm: 'ppo' } },
    network: { memory: 4, memorySteps: 3 },
  },
  'tic_tac_toe by ppo, in turns': {
    scenario: { id: 'tic_tac_toe' },
    learner: { algorithm: 'ppo', rolloutSteps: 10 },
    team: { player_1: 'same:player_0' },
  },
}

async function runWith(settings: Overrides, run: Overrides['run'], saved?: string): Promise<Run> {
  const base: Overrides = {
    network: { hidden: [8, 8] },
    replay: { capacity: 2000 },
    run: { seed: 5, episodes: 200, games: 8, actors: 4, threads: 1, logEvery: 16 },
  }
  const made = await createRun(layer(layer(base, settings), { run: { ...run } }))
  if (saved !== undefined) made.restore(readCheckpoint(saved))
  return made
}

function checkpointOf(run: Run): string {
  const file = join(temporaryFolder(), 'checkpoint')
  writeCheckpoint(file, run.save())
  return file
}

const hashOf = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex')

/** Trains to the end; the hash of the checkpoint that a run would write then. */
async function outcome(run: Run): Promise<string> {
  try {
    await lastValueFrom(train(run))
    return hashOf(checkpointOf(run))
  } finally {
    run.dispose()
  }
}

describe.each(Object.entries(trainings))('%s', (_, settings) => {
  it("comes to one hash in the learners' thread and in one, two and four others, also where it was resumed between", async () => {
    const play = { lag: 2, actorThreads: 0 }
    const whole = await outcome(await runWith(settings, play))
    for (const actorThreads of [1, 2, 4]) {
      const run = await runWith(settings, { ...play, actorThreads })
      expect(run.vectorGame.threads).toBe(actorThreads)
      expect([actorThreads, await outcome(run)]).toEqual([actorThreads, whole])
    }
    const begun = await runWith(settings, { ...play, actorThreads: 2, episodes: 90 })
    await lastValueFrom(train(begun))
    const file = checkpointOf(begun)
    begun.dispose()
    for (const actorThreads of [0, 4]) {
      expect(await outcome(await runWith(settings, { ...play, actorThreads }, file))).toBe(whole)
    }
  })
})

it('a thread that is lost is begun anew, and catches up with the same bits', async () => {
  const settings: Overrides = {
    scenario: { id: 'simple_spread' },
    learner: { algorithm: 'ppo', rolloutSteps: 20, epochs: 2 },
    network: { hidden: [8, 8] },
    run: { seed: 5, episodes: 400, games: 8, actors: 4, actorThreads: 0, threads: 1, lag: 1 },
  }
  const expected = await returnsHash(settings)
  const run = await createRun(settings)
  const plan = await planRun(settings)
  const { lag, actors: count } = plan.config.run
  const extras = run.agents.map(() => [{ name: 'logProbability', size: 1 }])
  const shape = trajectoryShape(plan, extras)
  const weights = actingWeights(run.roster, () => true)
  const keyEvery = statesEvery(shape.steps)
  const program = compiledFile('run/threads/actor-thread.js')
  const pool = createActorThreads({
    ...{ program, threads: 2, config: plan.config, shape },
    ...{ weights: weights.size, versions: versionsKept({ lag, keyEvery }) },
  })
  const actors = createActorGames({
    source: createInTurn({ pool, actors: count!, lag, keyEvery, weights: weights.size }),
    ...{
      actors: count!,
      shape,
      lag,
      weights,
      order: 'fixed' as const,
      standIn: run.createGame(),
      keptSteps: 2,
      threads: 2,
    },
  })
  const hash = createHash('sha256')
  let finished = 0
  let lost = 0
  const { add } = run.returns
  run.returns.add = episode => {
    const { buffer, byteOffset, byteLength } = episode.returns
    hash.update(Buffer.from(buffer, byteOffset, byteLength))
    add(episode)
    if (++finished % 100 === 50) void pool.lose(lost++ % 2)
  }
  await lastValueFrom(train({ ...run, actors, vectorGame: actors }))
  run.dispose()
  actors.dispose()
  expect(lost).toBe(4)
  expect(hash.digest('hex')).toBe(expected)
})

it('goes back to its rollback point where numbers overflow, and its actors with it', async () => {
  const diverging = layer(tinyConfig, {
    learner: { learningRate: 1e8, updateAfter: 120 },
    run: {
      ...{ games: 2, actors: 2, trajectorySteps: 4, threads: 1, tensorboard: false },
      ...{ divergence: 'rollback', rollbackFactor: 1e-11 },
    },
  })
  const finished = async (clock: () => number) => {
    const folder = createRunFolder(join(temporaryFolder(), 'run'), {})
    for (let turn = 0; ; turn++) {
      const run = await createRun(diverging)
      if (turn > 0) run.restore(openRunFolder(folder.path).folder.readCheckpoint())
      await lastValueFrom(train(run, { clock$: ticks(clock()) }).pipe(record(run, folder)))
      const { rollbacks } = run.recovery!
      const done = isDone(run) ? hashOf(checkpointOf(run)) : null
      run.dispose()
      if (done === null) continue
      expect(rollbacks).toHaveLength(1)
      return done
    }
  }
  expect(await finished(() => 170)).toBe(await finished(() => 1e6))
})

describe('a training under kill -9', () => {
  const config = (actorThreads: number): Overrides => ({
    scenario: { id: 'simple_spread', maxCycles: 10 },
    learner: { algorithm: 'ppo', rolloutSteps: 10, epochs: 2 },
    network: { hidden: [8, 6] },
    run: {
      ...{ seed: 7, episodes: 6000, threads: 1, games: 8, actors: 4, actorThreads },
      ...{ logEvery: 40, checkpointEvery: 80 },
    },
  })

  it('comes to the bits of one that nobody killed, which its own thread played', async () => {
    const folder = temporaryFolder()
    await trainOn(join(folder, 'whole'), config(0))
    const random = createRandom(1, 'kill actors')
    const path = join(folder, 'killed')
    let kills = 0
    for (let code: number | null = null; code !== 0; ) {
      const child = trainApart(path, config(0))
      await child.started
      const timer = setTimeout(() => kills < 12 && child.process.kill('SIGKILL'), random.between(50, 700))
      const ended = await child.ended
      clearTimeout(timer)
      code = ended.code
      expect(ended.stderr).toBe('')
      if (code === null) kills++
      expectWhole(path)
    }
    expect(kills).toBeGreaterThan(3)
    console.log(`${kills} kills`)
    expect(outcomeOf(path)).toEqual(outcomeOf(join(folder, 'whole')))
  })

  it('does so by the command in two threads', async () => {
    const folder = temporaryFolder()
    await trainOn(join(folder, 'whole'), config(2))
    const path = join(folder, 'killed')
    for (let kills = 0; kills < 3; kills++) {
      const child = trainApart(path, config(2))
      await child.started
      await new Promise(wait => setTimeout(wait, 1500))
      child.process.kill('SIGKILL')
      await child.ended
      expectWhole(path)
    }
    await trainOn(path, config(2))
    expect(outcomeOf(path)).toEqual(outcomeOf(join(folder, 'whole')))
  })
})

describe('the command', () => {
  const settings = ['--episodes', '40', '--set', 'run.summaryEpisodes=0', '--set', 'network.hidden=[8]']

  it('says who plays, and refuses what actors cannot', async () => {
    const out = join(temporaryFolder(), 'run')
    const args = ['train', 'simple_spread', '--algorithm', 'ppo', '--actors', '4', '--threads', '2', ...settings]
    const done = await marlstrom(...args, '--out', out)
    expect(done.stderr).toBe('')
    expect(done.stdout).toMatch(/4 actors: 1 game each, trajectories of \d+ steps, played in 2 threads, lag 1/)
    const [line] = readFileSync(join(out, 'metrics.jsonl'), 'utf8').split('\n')
    expect(JSON.parse(line!)).toMatchObject({ actors: 4 })
    const wrong = await marlstrom(...args, '--games', '6')
    expect([wrong.code, wrong.stderr]).toEqual([
      2,
      expect.stringMatching(/run\.actors: expected a divisor of run\.games 6, got 4/),
    ])
    const changed = await marlstrom('train', '--resume', out, '--set', 'run.lag=2')
    expect([changed.code, changed.stderr]).toEqual([2, expect.stringMatching(/run\.lag: cannot change/)])
  })
})
