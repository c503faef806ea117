// exportRun: the trained actors of a run for other programs, or as a page; what `marlstrom export` does.
import { join } from 'node:path'
import { ConfigError } from '../errors.ts'
import type { CheckpointChoice } from '../experiment/checkpoint-files.ts'
import { exportActors } from '../export/export-actors.ts'
import { untaughtName } from '../run/policies.ts'
import { playedAgents, type Run } from '../run/run.ts'
import { openTrainedRun } from '../starting/open-run.ts'
import { exportPage } from './export-page.ts'

/** The names are those of the options of `marlstrom export`. */
export interface ExportOptions {
  /** `page`: one HTML file in which the agents play. */
  readonly format: 'tfjs' | 'onnx' | 'safetensors' | 'js' | 'page' | (string & {})
  /** Where the files go; absent: `<run>/export`. */
  readonly out?: string | undefined
  /** Absent: the newest. */
  readonly checkpoint?: CheckpointChoice | undefined
  /** Ids of the agents that are wanted; absent: all that learnt. */
  readonly agent?: readonly string[] | undefined
  /** Which policy of an ensemble, counted from 0. */
  readonly subPolicy?: number | undefined
  /** Is told what a person should know, though nothing failed. */
  readonly note?: ((sentence: string) => void) | undefined
}

/** A file that was written, whole and verified. */
export interface ExportedFile {
  readonly file: string
  /** null: it has all of them, as a page has. */
  readonly agent: string | null
  /** The largest difference between the actor and its export, which was run; null where running it takes a program that is not there. */
  readonly difference: number | null
  /** Of a page; null: not counted. */
  readonly bytes: number | null
}

/**
 * Writes actors; files appear whole and verified, or not at all.
 * @example
 * const [{ file }] = await exportRun('runs/spread', { format: 'js' })
 * @throws ConfigError for an unknown format or agent, or a folder that cannot be written; Error when an export disagrees with its actor
 */
export async function exportRun(path: string, options: ExportOptions): Promise<ExportedFile[]> {
  const { format, agent: only, subPolicy, checkpoint, out = join(path, 'export'), note = () => {} } = options
  if (format === 'page') refuseForPage(options)
  const { run, folder } = await openTrainedRun(path, note, { checkpoint })
  try {
    if (format === 'page') {
      return [{ ...(await exportPage(run, folder, out)), agent: null, difference: null }]
    }
    const untaught = run.agents.filter((_, index) => playedBy(run, index) !== null)
    const wrong = untaught.find(({ id }) => only?.includes(id))
    if (wrong !== undefined) {
      const by = playedBy(run, run.agents.indexOf(wrong))
      throw new ConfigError('--agent', `${wrong.id} is played by '${by}': it has no actor to export`)
    }
    const exported = await exportActors({
      agents: playedAgents(run),
      actors: run.roster.map(learner => learner.actor),
      origin: { scenario: run.definition.id, algorithm: run.who, seed: String(run.config.run.seed) },
      format,
      folder: out,
      only: only ?? run.agents.filter(agent => !untaught.includes(agent)).map(({ id }) => id),
      ...(subPolicy === undefined ? {} : { subPolicy }),
    })
    return exported.map(({ agent, file, difference }) => ({ file: join(out, file), agent, difference, bytes: null }))
  } finally {
    run.dispose()
  }
}

/** Who plays an agent that has learnt nothing; null: it has an actor. */
function playedBy({ parts }: Run, index: number): string | null {
  const { baseline } = parts[index]!
  return baseline === null ? null : untaughtName(baseline)
}

/** A page holds all agents and all their policies. */
function refuseForPage({ agent, subPolicy }: ExportOptions): void {
  const sentence = 'a page holds all agents with all their policies; leave it out'
  if (agent !== undefined) throw new ConfigError('--agent', sentence)
  if (subPolicy !== undefined) throw new ConfigError('--sub-policy', sentence)
}
