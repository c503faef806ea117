// The live page of a scenario that is being written; saving the file shows the new version on the open page.
import { basename } from 'node:path'
import { playFileShow } from '../authoring/file-show.ts'
import type { GameRequest } from '../authoring/game-messages.ts'
import { ConfigError } from '../errors.ts'
import { initialSession } from '../experiment/initial-session.ts'
import { createSession } from '../experiment/session.ts'
import { resolveConfig } from '../run/config/config.ts'
import { trainingDefaults } from '../run/config/presets.ts'
import type { LiveView } from './live-view.ts'
import { type Page, preparePage } from './page.ts'
import { addressName, closeAll, hide, viewOf } from './show-sessions.ts'
import { expectFree, startRecording } from './start-recording.ts'
import type { Watching } from './watching.ts'

/** What is told of versions of the file. */
export interface FileNews {
  /** A version was saved and is shown; with a remark, the one before plays on. */
  reloaded?(remark: string | null): void
  /** What is wrong with the newest version, with its place. */
  trouble?(message: string): void
}

/**
 * Resolves when the page is open, with the first version, good or bad.
 * @throws ConfigError when there is no such file or its options are wrong
 */
export async function watchFile(file: string, options: Watching & FileNews): Promise<LiveView> {
  const { note = () => {} } = options
  const open = options.page === undefined ? preparePage(options) : async () => options.page!
  const owned = options.page === undefined
  expectFree(options)
  const overrides = options.overrides(file)
  const { run } = resolveConfig(overrides)
  const { id: _, ...given } = overrides.scenario ?? {}
  const identity = { scenario: basename(file), algorithm: '', seed: run.seed, preset: run.preset, folder: null }
  const session = createSession(initialSession(identity, 'playing', { agents: [] }, null))
  const first = deferred<void>()
  const failed = deferred<never>()
  let opened = false

  const request = (): Omit<GameRequest, 'task' | 'bundle'> => ({
    options: given,
    preset: trainingDefaults.scenario ?? {},
    seed: run.seed,
    hookSeconds: run.hookSeconds,
    policy: options.policy,
    exhibition: session.state.exhibition,
    number: show.nextNumber,
  })
  const begin = () => {
    opened = true
    first.resolve()
  }
  const { show, close } = playFileShow(file, request, session, {
    ready(remark) {
      if (opened) options.reloaded?.(remark)
      else begin()
    },
    trouble(message, wrongUsage) {
      if (wrongUsage && !opened) return first.reject(new ConfigError('', message))
      options.trouble?.(message)
      if (!opened) begin()
    },
    lost(error) {
      first.reject(error)
      failed.reject(error)
    },
  })
  const source = () => show.source
  const recorded = { session, show, config: { scenario: overrides.scenario }, source }
  const shown = { session, close, recorder: undefined as Awaited<ReturnType<typeof startRecording>> | undefined }
  const id = options.name ?? addressName(basename(file))
  let page: Page | undefined
  const end = (message: string) =>
    closeAll([shown], message, async last => {
      if (page !== undefined) await hide(page, owned, [id], last)
    })
  try {
    if (options.record !== undefined) shown.recorder = await startRecording(options, recorded, note)
    await first.promise
    page = await open()
    page.add({ id, title: basename(file), session, show, recording: shown.recorder?.snapshot })
    return viewOf(page, [id], [shown], end, failed.promise)
  } catch (error) {
    await end('watching was ended')
    throw error
  }
}

interface Deferred<T> {
  readonly promise: Promise<T>
  resolve(value: T): void
  reject(error: unknown): void
}

function deferred<T>(): Deferred<T> {
  let settle!: Omit<Deferred<T>, 'promise'>
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // Whoever waits for it hears of it.
  promise.catch(() => {})
  return { promise, ...settle }
}
