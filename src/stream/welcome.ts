// The first message to every viewer. The state can be long and many may come at once: each part becomes text once, until it changes.
import type { FrameSchema } from '../envs/frame.ts'
import type { SessionState } from '../experiment/session.ts'
import type { ServerMessage } from './protocol.ts'
import { textMessage } from './websocket-message.ts'

export type Welcome = Extract<ServerMessage, { type: 'welcome' }>

/** Gives a function that encodes welcomes of one session. */
export function createWelcomes(): (welcome: Welcome) => Buffer {
  const stateText = createStateText()
  const schemaText = remembering((schema: FrameSchema) => JSON.stringify(schema))
  return ({ state, schema, ...rest }) =>
    textMessage(`${JSON.stringify(rest).slice(0, -1)},"state":${stateText(state)},"schema":${schemaText(schema)}}`)
}

/** Curves are long and change seldom, progress is short and changes often. */
function createStateText(): (state: SessionState) => string {
  const texts = new Map<string, (value: unknown) => string>()
  const textOf = (name: string, value: unknown) => {
    let text = texts.get(name)
    if (text === undefined) texts.set(name, (text = remembering((part: unknown) => JSON.stringify(part))))
    return text(value)
  }
  return remembering((state: SessionState) => {
    const parts = Object.entries(state).map(([name, value]) => `${JSON.stringify(name)}:${textOf(name, value)}`)
    return `{${parts.join(',')}}`
  })
}

/** Asks `of` only for another value than the last one; values are never written again. */
function remembering<T>(of: (value: T) => string): (value: T) => string {
  let last: { readonly value: T; readonly text: string } | undefined
  return value => {
    if (last?.value !== value) last = { value, text: of(value) }
    return last.text
  }
}
