// The folder of a sweep: sweep.yaml as it was given, trials.jsonl, runs/; a sweep that is begun again goes on in it.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { basename, extname, join } from 'node:path'
import { ConfigError } from '../errors.ts'
import { writeFileAtomic } from '../experiment/atomic-file.ts'
import { lockTrainer } from '../experiment/trainer-lock.ts'
import { readPlacedFile } from '../run/config/config-file.ts'
import { settingsText } from '../run/config/config-text.ts'
import { canonicalJson } from '../text/canonical-json.ts'
import { plainLine } from '../text/plain-text.ts'
import { marlstromCommand } from '../text/shell-quoted.ts'
import { type Sweep, sweepOf } from './sweep-file.ts'
import { settingsOf } from './sweep-plan.ts'
import { openTrialLog, type TrialLog } from './trial-log.ts'
import type { TrialRecord } from './trial-record.ts'

export interface SweepFolder {
  readonly path: string
  readonly log: TrialLog
  /** Lets another process carry the sweep out. */
  release(): void
}

/** `sweeps/<name>`: the sweep's own name, or that of its file. */
export function sweepFolderName({ name }: Sweep, file: string): string {
  return join('sweeps', name ?? basename(file, extname(file)))
}

/**
 * Opens the folder of a sweep, or makes it; no other process can until it is released.
 * @throws ConfigError where it holds another sweep, is at work for another process, or cannot be written
 */
export function openSweepFolder(path: string, file: string, sweep: Sweep): SweepFolder {
  const kept = join(path, `sweep${extname(file) === '.json' ? '.json' : '.yaml'}`)
  if (existsSync(kept)) refuseOther(kept, sweep)
  else if (existsSync(join(path, 'config.json'))) {
    throw new ConfigError('--out', `${path} is the folder of a run, expected one of a sweep, or none`)
  }
  const lock = lockTrainer(path, { option: '--out' })
  try {
    mkdirSync(join(path, 'runs'), { recursive: true })
    writeFileAtomic(kept, [readFileSync(file)])
    return { path, log: openTrialLog(join(path, 'trials.jsonl')), release: lock.release }
  } catch (error) {
    lock.release()
    if ((error as NodeJS.ErrnoException).code === undefined) throw error
    throw new ConfigError('--out', `${path} cannot be written (${(error as Error).message}); choose another with --out`)
  }
}

/** Writes the settings of a trial as a config file, best.yaml. */
export function writeBest(path: string, sweep: Sweep, { trial, settings, value, episodes }: TrialRecord): void {
  const text =
    `# Trial ${trial} of ${plainLine(path)}, the best at ${episodes} episodes: ${value}.\n` +
    `# ${marlstromCommand('train', '--config', join(path, 'best.yaml'), '--seed', '1')}\n${settingsText(settingsOf(sweep, settings))}`
  writeFileAtomic(join(path, 'best.yaml'), [Buffer.from(text)])
}

/** Trials may be added, and it may be carried out otherwise; all else would mix two sweeps. */
function refuseOther(kept: string, sweep: Sweep): void {
  const before = sweepOf(readPlacedFile(kept, 'sweep', 'a sweep').content).identity
  const changed = Object.keys(sweep.identity).filter(
    key => canonicalJson(before[key]) !== canonicalJson(sweep.identity[key]),
  )
  if (changed.length === 0) return
  throw new ConfigError(
    '--out',
    `${kept} is another sweep: ${changed.join(', ')} ${changed.length === 1 ? 'differs' : 'differ'}; only trials, jobs and name may ` +
      'change. Choose another folder, or move this one away',
  )
}
