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

/** Where in a run a game went wrong; what is not known is absent. */
export interface GamePlace {
  /** What was being done, when it was not training: `evaluation`. */
  readonly during?: string
  /** Index of the game among those that are played side by side. */
  readonly game?: number
  /** Counted from 1, over all games. */
  readonly episode?: number
  /** Of the episode; 0: where it begins. */
  readonly step?: number
  readonly seed?: number
  /** Of what is wrong with the game itself: the member of its contract, and the index of the agent; said in the sentence already. */
  readonly member?: string
  readonly agent?: number
}

/** A number that must be finite is not. */
export class NonFiniteError extends Error {
  override readonly name = 'NonFiniteError'
  /** `divergence`: where, when learning came upon it; undefined: a game did, at `place`. */
  constructor(
    readonly what: string,
    readonly divergence?: Divergence,
    readonly place: GamePlace = {},
  ) {
    super(placedSentence(what, place))
  }
}

/** A game broke its contract: one of its functions threw, or what came of it cannot be used. `cause`: what was thrown. */
export class GameError extends Error {
  override readonly name = 'GameError'
  constructor(
    readonly what: string,
    readonly place: GamePlace,
    override readonly cause: unknown,
  ) {
    super(placedSentence(what, place))
  }
}

/** What a game threw as an error of the game's; what says already what is wrong stays. */
export function asGameError(error: unknown): unknown {
  const isKnown = [GameError, NonFiniteError, ConfigError, FileError].some(kind => error instanceof kind)
  return isKnown ? error : new GameError(error instanceof Error ? error.message : String(error), {}, error)
}

/** An error of a game with more known of its place; every other error as it is. */
export function placed(error: unknown, place: GamePlace): unknown {
  if (error instanceof GameError) return new GameError(error.what, { ...error.place, ...place }, error.cause)
  if (error instanceof NonFiniteError && error.divergence === undefined) {
    return new NonFiniteError(error.what, undefined, { ...error.place, ...place })
  }
  return error
}

/** `reward of agent_2 threw TypeError: ...; game 3, episode 1,204, step 17, seed 7` */
function placedSentence(what: string, { during, game, episode, step, seed }: GamePlace): string {
  const words = [
    during,
    game === undefined ? undefined : `game ${game}`,
    episode === undefined ? undefined : `episode ${episode.toLocaleString('en-US')}`,
    step === undefined ? undefined : `step ${step.toLocaleString('en-US')}`,
    seed === undefined ? undefined : `seed ${seed}`,
  ].filter(word => word !== undefined)
  return words.length === 0 ? what : `${what}; ${words.join(', ')}`
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

/** A TypeError about something that an author has written; `written`: the name to look for in the author's file. */
export function slip(message: string, written: string): TypeError & { readonly written: string } {
  return Object.assign(new TypeError(message), { written })
}

/** The name to look for in the author's file; undefined: the error names none. */
export function writtenIn(error: unknown): string | undefined {
  const { written, cause } = (error ?? {}) as { readonly written?: unknown; readonly cause?: unknown }
  if (typeof written === 'string') return written
  return cause === undefined ? undefined : writtenIn(cause)
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
