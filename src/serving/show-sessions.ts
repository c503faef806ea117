// Sessions, their games and recordings on a page, until they are taken off it.
import { filter } from 'rxjs'
import type { Session } from '../experiment/session.ts'
import type { Show } from '../experiment/show.ts'
import type { Recorder } from '../recording/recorder.ts'
import type { LiveView } from './live-view.ts'
import type { Page } from './page.ts'

/** One of the sessions. */
export interface Shown {
  /** In addresses. */
  readonly id: string
  readonly title: string
  readonly session: Session
  readonly show: Show
  readonly recorder?: Recorder | undefined
  /** Ends its game. */
  close(): void | Promise<void>
}

/** Shows sessions on a page. `owned`: the page is closed with them. @throws TypeError where an id is taken */
export function showAll(page: Page, owned: boolean, shown: readonly Shown[]): LiveView {
  const ids = shown.map(({ id, title, session, show, recorder }) => {
    page.add({ id, title, session, show, recording: recorder?.snapshot })
    return id
  })
  return viewOf(page, ids, shown, message => closeAll(shown, message, last => hide(page, owned, ids, last)))
}

/** A view of sessions that are on a page, or come there. `end`: what closes them. */
export function viewOf(
  { url, listening, guarded, viewers$, commands$ }: Page,
  ids: readonly string[],
  shown: readonly Pick<Shown, 'session' | 'recorder'>[],
  end: (message: string) => Promise<void>,
  failed: Promise<never> = new Promise(() => {}),
): LiveView {
  let over = () => {}
  const ended = Promise.race([new Promise<void>(resolve => (over = resolve)), failed])
  // Who does not ask for it is not to be ended by it.
  ended.catch(() => {})
  let closing: Promise<void> | null = null
  return {
    ...{ url, listening, guarded, viewers$ },
    commands$: commands$.pipe(filter(({ session }) => ids.includes(session))),
    sessions: shown.map(({ session }) => session),
    recordings: shown.flatMap(({ recorder }) => recorder?.file ?? []),
    ended,
    close: (message = 'watching was ended') => (closing ??= end(message).finally(over)),
  }
}

/** Recordings end whole, viewers hear why, games end last. */
export async function closeAll(
  shown: readonly Pick<Shown, 'session' | 'recorder' | 'close'>[],
  message: string,
  hide: (message: string) => Promise<void>,
): Promise<void> {
  await Promise.all(shown.map(({ recorder }) => recorder?.close()))
  for (const { session } of shown) session.dispatch({ type: 'ended', message })
  await hide(message)
  await Promise.all(shown.map(({ close }) => close()))
}

/** Takes sessions off a page, which is closed with them where it is theirs. */
export async function hide(page: Page, owned: boolean, ids: readonly string[], message: string): Promise<void> {
  if (owned) await page.close(message)
  else await Promise.all(ids.map(id => page.remove(id, message)))
}

/** A name as addresses have it. */
export function addressName(name: string): string {
  return name.replace(/[^\w.-]/g, '-')
}
