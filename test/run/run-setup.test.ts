// Runs as exhibitions: what is inspected against plain arithmetic, earlier checkpoints, and a training that goes on unchanged.
import { lastValueFrom, Observable, tap } from 'rxjs'
import { describe, expect, it } from 'vitest'
import type { Tick } from '../../src/engine/clock.ts'
import { createExhibition } from '../../src/exhibition/exhibition.ts'
import { isDone } from '../../src/experiment/done.ts'
import { record } from '../../src/experiment/record.ts'
import { createRunFolder } from '../../src/experiment/run-folder.ts'
import { createSession } from '../../src/experiment/session.ts'
import { train } from '../../src/experiment/trainer.ts'
import { besideTraining, createTrainingControl } from '../../src/experiment/training-control.ts'
import type { Overrides, Run } from '../../src/index.ts'
import type { Network } from '../../src/nn/network.ts'
import { type Checkpoints, checkpointsOf, runSetup } from '../../src/run/run-setup.ts'
import { copySaved } from '../../src/saved.ts'
import type { Saved } from '../../src/types.ts'
import { observed } from '../support/observed.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { tick, ticks } from '../support/ticks.ts'
import { tinyRun } from '../support/tiny-config.ts'
import { tinySession } from '../support/tiny-session.ts'

/** A paused exhibition of a run. */
function exhibited(run: Run, checkpoints?: Checkpoints) {
  const session = createSession({ ...tinySession, status: 'playing' })
  const show = createExhibition(runSetup(run, checkpoints), session)
  session.dispatch({ type: 'pause' })
  const seen = observed(show.moments$)
  return { session, show, seen, step: () => void show.command({ type: 'step' }, 'v') }
}

/** Outputs of a network of dense layers with ReLU, in plain doubles. */
function outputsOf({ spec, tensors, parameters }: Network, input: readonly number[]): number[] {
  const tensor = (name: string) => parameters.subarray(tensors.find(it => it.name === name)!.offset)
  return spec.layers.reduce<number[]>(
    (values, layer, i) => {
      const { size } = layer as { size: number }
      const [weight, bias] = [tensor(`layer${i}.weight`), tensor(`layer${i}.bias`)]
      const sums = Array.from({ length: size }, (_, c) =>
        values.reduce((sum, value, r) => sum + value * weight[r * size + c]!, bias[c]!),
      )
      return i === spec.layers.length - 1 ? sums : sums.map(sum => Math.max(0, sum))
    },
    [...input],
  )
}

function softmax(logits: readonly number[]): number[] {
  const powers = logits.map(Math.exp)
  return powers.map(power => power / powers.reduce((a, b) => a + b))
}

/** The critic's network with the parameters that a learner saved. */
function criticOf(run: Run, agent: number): Network {
  const learner = run.roster[agent]!.save() as Record<
    string,
    Record<string, Float32Array | { data: Float32Array; shape: number[] }>
  >
  const parts = Object.entries(learner.critic!).map(([name, value]) => {
    const data = 'data' in value ? value.data : value
    return { name, data: Float32Array.from(data), shape: 'shape' in value ? value.shape : [data.length] }
  })
  const parameters = Float32Array.from(parts.flatMap(({ data }) => [...data]))
  let offset = 0
  const tensors = parts.map(({ name, shape, data }) => {
    offset += data.length
    return { name, shape, offset: offset - data.length }
  })
  const layers = parts.filter(({ shape }) => shape.length === 2).map(({ shape }) => ({ size: shape[1]! }))
  return { spec: { layers }, tensors, parameters } as unknown as Network
}

