// What a recording says of itself, as the page names it.
import type { SessionState } from '../experiment/session.ts'
import type { Recording } from '../recording/recording.ts'

/** What was recorded, as the page names it. */
export function identityOf({ about }: Recording): SessionState['run'] {
  const config = JSON.parse(about.get('config') ?? '{}') as { readonly run?: { readonly preset?: string } }
  return {
    scenario: about.get('scenario') ?? '',
    algorithm: about.get('players') ?? '',
    seed: Number(about.get('seed') ?? 0),
    preset: config.run?.preset ?? '',
    folder: about.get('run') || null,
  }
}
