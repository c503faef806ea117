// metrics.jsonl of a run folder: lines appended one by one, each with a checksum, and held against what a checkpoint knows of them.
import { createHash } from 'node:crypto'
import { appendFileSync, readFileSync, truncateSync } from 'node:fs'
import { linkFileAtomic, syncFile, writeFileAtomic } from './atomic-file.ts'
import { type LoggedLines, type MetricsLine, noLines, trainedText, withLine } from './metrics.ts'
import { isThere } from './presence.ts'

export interface MetricsFile {
  /**
   * Appends a line and returns it as it was written: where the run was resumed, its seconds go on from those before. `isLast`: the line
   * at an end or a stop, which is taken back when the training goes on; null: a regular line of the same moment is there already.
   */
  append(line: MetricsLine, isLast?: boolean): MetricsLine | null
  /** The lines so far, without one that a crash cut off. */
  read(): MetricsLine[]
  /** A checkpoint is about to be written, by which so much was logged: brings all lines before it to the disk. */
  cover(logged: LoggedLines | null): void
  /** The training goes on from a checkpoint by which so much was logged; null: it does not say. */
  goOnFrom(logged: LoggedLines | null): void
  /**
   * Drops the lines that the last checkpoint does not have; where it does not say, those beyond these counters. Where lines that it has
   * are damaged or gone, the others go on and the file as it was found is kept under another name: then a sentence about it, else null.
   */
  cut(episodes: number, envSteps?: number): string | null
}

/**
 * Where the file has other lines than the training logged, as that of a fork, which begins with it, and one that was mended: at so many lines
 * of the file so much had been logged. It is the first line of the checksums.
 */
interface Anchor {
  readonly fileLines: number
  readonly logged: LoggedLines
}

const beginning: Anchor = { fileLines: 0, logged: noLines }

/** The metrics in `file`. Checksums, the first 16 digits of each regular line's SHA-256, lie in `sumsFile`. */
export function createMetricsFile(file: string, sumsFile: string): MetricsFile {
  /** What was logged by the checkpoint that counts; null: none was read or written, or it does not say. */
  let covered: LoggedLines | null = null
  let anchor: Anchor | null = null
  let regular: Regular | null = null
  let secondsBefore = 0

  const anchored = () => {
    anchor ??= readSums(sumsFile).anchor
    return anchor
  }

  /** How many lines the file has by a checkpoint; null: that cannot be known. */
  const linesBy = (logged: LoggedLines | null) => {
    if (logged === null || logged.lines < anchored().logged.lines) return null
    return anchored().fileLines + logged.lines - anchored().logged.lines
  }

  /** The regular lines: the first ones of the file. */
  const known = () => {
    if (regular !== null) return regular
    const { whole, rest } = read(file)
    const lines = whole.slice(0, linesBy(covered) ?? undefined)
    regular = regularOf(lines, lines.length < whole.length || rest !== '')
    return regular
  }

  const writeSums = (lines: readonly string[]) => {
    const isBeginning = JSON.stringify(anchored()) === JSON.stringify(beginning)
    rewrite(sumsFile, [...(isBeginning ? [] : [JSON.stringify(anchored())]), ...lines.map(sumOf)])
  }

  /** Makes these the only lines. */
  const keep = (lines: readonly string[]) => {
    if (covered !== null && linesBy(covered) !== lines.length) anchor = { fileLines: lines.length, logged: covered }
    if (isThere(file)) rewrite(file, lines)
    writeSums(lines)
    regular = regularOf(lines, false)
  }

  return {
    append(line, isLast = false) {
      const state = known()
      if (isLast && state.last !== null && isSameMoment(state.last, line)) return null
      const seconds = line['time/seconds']
      const written = seconds === undefined ? line : { ...line, 'time/seconds': seconds + secondsBefore }
      const text = JSON.stringify(written)
      if (state.hasMore) truncateSync(file, state.bytes)
      state.hasMore = isLast
      appendFileSync(file, `${text}\n`)
      if (isLast) return written
      state.lines++
      state.bytes += Buffer.byteLength(text) + 1
      state.last = written
      appendFileSync(sumsFile, `${sumOf(text)}\n`)
      return written
    },
    read: () =>
      read(file)
        .whole.map(parsed)
        .filter(line => line !== null),
    cover(logged) {
      for (const name of [file, sumsFile]) if (isThere(name)) syncFile(name)
      const { lines } = known()
      covered = logged
      if (logged === null || linesBy(logged) === lines) return
      anchor = { fileLines: lines, logged }
      writeSums(read(file).whole.slice(0, lines))
    },
    goOnFrom(logged) {
      covered = logged
      regular = null
    },
    cut(episodes, envSteps) {
      const wanted = linesBy(covered)
      if (!isThere(file)) {
        keep([])
        if (wanted === null || wanted === 0) return null
        return `${file}: is gone, with the ${wanted} lines that the checkpoint was written with; it begins anew`
      }
      const found = read(file)
      const { lines, damage } =
        wanted === null || covered === null
          ? readable(found, episodes, envSteps)
          : unchanged(found, wanted, covered, anchored(), readSums(sumsFile).sums)
      secondsBefore = secondsUpTo(lines, found.whole, envSteps)
      const aside = damage === null ? null : freeName(`${file}.damaged`)
      if (aside !== null) linkFileAtomic(file, aside)
      keep(lines)
      return damage === null ? null : `${file}: damaged: ${damage}; the file as it was found is ${aside}`
    },
  }
}

/** The regular lines. */
interface Regular {
  lines: number
  bytes: number
  last: MetricsLine | null
  /** Whether the file has more than them: the line at a stop, or what is to be dropped. */
  hasMore: boolean
}

