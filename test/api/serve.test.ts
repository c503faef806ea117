// serve: a training in this program on its page: what viewers see, what they may do, and that it changes no bit of what is learnt.
import { lastValueFrom, tap, toArray } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import {
  ConfigError,
  defineAlgorithm,
  openPage,
  type PageOptions,
  type Run,
  type ServeOptions,
  serve,
  train,
  type ViewerCommand,
} from '../../src/index.ts'
import { algorithms } from '../../src/run/players.ts'
import { createRun } from '../../src/run/run.ts'
import { TinyViewer, until } from '../stream/tiny-stream.ts'
import { tinyConfig, tinyRun } from '../support/tiny-config.ts'

const token = '6b1f0a9c4de2783512f9c07ab48d3e65'
const long = { run: { episodes: 10_000_000 } }

async function served(run: Run, options: ServeOptions = {}) {
  const live = await serve(run, { port: 0, ...options })
  onTestFinished(() => live.close())
  return live
}

describe('a run on its page', () => {
  it('is trained to the same bits, with curves, progress and the end told to viewers', async () => {
    const alone = await tinyRun()
    await lastValueFrom(train(alone))
    const run = await tinyRun()
    const live = await served(run)
    expect(await (await fetch(live.url)).text()).toContain('<canvas')
    const viewer = await TinyViewer.connect(live.url)
    expect(viewer.welcome.state).toMatchObject({ status: 'training', run: { scenario: 'simple_spread', folder: null } })
    const events = await lastValueFrom(live.train().pipe(toArray()))
    expect(new Set(events.map(({ type }) => type))).toContain('progress')
    await until(() => expect(viewer.state).toMatchObject({ status: 'ended', progress: { episodes: 30 } }))
    expect(viewer.state!.curve.episodes).toEqual([5, 10, 15, 20, 25, 30])
    expect(viewer.state!.message).toContain('the agents play on')
    await until(() => expect(viewer.frames.length).toBeGreaterThan(2))
    expect(run.save()).toEqual(alone.save())
    await live.close('that was all')
    expect(await viewer.closed).toBe(1000)
    expect(viewer.messages.at(-1)).toEqual({ type: 'bye', message: 'that was all' })
    await live.ended
  })

  it('is paused, stopped and started again by operators, whose commands the program hears', async () => {
    const run = await tinyRun(long)
    const live = await served(run)
    const heard: ViewerCommand[] = []
    live.commands$.subscribe(command => heard.push(command))
    const trained = lastValueFrom(live.train())
    const viewer = await TinyViewer.connect(live.url)
    const asks = async (type: string, status: string) => {
      viewer.ask({ type })
      await until(() => expect(live.session.state.status).toBe(status))
    }
    await asks('pauseTraining', 'paused')
    await asks('resumeTraining', 'training')
    await asks('stopTraining', 'stopped')
    expect(live.session.state.message).toMatch(/^Stopped at episode [\d,]+ of 10,000,000\.$/)
    await asks('startTraining', 'training')
    viewer.ask({ type: 'startTraining' })
    await until(() => expect(heard.length).toBe(5))
    expect(heard.map(({ command, refusal }) => [command.type, refusal === null])).toEqual([
      ['pauseTraining', true],
      ['resumeTraining', true],
      ['stopTraining', true],
      ['startTraining', true],
      ['startTraining', false],
    ])
    expect(heard[4]).toMatchObject({ session: 'simple_spread', viewer: viewer.welcome.viewer })
    expect(heard[4]!.refusal).toContain('must be stopped')
    live.stop()
    await trained
    expect(live.session.state.status).toBe('ended')
  })

  it('does not hold a training for ever that viewers paused, when its page is closed', async () => {
    const run = await tinyRun(long)
    const live = await served(run)
    const trained = lastValueFrom(live.train())
    const viewer = await TinyViewer.connect(live.url)
    viewer.ask({ type: 'stopTraining' })
    await until(() => expect(live.session.state.status).toBe('stopped'))
    await live.close()
    await trained
  })

  it('is shown by a pipe of its own too, and where only the program knows the algorithm', async () => {
    const mine = defineAlgorithm({ ...algorithms.maddpg!, id: 'mine' })
    const { learner, ...others } = tinyConfig
    const run = await createRun({ ...others, learner: { ...learner, algorithm: 'mine' }, algorithms: { mine } })
    onTestFinished(() => run.dispose())
    const live = await served(run)
    const viewer = await TinyViewer.connect(live.url)
    await lastValueFrom(train(run, live.controls).pipe(tap(live.tell)))
    await until(() => expect(viewer.state!.curve.episodes).toEqual([5, 10, 15, 20, 25, 30]))
    expect(viewer.state!.run.algorithm).toBe('mine')
    await until(() => expect(viewer.frames.length).toBeGreaterThan(2))
  })
})

describe('a page', () => {
  const opened = async (options: PageOptions) => {
    const page = await openPage({ port: 0, ...options })
    onTestFinished(() => page.close('the test is over'))
    return page
  }

  it('holds several sessions, of which one may be taken away', async () => {
    const page = await opened({})
    const [one, two] = [await tinyRun(), await tinyRun()]
    const live = await served(one, { page, name: 'one' })
    await served(two, { page, name: 'two' })
    const ids = async () =>
      ((await (await fetch(`${page.url}sessions`)).json()) as { id: string }[]).map(({ id }) => id)
    expect(await ids()).toEqual(['one', 'two'])
    await expect(served(one, { page, name: 'two' })).rejects.toThrow("session 'two' is there already")
    await live.close()
    expect(await ids()).toEqual(['two'])
  })

  it('lets nobody in without the token, and a viewer command nothing', async () => {
    const viewers = [...token].reverse().join('')
    const page = await opened({ tokens: { operator: token, viewer: viewers } })
    expect(page.guarded).toBe(true)
    const live = await served(await tinyRun(), { page })
    await expect(TinyViewer.connect(live.url)).rejects.toThrow('401')
    const viewer = await TinyViewer.connect(live.url, { authorization: `Bearer ${viewers}` })
    viewer.ask({ type: 'pause' })
    await until(() => expect(viewer.messages.at(-1)).toMatchObject({ type: 'refused' }))
    expect(viewer.welcome.role).toBe('viewer')
  })

  it.each<[PageOptions, string]>([
    [{ host: '0.0.0.0' }, '0.0.0.0 is open to other machines'],
    [{ tokens: { operator: 'short' } }, "the operator's token must have 32 to 512"],
    [{ tokenFile: '/nowhere/tokens' }, '/nowhere/tokens cannot be read'],
    [{ port: 70_000 }, 'the port must be a whole number in 0 ... 65535'],
    [{ trustProxy: ['proxy.example.org'] }, "expected an IP address like 192.0.2.1, got 'proxy.example.org'"],
  ])('is refused with %j', async (options, sentence) => {
    const refused = openPage(options)
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow(sentence)
  })
})
