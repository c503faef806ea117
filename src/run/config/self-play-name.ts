// The names of players in self-play: a team that is played by the policies of another one.

/** `same:<team>`: its policies, which learn from both sides; `past:<team>`: copies of them, which learn nothing. */
export interface SelfPlay {
  readonly kind: 'same' | 'past'
  /** The team whose policies they are. */
  readonly of: string
}

/** What self-play is called where players are named. */
export const selfPlayForms = ['same:<team>', 'past:<team>'] as const

/** How a team is played by the policies of another one, by the name of its player; null: it is not. */
export function selfPlayNamed(who: string): SelfPlay | null {
  const [, kind, of] = /^(same|past):(.*)$/s.exec(who) ?? []
  return kind === undefined ? null : { kind: kind as SelfPlay['kind'], of: of! }
}
