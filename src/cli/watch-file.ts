// marlstrom watch <file>: the live page of a scenario that is being written; saving the file shows the new version on the open page.
import { basename } from 'node:path'
import pc from 'picocolors'
import { firstValueFrom, fromEvent, merge, ReplaySubject, Subject } from 'rxjs'
import { playFile } from '../authoring/live-game.ts'
import { presets, resolveConfig } from '../config.ts'
import {
  ConfigError,
  createSession,
  type FrameSchema,
  type Moment,
  type Overrides,
  type Show,
  type StreamServer,
} from '../index.ts'
import { initialSession } from './live.ts'
import { openServer, type ServingOptions, servingOf, whereToLook } from './serving.ts'

interface FileOptions extends ServingOptions {
  readonly port?: number
  readonly policy?: 'scripted' | 'random' | 'noop'
}

const nothing: FrameSchema = {
  kind: 'particles',
  extent: 1.3,
  entities: [],
  fields: [],
  size: 0,
  agents: [],
  secondsPerStep: 0.1,
}

/** Serves the page until Ctrl-C. @throws ConfigError when there is no such file or its options are wrong. */
export async function watchFile(file: string, overrides: Overrides, options: FileOptions): Promise<void> {
  const serving = servingOf(options)
  const { run } = resolveConfig(overrides)
  const { id: _, ...given } = overrides.scenario ?? {}
  const identity = { scenario: basename(file), algorithm: '', seed: run.seed, preset: run.preset, folder: null }
  const session = createSession(initialSession(identity, 'playing', { agents: [] }, null))
  const moments$ = new Subject<Moment>()
  // Also for a server that is still being opened.
  const schema$ = new ReplaySubject<FrameSchema>(1)
  const refusal$ = new Subject<never>()
  let opening: Promise<StreamServer> | undefined

  const game = playFile(
    file,
    () => ({
      options: given,
      preset: presets[run.preset]!.scenario ?? {},
      seed: run.seed,
      policy: options.policy,
      exhibition: session.state.exhibition,
    }),
    {
      ready({ id, who, schema, roster }, remark) {
        session.dispatch({ type: 'recast', scenario: id, algorithm: who, roster })
        if (remark !== null) session.dispatch({ type: 'remark', message: remark })
        schema$.next(schema)
        if (opening === undefined) return open()
        console.log(remark === null ? `${pc.green('reloaded')} ${file}` : `the version before plays on`)
      },
      frame: frame => moments$.next({ frame, opening: null, fingerprint: () => null }),
      trouble(message, wrongUsage) {
        if (wrongUsage && opening === undefined) return refusal$.error(new ConfigError('', message))
        session.dispatch({ type: 'remark', message })
        console.error(`${pc.red('error:')} ${message}`)
        if (opening !== undefined) return
        schema$.next(nothing)
        open()
      },
      lost: error => refusal$.error(error),
    },
  )

  const show: Show = {
    schema$,
    moments$,
    inspect: () => null,
    command(command) {
      session.dispatch(command)
      game.send(command)
    },
    left() {},
  }

  /** The page opens with the first version, good or bad. */
  function open(): void {
    opening = openServer(serving, options.port).then(server => {
      server.add({ id: 'file', title: basename(file), session, show })
      return server
    })
    opening.then(
      server => console.log(whereToLook(server, `   (saving ${file} reloads, Ctrl-C ends)`)),
      error => refusal$.error(error),
    )
  }

  try {
    await firstValueFrom(merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM'), refusal$))
  } finally {
    await game.close()
    session.dispatch({ type: 'ended', message: 'watching was ended' })
    await (await opening?.catch(() => undefined))?.close('watching was ended')
  }
}
