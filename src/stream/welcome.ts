// The first message to every viewer. The state can be long and many may come at once: it becomes text once, until it changes.
import type { FrameSchema } from '../envs/frame.ts'
import type { SessionState } from '../experiment/session.ts'
import type { ServerMessage } from './protocol.ts'
import { textMessage } from './websocket-message.ts'

export type Welcome = Extract<ServerMessage, { type: 'welcome' }>

/** Gives a function that encodes welcomes of one session. */
export function createWelcomes(): (welcome: Welcome) => Buffer {
  const stateText = remembering((state: SessionState) => JSON.stringify(state))
  const schemaText = remembering((schema: FrameSchema) => JSON.stringify(schema))
  return ({ state, schema, ...rest }) =>
    textMessage(`${JSON.stringify(rest).slice(0, -1)},"state":${stateText(state)},"schema":${schemaText(schema)}}`)
}

/** Asks `of` only for another value than the last one; values are never written again. */
function remembering<T>(of: (value: T) => string): (value: T) => string {
  let last: { readonly value: T; readonly text: string } | undefined
  return value => {
    if (last?.value !== value) last = { value, text: of(value) }
    return last.text
  }
}
