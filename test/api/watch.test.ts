// watch and playOn: scenarios, games of a program, runs, files and recordings on a page, by real sockets.
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scenarioTemplate } from '../../src/authoring/template.ts'
import {
  ConfigError,
  type LiveView,
  type PlayOnOptions,
  playOn,
  recordGame,
  scenarios,
  trainRun,
  type Watchable,
  type WatchOptions,
  watch,
} from '../../src/index.ts'
import { TinyViewer, until } from '../stream/tiny-stream.ts'
import { tempFolder } from '../support/temp-folder.ts'
import { tinyConfig } from '../support/tiny-config.ts'

function kept(view: LiveView): LiveView {
  onTestFinished(() => view.close())
  return view
}

const watched = async (what: Watchable | readonly Watchable[], options: WatchOptions = {}) =>
  kept(await watch(what, { port: 0, ...options }))

async function look({ url }: LiveView, session = '') {
  const viewer = await TinyViewer.connect(url, {}, session === '' ? {} : { query: `?session=${session}` })
  await until(() => expect(viewer.frames.length).toBeGreaterThan(0))
  return viewer
}

async function tinyRunFolder(): Promise<string> {
  const out = join(tempFolder(), 'run')
  const training = await trainRun(tinyConfig, { out })
  await training.finished()
  await training.close()
  return out
}

describe('watch', () => {
  it('shows a scenario by its id, with options, a seed and who plays', async () => {
    const view = await watched('simple_tag', { scenario: { adversaries: 2 }, seed: 5, policy: 'random' })
    expect(await (await fetch(view.url)).text()).toContain('<canvas')
    const { state } = (await look(view)).welcome
    expect(state).toMatchObject({ status: 'playing', run: { scenario: 'simple_tag', algorithm: 'random', seed: 5 } })
    expect(state.roster.filter(({ team }) => team === 'adversary').length).toBe(2)
    expect(view.sessions[0]!.state.run).toEqual(state.run)
  })

  it('shows a run with its past and its game that is recorded, beside a game of this program', async () => {
    const folder = await tinyRunFolder()
    const mine = { ...scenarios.simple!, id: 'mine' }
    const view = await watched([folder, mine])
    const viewer = await look(view, 'run')
    expect(viewer.state).toMatchObject({
      run: { algorithm: 'maddpg', folder },
      curve: { episodes: [5, 10, 15, 20, 25, 30] },
    })
    expect((await look(view, 'mine')).state!.run).toMatchObject({ scenario: 'mine', algorithm: 'scripted' })
    await view.close()
    expect(await viewer.closed).toBe(1000)
    await view.ended
  })

  it('keeps what is watched as a whole recording, never in the place of another', async () => {
    const record = join(tempFolder(), 'mine.mcap')
    const view = await watched(scenarios.simple!, { record })
    expect(view.recordings).toEqual([record])
    await look(view)
    await view.close()
    const played = await watched(record)
    const viewer = await TinyViewer.connect(played.url)
    expect(viewer.state).toMatchObject({ timeline: { kind: 'playback' }, run: { scenario: 'simple' } })
    await expect(watch('simple', { port: 0, record })).rejects.toThrow(`${record} is there already`)
  })

  it('shows a scenario file anew when it is saved, to the same viewers', async () => {
    const file = join(tempFolder(), 'herd.ts')
    const code = scenarioTemplate('herd')
    writeFileSync(file, code)
    const view = await watched(file)
    const viewer = await look(view)
    writeFileSync(file, code.replace(/id: '[^']+'/, "id: 'flock'"))
    await until(() => expect(viewer.state!.run.scenario).toBe('flock'))
  })

  it.each<[Watchable | readonly Watchable[], WatchOptions, string]>([
    [[], {}, 'expected something to watch'],
    ['nowhere', {}, "unknown scenario 'nowhere'"],
    ['./nowhere.ts', {}, 'nowhere.ts'],
    ['simple', { scenario: { agents: 2 } }, 'agents'],
    ['simple', { host: '0.0.0.0' }, '0.0.0.0 is open to other machines'],
    [['simple', 'simple_tag'], { record: 'x.mcap' }, 'each has a recording of its own'],
    ['x.mcap', { policy: 'random' }, 'a recording is shown as it was played'],
  ])('%j with %j is refused', async (what, options, sentence) => {
    const refused = watch(what, { port: 0, ...options })
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow(sentence)
    expect(existsSync('x.mcap')).toBe(false)
  })
})

describe('playOn', () => {
  const played = async (file: string, frame: number, options: PlayOnOptions = {}) =>
    kept(await playOn(file, frame, { port: 0, ...options }))

  it('goes on from a frame of a recording, played by others', async () => {
    const { file } = await recordGame('simple_tag', {
      file: join(tempFolder(), 'tag.mcap'),
      scenario: { maxCycles: 8 },
    })
    const view = await played(file, 5, { policy: 'random' })
    const viewer = await look(view)
    expect(viewer.frames[0]!.number).toBeGreaterThanOrEqual(5)
    expect(viewer.state!.run).toMatchObject({ scenario: 'simple_tag', algorithm: 'random' })
    await expect(playOn(file, 500, { port: 0 })).rejects.toThrow(
      /--fork: expected a frame of .*, \d+ \.\.\. \d+, got 500/,
    )
    await expect(playOn(file, 5, { port: 0, policy: 'nobody' })).rejects.toThrow('expected random, noop, scripted')
  })
})
