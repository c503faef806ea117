// The Foxglove websocket protocol as subprotocols of the stream server: for Foxglove, Lichtblick and other clients of it.
import type { Subprotocol, Visit } from '../stream/hosting.ts'
import { FoxgloveClient } from './client.ts'
import { Publication } from './publication.ts'

/** By the names that clients negotiate: the newer and the older say the same in all that is spoken here. */
export function foxgloveSubprotocols(): Readonly<Record<string, Subprotocol>> {
  const publications = new WeakMap<Visit['session'], Publication>()
  const speak: Subprotocol = (socket, visit) => {
    const publication = publications.get(visit.session) ?? new Publication(visit.session)
    publications.set(visit.session, publication)
    new FoxgloveClient(socket, visit, publication)
  }
  return { 'foxglove.sdk.v1': speak, 'foxglove.websocket.v1': speak }
}
