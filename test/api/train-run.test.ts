// trainRun, resumeRun, forkRun: run folders as the command leaves them, its guards, and a page beside the training.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { map, toArray } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  ConfigError,
  defineOperator,
  forkRun,
  type MetricsLine,
  type MetricsSink,
  type Overrides,
  openRunFolder,
  type RunTraining,
  resumeRun,
  type TrainRunOptions,
  trainRun,
} from '../../src/index.ts'
import { TinyViewer, until } from '../stream/tiny-stream.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { tinyConfig } from '../support/tiny-config.ts'

const metricsIn = (path: string) =>
  readFileSync(join(path, 'metrics.jsonl'), 'utf8')
    .trim()
    .split('\n')
    .map(line => Object.fromEntries(Object.entries(JSON.parse(line)).filter(([key]) => !key.startsWith('time/'))))

function closed(training: RunTraining): RunTraining {
  onTestFinished(() => training.close())
  return training
}

const begun = async (settings: Overrides, options: TrainRunOptions) => closed(await trainRun(settings, options))
const endless: Overrides = { ...tinyConfig, run: { ...tinyConfig.run, episodes: 10_000_000 } }

describe('trainRun', () => {
  it('leaves a run folder, and tells what happened and what it came to', async () => {
    const out = join(tempFolder(), 'run')
    const training = await begun(tinyConfig, { out })
    const all = new Promise<unknown[]>(done => training.events$.pipe(toArray()).subscribe(done))
    const trained = await training.finished()
    expect(trained).toMatchObject({ runFolder: out, stopped: false, episodes: 30, envSteps: 300 })
    const { folder } = openRunFolder(out)
    expect(Object.keys(trained.returns)).toEqual(['agent_0', 'agent_1', 'agent_2'])
    expect(folder.readMetrics().at(-1)).toMatchObject({ episodes: 30, 'return/agent_0': trained.returns.agent_0 })
    expect(folder.checkpoints.at(-1)).toBe(30)
    const types = (await all).map(event => (event as { type: string }).type)
    expect(new Set(types)).toEqual(new Set(['progress', 'metrics', 'checkpoint']))
    expect(existsSync(join(out, 'trainer.pid'))).toBe(false)
    expect(await training.finished()).toBe(trained)
  })

  it('is locked while it trains, stopped with a checkpoint, and resumed to the bits of one that never was', async () => {
    const [whole, broken] = [join(tempFolder(), 'whole'), join(tempFolder(), 'broken')]
    await (await begun(tinyConfig, { out: whole })).finished()
    const training = await begun(tinyConfig, { out: broken })
    training.events$.subscribe(event => {
      if (event.type === 'metrics' && event.line.episodes! >= 10) training.stop()
    })
    await expect(resumeRun(broken)).rejects.toThrow(`${broken} is being trained by`)
    const { stopped, episodes } = await training.finished()
    expect(stopped).toBe(true)
    expect(episodes).toBeLessThan(30)
    const further = closed(await resumeRun(broken))
    expect(await further.finished()).toMatchObject({ stopped: false, episodes: 30 })
    expect(metricsIn(broken)).toEqual(metricsIn(whole))
    await expect(resumeRun(broken, { learner: { gamma: 0.5 } })).rejects.toThrow('learner.gamma: cannot change when')
    const fork = closed(
      await forkRun(broken, { learner: { gamma: 0.5 }, run: { episodes: 35 } }, { out: `${broken}-b` }),
    )
    expect(fork.run.tracker.finished).toBe(30)
    expect(await fork.finished()).toMatchObject({ episodes: 35, runFolder: `${broken}-b` })
  })

  it('goes on with the operators of the program, and not without them; tells sinks, and ends early', async () => {
    const [whole, broken] = [join(tempFolder(), 'whole'), join(tempFolder(), 'broken')]
    const halved = defineOperator({
      name: 'halved',
      create() {
        let steps = 0
        return {
          operator: map(step => {
            steps++
            return { ...step, rewards: { ...step.rewards, data: step.rewards.data.map(reward => reward / 2) } }
          }),
          figures: () => ({ steps }),
          save: () => steps,
          restore(saved) {
            steps = saved as number
          },
        }
      },
    })
    const settings = { ...tinyConfig, run: { ...tinyConfig.run, evaluateEvery: 10, evaluateEpisodes: 2 } }
    const operators = [halved]
    const lines: MetricsLine[] = []
    const sink: MetricsSink = { open() {}, line: line => void lines.push(line), close() {} }
    await (await begun(settings, { out: whole, operators, sinks: [sink] })).finished()
    expect(lines.map(({ episodes }) => episodes)).toEqual(metricsIn(whole).map(({ episodes }) => episodes))
    expect(metricsIn(whole).at(-1)).toMatchObject({ 'operator/halved/steps': 300 })
    const shorter = { ...settings, run: { ...settings.run, episodes: 25 } }
    const early = await begun(shorter, {
      out: broken,
      operators,
      stopWhen: ({ trainingEpisodes }) => trainingEpisodes >= 20,
    })
    expect(await early.finished()).toMatchObject({ episodes: 20 })
    await early.close()
    await expect(resumeRun(broken, { run: { episodes: 30 } })).rejects.toThrow("trained with operator 'halved'")
    const further = closed(await resumeRun(broken, { run: { episodes: 30 } }, { operators }))
    expect(await further.finished()).toMatchObject({ episodes: 30 })
    expect(metricsIn(broken).at(-1)).toEqual(metricsIn(whole).at(-1))
  })

  it('ends and gives the folder free when it is closed, begun or not', async () => {
    const out = join(tempFolder(), 'run')
    const training = await begun(endless, { out })
    const done = training.finished()
    await until(() => expect(training.session.state.progress.episodes).toBeGreaterThan(0))
    await training.close()
    expect((await done).stopped).toBe(true)
    const second = await resumeRun(out)
    await second.close()
    await (await resumeRun(out)).close()
    expect(readdirSync(join(out, 'checkpoints')).length).toBeGreaterThan(0)
  })

  it('is watched and controlled on its page, and recorded', async () => {
    const out = join(tempFolder(), 'run')
    const training = await begun(endless, { out, watch: true, port: 0, record: true })
    const done = training.finished()
    const viewer = await TinyViewer.connect(training.url!)
    await until(() => expect(viewer.state!.curve.episodes.length).toBeGreaterThan(1))
    await until(() => expect(viewer.frames.length).toBeGreaterThan(1))
    expect(viewer.state).toMatchObject({ status: 'training', run: { folder: out, algorithm: 'maddpg' } })
    viewer.ask({ type: 'stopTraining' })
    await until(() => expect(viewer.state!.message).toContain('a checkpoint was written'))
    viewer.ask({ type: 'startTraining' })
    await until(() => expect(viewer.state!.status).toBe('training'))
    training.stop()
    expect((await done).stopped).toBe(true)
    await until(() => expect(viewer.state!.status).toBe('ended'))
    await training.close()
    expect(await viewer.closed).toBe(1000)
    expect(existsSync(training.recording!)).toBe(true)
  })

  it('refuses a folder that holds a run, wrong settings and a wider address, before anything is written', async () => {
    const out = join(tempFolder(), 'run')
    const refused = async (settings: Overrides, options: TrainRunOptions, sentence: string) => {
      const training = trainRun(settings, { out, ...options })
      await expect(training).rejects.toThrow(ConfigError)
      await expect(training).rejects.toThrow(sentence)
    }
    await refused({ scenario: { id: 'nowhere' } }, {}, "unknown scenario 'nowhere'")
    await refused({ ...tinyConfig, learner: { gamma: 2 } }, {}, 'learner.gamma')
    await refused(tinyConfig, { watch: 0, host: '0.0.0.0' }, '0.0.0.0 is open to other machines')
    await refused(tinyConfig, { record: import.meta.filename }, 'is there already')
    expect(existsSync(out)).toBe(false)
    await (await begun(tinyConfig, { out })).close()
    await refused(tinyConfig, {}, `${out} holds a run already`)
  })
})
