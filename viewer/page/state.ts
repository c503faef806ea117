// The page's view of the server: the session, the newest frame, and the state of the connection.
import { applyPatches, enablePatches } from 'immer'
import type {
  FrameRange,
  FrameSchema,
  Role,
  ServerMessage,
  SessionState,
  StreamedFrame,
} from '../../src/stream/protocol.ts'

/** `ended`: the server closed the connection; `lost`: it broke. Either way the page connects again. */
export type ConnectionState = 'connecting' | 'open' | 'lost' | 'ended'

export interface View {
  readonly link: ConnectionState
  readonly state: SessionState | null
  readonly schema: FrameSchema | null
  readonly frame: StreamedFrame | null
  /** The name of this connection. */
  readonly viewer: string | null
  readonly role: Role
  readonly session: { readonly id: string; readonly title: string; readonly began: number } | null
  /** Frames that the server remembered when it welcomed us. */
  readonly history: FrameRange | null
  /** The server's last word. */
  readonly farewell: string | null
}

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
}

enablePatches()

/** The view after a message of the server. Patches before a welcome say nothing and are left out. */
export function hear(view: View, message: ServerMessage): View {
  switch (message.type) {
    case 'welcome': {
      const { state, schema, viewer, role, session, history } = message
      return { ...view, link: 'open', state, schema, viewer, role, session, history, farewell: null }
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
  return view.link === 'ended' ? view : { ...view, link: 'lost' }
}

/** Why this viewer may not command; null: it may. */
export function forbidden({ link, state, role }: View): string | null {
  if (link === 'ended') return 'The run has ended.'
  if (link !== 'open' || state === null) return 'There is no connection.'
  return role === 'operator' ? null : 'You watch as a viewer: commands are for operators.'
}
