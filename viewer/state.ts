// What the page knows: the session as the server tells it, the newest frame, and how the connection stands.
import { applyPatches, enablePatches } from 'immer'
import type { Frame, FrameSchema, ServerMessage, SessionState } from '../src/stream/protocol.ts'

/** `ended`: the server has said goodbye; `lost`: it went without a word, and we try again. */
export type Link = 'connecting' | 'open' | 'lost' | 'ended'

export interface View {
  readonly link: Link
  readonly state: SessionState | null
  readonly schema: FrameSchema | null
  readonly frame: Frame | null
  /** The server's last word. */
  readonly farewell: string | null
}

export const emptyView: View = { link: 'connecting', state: null, schema: null, frame: null, farewell: null }

enablePatches()

/** The view after a message of the server. Patches before a welcome say nothing and are left out. */
export function hear(view: View, message: ServerMessage): View {
  switch (message.type) {
    case 'welcome':
      return { ...view, link: 'open', state: message.state, schema: message.schema }
    case 'patches':
      return view.state ? { ...view, state: applyPatches(view.state, message.patches) } : view
    case 'bye':
      return { ...view, link: 'ended', farewell: message.message }
    case 'done':
    case 'refused':
      return view
  }
}

/** The view when the connection has broken off. After a goodbye that is as it should be. */
export function lose(view: View): View {
  return view.link === 'ended' ? view : { ...view, link: 'lost' }
}