describe('an inspection', () => {
  it('is what the actor, the critic and the world say, under the openai rules', async () => {
    const run = await tinyRun()
    const { show, seen, step } = exhibited(run)
    step()
    const inspections = run.agents.map((_, agent) => show.inspect(agent)!)
    const { world } = show.current.play.game as unknown as { world: import('../../src/envs/world.ts').World }
    inspections.forEach(({ observation, action, probabilities, value, rewardParts, sees }, agent) => {
      // simple_spread: own velocity and position, landmarks, others, utterances.
      const { position, velocity } = world.agents[agent]!
      const expected = [velocity.x, velocity.y, position.x, position.y]
      expect([...observation.slice(0, 4)]).toEqual(expected.map(Math.fround))
      const logits = outputsOf(run.roster[agent]!.actor.networks[0]!, [...observation])
      softmax(logits).forEach((p, i) => void expect(probabilities[i]).toBeCloseTo(p, 5))
      // Soft actions are legal: the best guess is the probabilities themselves.
      expect([...action]).toEqual([...probabilities])
      const joint = [...inspections.flatMap(it => [...it.observation]), ...inspections.flatMap(it => [...it.action])]
      expect(value).toBeCloseTo(outputsOf(criticOf(run, agent), joint)[0]!, 4)
      expect([...sees]).toEqual([1, 1, 1, 1, 1, 1])
      const sum = Object.values(rewardParts).reduce((a, b) => a + b, 0)
      const local = (show.current.play.game as unknown as { localRewards: Float64Array }).localRewards[agent]!
      expect(sum).toBeCloseTo(local, 10)
    })
    // What was said is what is done.
    step()
    expect([...seen.values.at(-1)!.frame.actions]).toEqual(inspections.flatMap(({ action }) => [...action]))
  })

  it('has a value for what a hand does, and none where nobody has learnt', async () => {
    const run = await tinyRun({
      scenario: { id: 'simple_tag', rules: 'mpe2', maxCycles: 10 },
      team: { agent: 'random' },
    } as Overrides)
    const { show } = exhibited(run)
    const good = run.agents.findIndex(({ team }) => team === 'agent')
    const before = show.inspect(0)!
    expect(before.value).toEqual(expect.any(Number))
    expect(show.inspect(good)).toMatchObject({ value: null })
    expect([...show.inspect(good)!.probabilities]).toEqual(new Array(5).fill(Math.fround(0.2)))
    expect(before.probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 5)
    const best = before.probabilities.indexOf(Math.max(...before.probabilities))
    expect([...before.action]).toEqual([0, 1, 2, 3, 4].map(i => (i === best ? 1 : 0)))
    void show.command({ type: 'take', agent: 0 }, 'v')
    void show.command({ type: 'act', agent: 0, move: [0, best === 4 ? -1 : 1] }, 'v')
    const inHand = show.inspect(0)!
    expect([...inHand.action]).not.toEqual([...before.action])
    expect(inHand.value).not.toBe(before.value)
    expect([...inHand.probabilities]).toEqual([...before.probabilities])
  })

  it.each<[string, Overrides]>([
    ['an actor with a memory', { network: { memory: 4 } }],
    ['sub-policies', { learner: { subPolicies: 2 } }],
    ['shared parameters', { learner: { shareParameters: true } }],
    ['mad4pg, whose critic tells a distribution', { learner: { algorithm: 'mad4pg' } }],
    [
      'masac with continuous actions',
      { learner: { algorithm: 'masac' }, scenario: { rules: 'mpe2', actions: 'continuous' } },
    ],
  ])('of %s disturbs nothing', async (_, overrides) => {
    const run = await tinyRun(overrides)
    const rows = (looks: boolean) => {
      const { show, seen, step } = exhibited(run)
      for (let i = 0; i < 25; i++) {
        if (looks) {
          const { value, probabilities } = show.inspect(i % 3)!
          expect(value).toEqual(expect.any(Number))
          expect(probabilities.every(Number.isFinite)).toBe(true)
        }
        step()
      }
      return seen.values.map(({ frame }) => [...frame.row, ...frame.actions])
    }
    expect(rows(true)).toEqual(rows(false))
  })
})

describe('an exhibition', () => {
  it('refuses options by which an actor would see or do something else, and says what to do', async () => {
    const run = await tinyRun({ scenario: { id: 'simple_tag', maxCycles: 10 } })
    const { show } = exhibited(run)
    const ask = (options: object) => () => void show.command({ type: 'options', options: { ...options } }, 'v')
    expect(ask({ obstacles: 4 })).toThrow(
      /the actor of adversary_0 reads 16 numbers, it would see 20; let somebody else play team adversary: scripted, random, noop/,
    )
    expect(ask({ rules: 'mpe2' })).toThrow(/has other actions/)
    expect(ask({ maxCycles: 30 })).not.toThrow()
    for (const team of ['adversary', 'agent']) void show.command({ type: 'play', team, who: 'random' }, 'v')
    expect(ask({ obstacles: 4 })).not.toThrow()
    expect(() => void show.command({ type: 'play', team: 'agent', who: 'latest' }, 'v')).toThrow(/reads 14 numbers/)
  })

  it('lets a team play as any checkpoint did, beside a training that goes on', async () => {
    const run = await tinyRun({ run: { keepCheckpoints: 9 } })
    const folder = createRunFolder(`${tempFolder()}/run`, run.config)
    const logits: Record<string, number[]> = {}
    const observation = { rows: 1, columns: 18, data: new Float32Array(18).fill(0.5) }
    await lastValueFrom(
      train(run, { clock$: ticks(100_000) }).pipe(
        record(run, folder),
        tap(event => {
          if (event.type !== 'checkpoint') return
          logits[event.episodes] = [...run.roster[0]!.actor.distribution(observation).data]
        }),
      ),
    )
    const names = checkpointsOf(folder).names()
    expect(names.length).toBeGreaterThan(2)
    const { show, session } = exhibited(run, checkpointsOf(folder))
    expect(session.state.exhibition.choices).toEqual({
      agent: ['latest', ...[...names].reverse(), 'scripted', 'random', 'noop'],
    })
    for (const name of names) {
      void show.command({ type: 'play', team: 'agent', who: name }, 'v')
      expect(session.state.exhibition.players).toEqual({ agent: name })
      const member = show.current.teamPlayers.member(0)!
      expect([...member.actor.distribution(observation).data]).toEqual(logits[name])
    }
    expect(logits[names[0]!]).not.toEqual(logits[names.at(-1)!])
    expect(() => void show.command({ type: 'play', team: 'agent', who: '123' }, 'v')).toThrow(/unknown player '123'/)
  })
})

