// Handles a viewer's request: parsed, checked against its role, carried out, answered.
import type { Show } from '../experiment/show.ts'
import type { History } from './history.ts'
import { createPastSender } from './past-sender.ts'
import type { Request, ServerMessage, ViewerRequest } from './protocol.ts'
import { idOf, isViewerRequest, parseRequest } from './read-request.ts'
import type { ViewerConnection } from './viewer-connection.ts'

interface Surroundings {
  readonly show: Show
  readonly history: History
  /** The viewer's rate has changed. */
  rerate(): void
}

/** Never rejects: what cannot be done is answered with a sentence. */
export async function perform(text: string, viewer: ViewerConnection, around: Surroundings): Promise<void> {
  try {
    const { id, ...request } = parseRequest(text)
    await carryOut(request as Request, viewer, around)
    if (id !== undefined) viewer.say({ type: 'done', id })
  } catch (error) {
    viewer.say(refusal(error instanceof Error ? error.message : String(error), idOf(text)))
  }
}

async function carryOut(request: Request, viewer: ViewerConnection, around: Surroundings): Promise<void> {
  if (isViewerRequest(request)) return arrange(request, viewer, around)
  if (viewer.role !== 'operator') {
    throw new TypeError(
      `command '${request.type}' is for operators, this connection is a viewer's: connect with the operator's token`,
    )
  }
  await around.show.command(request, viewer.name)
}

/** What concerns this connection alone. */
async function arrange(
  request: ViewerRequest,
  viewer: ViewerConnection,
  { show, history, rerate }: Surroundings,
): Promise<void> {
  switch (request.type) {
    case 'subscribe':
      if (request.inspect !== undefined) await show.look?.(request.inspect)
      viewer.subscribe(request.rate, request.inspect)
      return rerate()
    case 'sync':
      return viewer.resync()
    case 'history': {
      const kept = history.range
      const first = Math.max(request.from, kept?.first ?? Infinity)
      const last = Math.min(request.to, kept?.last ?? -1)
      if (first > last) {
        const there = kept === null ? 'none are' : `${kept.first} ... ${kept.last} are`
        throw new RangeError(`command 'history': frames ${request.from} ... ${request.to} are not kept, ${there}`)
      }
      return new Promise(resolve => viewer.sendPast(createPastSender(history, { first, last }), resolve))
    }
  }
}

function refusal(message: string, id: number | undefined): ServerMessage {
  return id === undefined ? { type: 'refused', message } : { type: 'refused', id, message }
}
