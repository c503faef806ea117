// The page of a server: its stream is beside the page. Where it has several sessions and the link names none, the list of them.
import { connect } from '../src/client/connect.ts'
import { readAddress } from './page/address.ts'
import { openPage } from './page/page.ts'
import { fetchSessions, openStart } from './page/sessions.ts'

const { session, embed } = readAddress(location.search, location.hash)
const sessions = session === null ? await fetchSessions().catch(() => []) : []
if (sessions.length > 1) openStart(sessions)
else openPage(connect(location.href, { session: session ?? undefined, role: onlyWatches() ? 'viewer' : undefined }))

/** A page that frames this one could redirect clicks: framed, it sends no commands. */
function onlyWatches(): boolean {
  return embed || new URLSearchParams(location.search).get('role') === 'viewer'
}
