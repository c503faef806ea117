// What is written into a form as the values of a scenario's options.
import type { SessionState } from '../../src/stream/protocol.ts'

export type Allowed = SessionState['exhibition']['optionsAllowed'][number]

/** What a person has written, as the option takes it; empty is null. */
export function readOption({ kind }: Pick<Allowed, 'kind'>, written: string): unknown {
  const text = written.trim()
  switch (kind) {
    case 'flag':
      return text === 'true'
    case 'choice':
      return text
    case 'numbers':
      return text === '' ? [] : text.split(/[\s,]+/).map(Number)
    default:
      return text === '' ? null : Number(text)
  }
}
