// Errors on their way from one thread to another, which takes their classes away.
import { ConfigError, type Divergence, FileError, GameError, type GamePlace, NonFiniteError } from '../../errors.ts'

/** An error as data. */
export interface Thrown {
  readonly name: string
  readonly message: string
  /** Names lines of the author's source. */
  readonly stack: string | undefined
  readonly what: string
  readonly place: GamePlace
  /** Of numbers that are not finite, where learning came upon them. */
  readonly divergence: Divergence | undefined
  /** Of the setting that is wrong. */
  readonly path: string
  readonly file: string
  /** The name to look for in the author's file. */
  readonly written: string | undefined
  readonly cause: Thrown | null
}

export function asThrown(error: unknown): Thrown {
  const { name, message, stack } =
    error instanceof Error ? error : { name: '', message: String(error), stack: undefined }
  type Known = GameError & ConfigError & FileError & Pick<NonFiniteError, 'divergence'> & { written: string }
  const {
    what = message,
    place = {},
    divergence,
    path = '',
    file = '',
    written,
    cause,
  } = (error ?? {}) as Partial<Known>
  return {
    name,
    message,
    stack,
    what,
    place,
    divergence,
    path,
    file,
    written,
    cause: cause == null ? null : asThrown(cause),
  }
}

/** The error again, as it was thrown there. */
export function asError(thrown: Thrown): unknown {
  const { name, message, stack, written } = thrown
  if (name === '') return message
  const error = Object.assign(errorOf(thrown), { message })
  if (stack !== undefined) error.stack = stack
  return written === undefined ? error : Object.assign(error, { written })
}

function errorOf({ name, message, what, place, divergence, path, file, cause }: Thrown): Error {
  if (name === 'GameError') return new GameError(what, place, cause === null ? undefined : asError(cause))
  if (name === 'NonFiniteError') return new NonFiniteError(what, divergence, place)
  if (name === 'ConfigError') return new ConfigError(path, message)
  if (name === 'FileError') return new FileError(file, message)
  const known = [TypeError, RangeError, SyntaxError, ReferenceError].find(kind => kind.name === name)
  const error = new (known ?? Error)(message)
  return known === undefined ? Object.assign(error, { name }) : error
}
