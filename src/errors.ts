// Errors with a place, what was expected, what came, and the remedy.

/** A setting or argument of the user's is wrong. The command line prints the message and exits with 2. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  /** `path` is the key, `scenario.agents`. */
  constructor(
    readonly path: string,
    message: string,
  ) {
    super(path === '' ? message : `${path}: ${message}`)
  }
}

/** Where learning came upon a number that is not finite. */
export interface Divergence {
  readonly agent?: string
  /** `actor`, `critic`, as in checkpoints. */
  readonly network?: string
  /** `layer0.weight` */
  readonly tensor?: string
  /** The round that was under way, counted from 1. */
  readonly updateRound?: number
  readonly envStep?: number
  /** Losses of the agent's last update in which all was finite; empty: this process has seen none. */
  readonly lastFigures?: Readonly<Record<string, number>>
}

/** A number that must be finite is not. */
export class NonFiniteError extends Error {
  override readonly name = 'NonFiniteError'
  /** `divergence`: where, when learning came upon it; undefined: a game did. */
  constructor(
    message: string,
    readonly divergence?: Divergence,
  ) {
    super(message)
  }
}

/** A file is damaged, foreign or of another version. Nothing of it was used. */
export class FileError extends Error {
  override readonly name = 'FileError'
  /** `options.cause`: the error of the system, where it could not be read at all. */
  constructor(
    readonly file: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(`${file}: ${message}`, options)
  }
}

/** Whether an error of the system says that there is no such file. Only then a file counts as not there. */
export function isMissing(error: unknown): boolean {
  return codeOf(error) === 'ENOENT'
}

/** Whether an error of the system, or of a file because of it, leaves open what the file holds: it could not be looked at now. */
export function isUnreadable(error: unknown): boolean {
  return unreadable.has(codeOf(error instanceof FileError ? error.cause : error))
}

/** The code of an error of the system; empty: it is none. */
export function codeOf(error: unknown): string {
  return String((error as { readonly code?: unknown } | null | undefined)?.code ?? '')
}

/** Too many files are open, no memory, no right, in use, or on a disk that does not answer. */
const unreadable: ReadonlySet<string> = new Set([
  ...['EMFILE', 'ENFILE', 'ENOMEM', 'EACCES', 'EPERM', 'EBUSY', 'EAGAIN', 'EINTR'],
  ...['ETIMEDOUT', 'ESTALE', 'ENOTCONN', 'EHOSTDOWN', 'EHOSTUNREACH'],
])

/** A backend's memory has no room for what is asked of it. */
export class OutOfMemoryError extends RangeError {
  override readonly name = 'OutOfMemoryError'
}

/** The sentence for an unknown name: what is known, and the nearest of it. */
export function unknownName(kind: string, name: string, known: readonly string[]): string {
  const close = nearest(name, known)
  return close === undefined
    ? `unknown ${kind} '${name}'; known: ${known.join(', ') || 'none'}`
    : `unknown ${kind} '${name}'; did you mean '${close}'? Known: ${known.join(', ')}`
}

/** The known name with the fewest edits, if it is near enough to be a slip of the finger. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const ranked = known
    .map(candidate => ({ candidate, distance: editDistance(name.toLowerCase(), candidate.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance)
  const best = ranked[0]
  return best && best.distance <= Math.max(2, Math.ceil(name.length * 0.4)) ? best.candidate : undefined
}

/** Levenshtein's distance. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)))
    }
    row = next
  }
  return row[b.length]!
}
