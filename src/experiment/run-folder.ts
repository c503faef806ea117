// The run folder: config.json, metrics.jsonl and checkpoints/, each readable at any moment, whatever happens to the process.
import { accessSync, constants, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, FileError } from '../errors.ts'
import { safeFileName } from '../text/safe-name.ts'
import { shellQuoted } from '../text/shell-quoted.ts'
import type { Saved } from '../types.ts'
import { sweepPartialFiles, writeFileAtomic } from './atomic-file.ts'
import { type CheckpointFiles, createCheckpointFiles } from './checkpoint-files.ts'
import type { MetricsLine } from './metrics.ts'
import { createMetricsFile } from './metrics-file.ts'
import { isThere } from './presence.ts'
import type { TrainerLock } from './trainer-lock.ts'

/** The files of one run: its config, its metrics, its checkpoints, and copies of what users wrote. */
export interface RunFolder extends CheckpointFiles {
  readonly path: string
  /** The run's own copy of the file that its scenario came from; undefined: the scenario ships with marlstrom. */
  readonly scenarioFile: string | undefined
  writeConfig(config: unknown): void
  /** The folder in which the run keeps a team of an earlier run that it plays against; undefined: it plays against none there. */
  opponentFolder(team: string): string | undefined
  /** Keeps such a team: its own settings, what its learners saved, and the code of players in files, by team. */
  keepOpponent(team: string, config: unknown, saved: Saved, players?: ReadonlyMap<string, string>): void
  /** The run's own copy of the file that a team is played by; undefined: no file says how it is played. */
  playerFile(team: string): string | undefined
  /** Keeps the code of such a file. */
  keepPlayer(team: string, code: string): void
  /** Keeps the scenario's code, so that the run can be played and resumed whatever becomes of the file. */
  keepScenario(code: string): void
  /** Appends a line of metrics.jsonl; see MetricsFile. */
  appendMetrics(line: MetricsLine, isLast?: boolean): MetricsLine | null
  /** The metrics lines so far; a line that a crash tore is none. */
  readMetrics(): MetricsLine[]
  /**
   * Drops metrics lines beyond the checkpoint that was read or written last, so that a resumed run does not write them twice; where it
   * does not say which it had, those beyond these counters. What was damaged, in a sentence; null: nothing.
   */
  cutMetrics(episodes: number, envSteps?: number): string | null
}

/**
 * Makes the folder of a new run and writes its config. With a lock, nothing is written once another process has taken the folder over.
 * @throws ConfigError when the folder holds a run already, or cannot be written.
 * @example
 * ```ts
 * import { createRun, createRunFolder, openRunFolder, record, train } from 'marlstrom'
 * import { mkdtempSync } from 'node:fs'
 * import { join } from 'node:path'
 * import { lastValueFrom } from 'rxjs'
 *
 * const run = await createRun({ scenario: { id: 'simple' }, run: { seed: 1, threads: 1, episodes: 2 } })
 * const path = join(mkdtempSync('run-'), 'first')
 * await lastValueFrom(train(run).pipe(record(run, createRunFolder(path, run.config))))
 * console.log(openRunFolder(path).folder.readMetrics().length) // 1
 * run.dispose()
 * ```
 */
export function createRunFolder(path: string, config: unknown, lock?: TrainerLock): RunFolder {
  try {
    // Two runs in one folder would mix their metrics, and the older one's checkpoints could win.
    if (isThere(join(path, 'config.json')))
      throw new ConfigError(
        '--out',
        `${path} holds a run already; go on with --resume ${shellQuoted(path)}, or choose another --out`,
      )
    mkdirSync(join(path, 'checkpoints'), { recursive: true })
    accessSync(path, constants.W_OK)
    folderAt(path).writeConfig(config)
  } catch (error) {
    if (error instanceof ConfigError) throw error
    throw new ConfigError(
      '--out',
      `the run folder ${path} cannot be written (${(error as Error).message}); choose another with --out`,
    )
  }
  return folderAt(path, lock)
}

/**
 * Opens the folder of an earlier run: to read, or with a lock to train on; then what a crash left half written is swept up.
 * @throws ConfigError when it is no run folder, FileError when its config is damaged.
 */