function regularOf(lines: readonly string[], hasMore: boolean): Regular {
  const bytes = lines.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0)
  return { lines: lines.length, bytes, last: parsed(lines.at(-1) ?? ''), hasMore }
}

interface Found {
  /** Lines that end with a line break. */
  readonly whole: readonly string[]
  /** What a crash may have torn; '': nothing. */
  readonly rest: string
}

interface Kept {
  readonly lines: readonly string[]
  /** What is wrong with the file; null: nothing. */
  readonly damage: string | null
}

/** Of lines that nothing else is known of: those that can be read, up to these counters. */
function readable({ whole }: Found, episodes: number, envSteps = Number.POSITIVE_INFINITY): Kept {
  const broken = whole.flatMap((line, i) => (parsed(line) === null ? [i + 1] : []))
  const lines = whole.filter(line => {
    const { episodes: at, envSteps: steps = 0 } = parsed(line) ?? {}
    return at !== undefined && at <= episodes && steps <= envSteps
  })
  return { lines, damage: broken.length === 0 ? null : `${listed(broken)} cannot be read; all others go on` }
}

/** Of the lines that a checkpoint has, `wanted` in number: those that are as they were. */
function unchanged(
  { whole, rest }: Found,
  wanted: number,
  covered: LoggedLines,
  { fileLines, logged }: Anchor,
  sums: readonly string[],
): Kept {
  const first = whole.slice(0, wanted)
  const odd = first.flatMap((line, i) => (sums[i] !== undefined && sums[i] !== sumOf(line) ? [i + 1] : []))
  // Before the anchor only the checksums know.
  const isLogged =
    first.length === wanted &&
    !odd.some(line => line <= fileLines) &&
    isSame(first.slice(fileLines).reduce(withText, logged), covered)
  if (isLogged) {
    const damage = `${listed(odd)}: times, evaluations or checksums are not what was written, so that only the rest of it goes on`
    const proven = first.map((line, i) => (odd.includes(i + 1) ? trainedText(parsed(line)!) : line))
    return { lines: proven, damage: odd.length === 0 ? null : damage }
  }
  const places = new Map(sums.slice(0, wanted).map((sum, i) => [sum, i]))
  let before = -1
  const kept = [...whole, rest].filter(line => {
    const place = places.get(sumOf(line)) ?? -1
    if (place <= before) return false
    before = place
    return true
  })
  return {
    lines: kept,
    damage: `of the ${wanted} lines that the checkpoint was written with, checksums hold for ${kept.length}, which go on`,
  }
}

/** A line that cannot be read counts as never logged. */
function withText(logged: LoggedLines, text: string): LoggedLines {
  return withLine(logged, parsed(text) ?? {})
}

function isSame(a: LoggedLines, b: LoggedLines): boolean {
  return a.lines === b.lines && a.bytes === b.bytes && a.sha256 === b.sha256
}

/** Seconds of training at the last of these lines, or at the line at a stop that followed it. */
function secondsUpTo(lines: readonly string[], whole: readonly string[], envSteps: number | undefined): number {
  const last = lines.map(parsed).findLast(line => line?.['time/seconds'] !== undefined)
  const stop = envSteps === undefined ? undefined : whole.map(parsed).findLast(line => line?.envSteps === envSteps)
  return Math.max(last?.['time/seconds'] ?? 0, stop?.['time/seconds'] ?? 0)
}

/** A line as an object with counters; null: it is none. */
function parsed(line: string): MetricsLine | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof (value as MetricsLine | null)?.episodes === 'number' ? (value as MetricsLine) : null
  } catch {
    return null
  }
}

function isSameMoment(a: MetricsLine, b: MetricsLine): boolean {
  return a.episodes === b.episodes && a.envSteps === b.envSteps
}

function sumOf(line: string): string {
  return createHash('sha256').update(line).digest('hex').slice(0, 16)
}

function textIn(file: string): string {
  return isThere(file) ? readFileSync(file, 'utf8') : ''
}

function read(file: string): Found {
  const pieces = textIn(file).split('\n')
  return { whole: pieces.slice(0, -1), rest: pieces.at(-1)! }
}

/** The checksums of the regular lines. What cannot be read as an anchor is none. */
function readSums(file: string): { readonly anchor: Anchor; readonly sums: readonly string[] } {
  const { whole } = read(file)
  if (!whole[0]?.startsWith('{')) return { anchor: beginning, sums: whole }
  try {
    const { fileLines, logged } = JSON.parse(whole[0]) as Anchor
    const { lines, bytes, sha256 } = logged
    return { anchor: { fileLines, logged: { lines, bytes, sha256 } }, sums: whole.slice(1) }
  } catch {
    return { anchor: beginning, sums: whole.slice(1) }
  }
}

/** Makes a file of these lines, if it is none. */
function rewrite(file: string, lines: readonly string[]): void {
  const text = lines.map(line => `${line}\n`).join('')
  if (textIn(file) !== text) writeFileAtomic(file, [Buffer.from(text)])
}

/** `line 3`, `lines 3, 4 and 12 more` */
function listed(numbers: readonly number[]): string {
  const named = numbers.slice(0, 3).join(', ')
  return `line${numbers.length === 1 ? '' : 's'} ${named}${numbers.length > 3 ? ` and ${numbers.length - 3} more` : ''}`
}

/** A name that no file has. */
function freeName(name: string): string {
  for (let number = 1; ; number++) {
    const free = number === 1 ? name : `${name}-${number}`
    if (!isThere(free)) return free
  }
}
