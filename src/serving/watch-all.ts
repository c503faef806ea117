// Trained runs, scenarios, games and recordings on a page.
import { basename, resolve } from 'node:path'
import { isScenarioPath } from '../authoring/bundle.ts'
import { ConfigError } from '../errors.ts'
import { isRunFolder } from '../experiment/run-folder.ts'
import type { LiveView } from './live-view.ts'
import { openPage } from './page.ts'
import { addressName, closeAll, hide, type Shown, showAll } from './show-sessions.ts'
import { showDefinition, showRunFolder, showScenario } from './shown-games.ts'
import { expectFree, startRecording } from './start-recording.ts'
import { type FileNews, watchFile } from './watch-file.ts'
import type { Watchable } from './watch-options.ts'
import type { Watching } from './watching.ts'

/** @throws ConfigError, FileError as `watch` */
export async function watchAll(targets: readonly Watchable[], options: Watching & FileNews): Promise<LiveView> {
  const [first] = targets
  if (first === undefined) throw new ConfigError('watch', 'expected something to watch, got nothing')
  if (!options.areRecordings && targets.length === 1 && typeof first === 'string' && isWatchedFile(first))
    return watchFile(first, options)
  if (targets.length > 1 && typeof options.record === 'string') {
    throw new ConfigError('--record', 'of several games each has a recording of its own; leave the file out')
  }
  expectFree(options)
  const page = options.page ?? (await openPage(options))
  const owned = options.page === undefined
  const shown: Shown[] = []
  try {
    const names = uniqueNames(targets.length === 1 && options.name ? [options.name] : targets.map(nameOf))
    for (const [i, target] of targets.entries()) shown.push(await show(target, names[i]!, options))
    return showAll(page, owned, shown)
  } catch (error) {
    const message = 'watching was ended'
    await closeAll(shown, message, last => hide(page, owned, [], last))
    throw error
  }
}

async function show(target: Watchable, id: string, options: Watching): Promise<Shown> {
  if (typeof target === 'string' && (options.areRecordings || isRecording(target))) {
    const { showRecording } = await import('./shown-recording.ts')
    return { id, ...(await showRecording(target, options)) }
  }
  const of =
    typeof target !== 'string'
      ? showDefinition(target, options)
      : isRunFolder(target)
        ? await showRunFolder(target, options)
        : await showScenario(target, options)
  const { session, show, config, source } = of
  const base = { id, title: session.state.run.scenario, session, show, close: of.close }
  if (options.record === undefined) return base
  const { note = () => {} } = options
  try {
    return { ...base, recorder: await startRecording(options, { session, show, config, source: () => source }, note) }
  } catch (error) {
    await of.close()
    throw error
  }
}

/** Whether it is a scenario file, shown anew whenever it is saved. */
export function isWatchedFile(target: string): boolean {
  return !isRunFolder(target) && !isRecording(target) && isScenarioPath(target)
}

function isRecording(target: string): boolean {
  return target.endsWith('.mcap') && !isRunFolder(target)
}

function nameOf(target: Watchable): string {
  return typeof target === 'string' ? basename(resolve(target), '.mcap') : target.id
}

/** What sessions are called in addresses: the last part of each path, numbered where two are alike. */
function uniqueNames(names: readonly string[]): string[] {
  const words = names.map(addressName)
  return words.map((name, i) => (words.indexOf(name) === i ? name : `${name}-${i + 1}`))
}
