// What a client knows: the session, the newest frame, and the state of the connection, after each message of the server.
import type { FrameRange, FrameSchema, Role, ServerMessage, SessionState, StreamedFrame } from '../stream/protocol.ts'
import { applyPatches } from './apply-patches.ts'

/**
 * `ended`: the server closed the connection; `lost`: it broke. Either way it is opened again. `refused`: the server wants something
 * else, as a token; it is not asked again, and `problem` says what to do.
 */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'ended' | 'refused'

/** All that a client knows at a moment. */
export interface View {
  readonly link: ConnectionState
  readonly state: SessionState | null
  readonly schema: FrameSchema | null
  readonly frame: StreamedFrame | null
  /** The name of this connection. */
  readonly viewer: string | null
  readonly role: Role
  /** `began`: ms since 1970; frame numbers of a session that began at another time mean other frames. */
  readonly session: { readonly id: string; readonly title: string; readonly began: number } | null
  /** Frames that the server remembered when it welcomed us. */
  readonly history: FrameRange | null
  /** The server's last word. */
  readonly farewell: string | null
  /** A sentence that says why there is no connection and what to do about it; null: none is known. */
  readonly problem: string | null
}

/** What a client knows before it has heard anything. */
export const emptyView: View = {
  link: 'connecting',
  state: null,
  schema: null,
  frame: null,
  viewer: null,
  role: 'viewer',
  session: null,
  history: null,
  farewell: null,
  problem: null,
}

/** The view after a message of the server. Patches before a welcome say nothing and are left out. */
export function hear(view: View, message: ServerMessage): View {
  switch (message.type) {
    case 'welcome': {
      const { state, schema, viewer, role, session, history } = message
      return { ...view, link: 'open', state, schema, viewer, role, session, history, farewell: null, problem: null }
    }
    case 'patches':
      return view.state ? { ...view, state: applyPatches(view.state, message.patches) } : view
    case 'bye':
      return { ...view, link: 'ended', farewell: message.message }
    case 'done':
    case 'refused':
      return view
  }
}

/** The view when the connection has broken off, unless the server closed it in order. */
export function lose(view: View): View {
  return view.link === 'ended' || view.link === 'refused' ? view : { ...view, link: 'lost' }
}