export function openRunFolder(path: string, lock?: TrainerLock): { folder: RunFolder; config: unknown } {
  const file = join(path, 'config.json')
  if (!isThere(file)) throw new ConfigError('run', `${path} is no run folder: expected a config.json in it`)
  // Without a lock it could be half written.
  if (lock !== undefined)
    for (const folder of [path, join(path, 'checkpoints')]) if (isThere(folder)) sweepPartialFiles(folder)
  try {
    return { folder: folderAt(path, lock), config: JSON.parse(readFileSync(file, 'utf8')) }
  } catch (error) {
    throw new FileError(file, `damaged: ${(error as Error).message}`)
  }
}

/** Whether a path is the folder of a run. */
export function isRunFolder(path: string): boolean {
  return existsSync(join(path, 'config.json'))
}

/**
 * The default name of a new run: `runs/<scenario>-<algorithm>-s<seed>-<timestamp>`.
 * @example
 * ```ts
 * import { runFolderName } from 'marlstrom'
 *
 * console.log(runFolderName('simple_spread', 'maddpg', 1, new Date())) // runs/simple_spread-maddpg-s1-...
 * ```
 */
export function runFolderName(scenario: string, algorithm: string, seed: number, now: Date): string {
  const stamp = now
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/[-:]/g, '')
    .replace('T', '-')
  return join('runs', `${safeFileName(`${scenario}-${algorithm}`)}-s${seed}-${stamp}`)
}

function folderAt(path: string, lock?: TrainerLock): RunFolder {
  const metrics = createMetricsFile(join(path, 'metrics.jsonl'), join(path, 'metrics.checksums'))
  const files = createCheckpointFiles(path, metrics)
  const scenarioFile = join(path, 'scenario.mjs')
  // A team's name may be anything; a leading dot would lead out of the folder.
  const nameOf = (team: string) => encodeURIComponent(team).replace(/^\./, '%2E')
  const opponent = (team: string) => join(path, 'opponents', nameOf(team))
  const player = (team: string) => join(path, 'players', `${nameOf(team)}.mjs`)
  const keepPlayer = (team: string, code: string) => {
    mkdirSync(join(path, 'players'), { recursive: true })
    writeFileAtomic(player(team), [Buffer.from(code)])
  }
  return {
    ...files,
    // A spread would take them as they are now.
    get hasCheckpoint() {
      return files.hasCheckpoint
    },
    get hasBest() {
      return files.hasBest
    },
    get checkpoints() {
      return files.checkpoints
    },
    get hasRollbackPoint() {
      return files.hasRollbackPoint
    },
    path,
    get scenarioFile() {
      return isThere(scenarioFile) ? scenarioFile : undefined
    },
    opponentFolder: team => (isRunFolder(opponent(team)) ? opponent(team) : undefined),
    playerFile: team => (isThere(player(team)) ? player(team) : undefined),
    keepPlayer,
    keepOpponent(team, config, saved, players = new Map()) {
      // The config comes last: a folder that has one is whole.
      mkdirSync(join(opponent(team), 'checkpoints'), { recursive: true })
      const kept = folderAt(opponent(team))
      for (const [of, code] of players) kept.keepPlayer(of, code)
      kept.writeCheckpoint(0, saved)
      kept.writeConfig(config)
    },
    keepScenario: code => writeFileAtomic(scenarioFile, [Buffer.from(code)]),
    writeConfig: config =>
      writeFileAtomic(join(path, 'config.json'), [Buffer.from(`${JSON.stringify(config, null, 2)}\n`)]),
    appendMetrics(line, isLast) {
      lock?.confirm()
      return metrics.append(line, isLast)
    },
    writeRows(rows) {
      lock?.confirm()
      files.writeRows(rows)
    },
    writeCheckpoint(episodes, saved, options) {
      lock?.confirm()
      return files.writeCheckpoint(episodes, saved, options)
    },
    readMetrics: () => metrics.read(),
    cutMetrics: (episodes, envSteps) => metrics.cut(episodes, envSteps),
  }
}
