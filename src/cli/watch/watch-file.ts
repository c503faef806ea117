// marlstrom watch <file>: the live page of a scenario that is being written; saving the file shows the new version on the open page.
import { basename } from 'node:path'
import pc from 'picocolors'
import { firstValueFrom, fromEvent, merge, Subject } from 'rxjs'
import { playFileShow } from '../../authoring/file-show.ts'
import type { GameRequest } from '../../authoring/game-messages.ts'
import { ConfigError, createSession, initialSession, type Overrides, type StreamServer } from '../../index.ts'
import { resolveConfig } from '../../run/config/config.ts'
import { trainingDefaults } from '../../run/config/presets.ts'
import { expectFree, type RecordOptions, startRecording } from '../options/recording.ts'
import { print, printError } from '../terminal/print.ts'
import { openServer, openWanted, type ServingOptions, servingOf, whereToLook } from './serving.ts'

interface FileOptions extends ServingOptions, RecordOptions {
  readonly port?: number
  readonly policy?: 'scripted' | 'random' | 'noop'
}

/** Serves the page until Ctrl-C. @throws ConfigError when there is no such file or its options are wrong. */
export async function watchFile(file: string, overrides: Overrides, options: FileOptions): Promise<void> {
  const serving = servingOf(options)
  expectFree(options)
  const { run } = resolveConfig(overrides)
  const { id: _, ...given } = overrides.scenario ?? {}
  const identity = { scenario: basename(file), algorithm: '', seed: run.seed, preset: run.preset, folder: null }
  const session = createSession(initialSession(identity, 'playing', { agents: [] }, null))
  const refusal$ = new Subject<never>()
  let opening: Promise<StreamServer> | undefined

  const request = (): Omit<GameRequest, 'task' | 'bundle'> => ({
    options: given,
    preset: trainingDefaults.scenario ?? {},
    seed: run.seed,
    hookSeconds: run.hookSeconds,
    policy: options.policy,
    exhibition: session.state.exhibition,
    number: show.nextNumber,
  })
  const { show, close } = playFileShow(file, request, session, {
    ready(remark) {
      if (opening === undefined) return open()
      print(remark === null ? `${pc.green('reloaded')} ${file}` : `the version before plays on`)
    },
    trouble(message, wrongUsage) {
      if (wrongUsage && opening === undefined) return refusal$.error(new ConfigError('', message))
      printError(`${pc.red('error:')} ${message}`)
      if (opening === undefined) open()
    },
    lost: error => refusal$.error(error),
  })

  const recorder =
    options.record === undefined
      ? undefined
      : await startRecording(options, {
          session,
          show,
          config: { scenario: overrides.scenario },
          source: () => show.source,
        })
  if (recorder !== undefined) print(`recording: ${recorder.file}`)

  /** The page opens with the first version, good or bad. */
  function open(): void {
    opening = openServer(serving, options.port).then(server => {
      server.add({
        id: basename(file).replace(/[^\w.-]/g, '-'),
        title: basename(file),
        session,
        show,
        recording: recorder?.snapshot,
      })
      return server
    })
    opening.then(
      server => {
        print(whereToLook(server, `   (saving ${file} reloads, Ctrl-C ends)`))
        openWanted(server, serving)
      },
      error => refusal$.error(error),
    )
  }

  try {
    await firstValueFrom(merge(fromEvent(process, 'SIGINT'), fromEvent(process, 'SIGTERM'), refusal$))
  } finally {
    await recorder?.close()
    await close()
    session.dispatch({ type: 'ended', message: 'watching was ended' })
    await (await opening?.catch(() => undefined))?.close('watching was ended')
  }
}