describe('a training', () => {
  /** Saved in the end, and its metrics lines without times. */
  interface Outcome {
    readonly saved: Saved
    readonly lines: readonly object[]
  }

  async function outcome(run: Run, between: (tick: number) => void): Promise<Outcome> {
    const lines: object[] = []
    for (let tick = 0; tick < 60; tick++) {
      for (const event of observed(train(run, { clock$: ticks(5) })).values) {
        if (event.type === 'metrics') lines.push({ ...event.line, 'time/seconds': 0 })
      }
      between(tick)
    }
    return { saved: copySaved(run.save()), lines }
  }

  it('has the same bits whatever viewers do to the exhibition', async () => {
    const [alone, watched] = [await tinyRun(), await tinyRun()]
    const folder = createRunFolder(`${tempFolder()}/run`, watched.config)
    folder.writeCheckpoint(0, watched.save())
    const { show, seen, step, session } = exhibited(watched, checkpointsOf(folder))
    const ask = (command: Parameters<typeof show.command>[0]) => void show.command(command, 'v')
    const after = await outcome(watched, tick => {
      if (tick === 5) ask({ type: 'take', agent: 1 })
      if (tick === 6) ask({ type: 'act', agent: 1, move: [1, 1] })
      if (tick === 9) ask({ type: 'drag', entity: 4, position: [0, 0] })
      if (tick === 12) ask({ type: 'options', options: { maxCycles: 5 } })
      if (tick === 15) ask({ type: 'play', team: 'agent', who: '0' })
      if (tick === 20) ask({ type: 'play', team: 'agent', who: 'random' })
      if (tick === 25) ask({ type: 'play', team: 'agent', who: 'latest' })
      if (tick % 7 === 0) ask({ type: 'reset', seed: tick })
      for (let i = 0; i < 3; i++) step()
      for (let agent = 0; agent < 3; agent++) show.inspect(agent)
    })
    const before = await outcome(alone, () => {})
    expect(seen.values.length).toBeGreaterThan(150)
    expect(session.state.exhibition.options).toMatchObject({ maxCycles: 5 })
    expect(before.lines.length).toBeGreaterThan(2)
    expect(after).toEqual(before)
  })

  it('that begins after its end was asked for ends at once', async () => {
    const run = await tinyRun()
    const control = createTrainingControl(createSession(tinySession))
    control.quit()
    const seen = observed(train(run, { ...control, clock$: ticks(100) }))
    expect([seen.completed, run.vectorGame.steps]).toEqual([true, 0])
  })

  it('is stopped with a checkpoint and started again as if it had never been', async () => {
    const settings = { run: { episodes: 12 } }
    const [alone, interrupted] = [await tinyRun(settings), await tinyRun(settings)]
    await lastValueFrom(train(alone, { clock$: ticks(100_000) }))

    const folder = createRunFolder(`${tempFolder()}/run`, interrupted.config)
    const session = createSession(tinySession)
    const control = createTrainingControl(session)
    const show = besideTraining(exhibited(interrupted).show, control)
    const { tracker, rounds } = interrupted
    /** When a viewer stops it: at once, while it plays, while it learns, and in the midst of its last update round. */
    const moments = [
      () => true,
      () => tracker.finished >= 3 && !rounds.due,
      () => tracker.finished >= 6 && rounds.due,
      () => tracker.finished >= 12 && rounds.due,
    ]
    const clock$ = new Observable<Tick>(subscriber => {
      while (!subscriber.closed) {
        if (moments[0]?.()) {
          moments.shift()
          show.command({ type: 'stopTraining' }, 'v')
        } else subscriber.next(tick())
      }
    })
    const told: string[] = []
    for (;;) {
      await lastValueFrom(train(interrupted, { ...control, clock$ }).pipe(record(interrupted, folder)))
      if (isDone(interrupted)) break
      const again = control.goesOn('stopped')
      told.push(session.state.status)
      expect(() => void show.command({ type: 'stopTraining' }, 'v')).toThrow('it is stopped')
      expect(folder.hasCheckpoint).toBe(true)
      void show.command({ type: 'startTraining' }, 'v')
      if (!(await again)) break
    }
    expect(told).toEqual(['stopped', 'stopped', 'stopped', 'stopped'])
    expect(session.state.status).toBe('training')
    expect(copySaved(interrupted.save())).toEqual(copySaved(alone.save()))
  })
})
