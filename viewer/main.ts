// The page of a server: its stream is beside the page.
import { STREAM_PATH } from '../src/stream/protocol.ts'
import { connectTo } from './connection.ts'
import { openPage } from './page.ts'

openPage(connectTo(streamAddress()))

function streamAddress(): URL {
  const address = new URL(STREAM_PATH.slice(1), location.href)
  address.protocol = address.protocol.replace('http', 'ws')
  return address
}
