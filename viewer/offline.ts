// The page that plays offline: the same page as a server's, whose show is within it. src/export/page-bundle.ts puts both together.
import './immediate.ts'
import { createClient } from '../src/client/connect.ts'
import type { Session } from '../src/experiment/session.ts'
import type { Show } from '../src/experiment/show.ts'
import { connectLocally } from '../src/offline/local-connection.ts'
import { element } from './page/elements.ts'
import { openPage } from './page/page.ts'

/** Brings the page to life when its show is ready. */
export async function openOffline(
  title: string,
  ready: Promise<{ readonly session: Session; readonly show: Show }>,
): Promise<void> {
  document.body.dataset.offline = 'true'
  // There is no list of sessions to go back to.
  element('home').removeAttribute('href')
  try {
    const { session, show } = await ready
    openPage(createClient(events => connectLocally({ session, show, title }, events)))
  } catch (error) {
    const banner = element('banner')
    banner.textContent = `The game cannot be played here: ${(error as Error).message}`
    banner.hidden = false
    throw error
  }
}
