// watch: the live page of trained runs, scenarios, games and recordings; what `marlstrom watch` does, as a function.
import { gameOptions } from '../run/in-game.ts'
import type { LiveView } from './live-view.ts'
import { watchAll } from './watch-all.ts'
import type { Watchable, WatchOptions } from './watch-options.ts'

/**
 * Shows one thing or several on a page; resolves when it is served. A scenario file alone is shown anew whenever it is saved.
 * @example
 * const view = await watch('runs/spread', { port: 0 })
 * console.log(view.url)
 * view.commands$.subscribe(({ viewer, command }) => console.log(viewer, command.type))
 * @throws ConfigError for what is none of these, for options that do not fit, a port that is taken, a wider address without a token;
 * FileError for a damaged run or recording.
 */
export async function watch(what: Watchable | readonly Watchable[], options: WatchOptions = {}): Promise<LiveView> {
  const { scenario = {}, seed } = options
  return watchAll([what].flat(), {
    ...options,
    overrides: id => ({ scenario: { ...scenario, id }, ...(seed === undefined ? {} : { run: { seed } }) }),
    gameOptions: () => gameOptions({ scenario }),
  })
}
