// What the person at the page may do, by the state of the connection.
import type { View } from '../../src/client/view.ts'

/** Why this viewer may not command; null: it may. */
export function forbidden({ link, state, role }: View): string | null {
  if (link === 'ended') return 'The run has ended.'
  if (link !== 'open' || state === null) return 'There is no connection.'
  return role === 'operator' ? null : 'You watch as a viewer: commands are for operators.'
}
