// What a process with actors says of itself as long as it lives: the value of its lease, which ends by itself when it is not renewed.
export interface Lease {
  /** Another one each time that the process starts. */
  readonly instance: string
  /** Of the learner that it plays for. */
  readonly session: string
  /** Of marlstrom; others name themselves. */
  readonly version: string
  /** Whether it plays the bits that the learner would. */
  readonly exact: boolean
  /** Vector steps that it has played: while they rise, it is at work. */
  readonly steps: number
}

export function leaseText(lease: Lease): string {
  return JSON.stringify(lease)
}

/** null: it is none. */
export function readLease(text: string | null): Lease | null {
  if (text === null || text.length > 2000) return null
  try {
    const { instance, session, version, exact, steps } = JSON.parse(text)
    const isOne =
      [instance, session, version].every(value => typeof value === 'string' && value.length <= 200) &&
      typeof exact === 'boolean' &&
      Number.isFinite(steps)
    return isOne ? { instance, session, version, exact, steps } : null
  } catch {
    return null
  }
}
