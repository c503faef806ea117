// The page of a server: its stream is beside the page. Where it has several sessions and the link names none, the list of them.
import { STREAM_PATH } from '../src/stream/protocol.ts'
import { connectTo } from './connection/connection.ts'
import { readAddress } from './page/address.ts'
import { openPage } from './page/page.ts'
import { fetchSessions, openStart } from './page/sessions.ts'

const { session, embed } = readAddress(location.search, location.hash)
const sessions = session === null ? await fetchSessions().catch(() => []) : []
if (sessions.length > 1) openStart(sessions)
else openPage(connectTo(streamAddress()))

function streamAddress(): URL {
  const address = new URL(STREAM_PATH.slice(1), location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  address.hash = ''
  address.search = ''
  if (session !== null) address.searchParams.set('session', session)
  // A page that frames this one could redirect clicks: framed, it sends no commands.
  const onlyWatches = embed || new URLSearchParams(location.search).get('role') === 'viewer'
  if (onlyWatches) address.searchParams.set('role', 'viewer')
  return address
}
