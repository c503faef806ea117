// marlstrom watch <file>: the live page of a scenario that is being written; saving the file shows the new version on the open page.
import { basename } from 'node:path'
import pc from 'picocolors'
import { firstValueFrom, fromEvent, merge, ReplaySubject, Subject } from 'rxjs'
import { playFile } from '../authoring/live-game.ts'
import { presets, resolveConfig } from '../config.ts'
import {
  ConfigError,
  createSession,
  createStreamServer,
  type Frame,
  type FrameSchema,
  type Overrides,
  type StreamServer,
} from '../index.ts'
import { initialSession } from './live.ts'
import { pageFolder } from './package.ts'

interface FileOptions {
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
  const { run } = resolveConfig(overrides)
  const { id: _, ...given } = overrides.scenario ?? {}
  const identity = { scenario: basename(file), algorithm: '', seed: run.seed, preset: run.preset, folder: null }
  const session = createSession(initialSession(identity, 'playing', { agents: [] }, null))
  const frames$ = new Subject<Frame>()
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
        if (opening === undefined) return open(schema)
        schema$.next(schema)
        console.log(remark === null ? `${pc.green('reloaded')} ${file}` : `the version before plays on`)
      },
      frame: frame => frames$.next(frame),
      trouble(message, wrongUsage) {
        if (wrongUsage && opening === undefined) return refusal$.error(new ConfigError('', message))
        session.dispatch({ type: 'remark', message })
        console.error(`${pc.red('error:')} ${message}`)
        open(nothing)
      },
      lost: error => refusal$.error(error),
    },
  )

  /** The page opens with the first version, good or bad. */
  function open(schema: FrameSchema): void {
    if (opening !== undefined) return
    opening = createStreamServer({
      port: options.port,
      page: pageFolder(),
      schema,
      schema$,
      changes$: session.changes$,
      frames$,
      onCommand(command) {
        session.dispatch(command)
        game.send(command)
      },
    })
    opening.then(
      ({ url }) => console.log(`live page: ${url}   (saving ${file} reloads, Ctrl-C ends)`),
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
