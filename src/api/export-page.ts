// A run as a page: one HTML file with the scenario, the actors and controls, which plays offline.
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, FileError } from '../errors.ts'
import { writeFileAtomic } from '../experiment/atomic-file.ts'
import { initialSession } from '../experiment/initial-session.ts'
import type { RunFolder } from '../experiment/run-folder.ts'
import type { SessionState } from '../experiment/session.ts'
import { pageFile } from '../export/page.ts'
import { pageFolder } from '../installation/package.ts'
import { keepActors } from '../offline/kept-actors.ts'
import type { PageData } from '../offline/page-data.ts'
import { readTrainingCurves } from '../report/training-curves.ts'
import { demandPictures, type Run } from '../run/run.ts'
import { safeFileName } from '../text/safe-name.ts'

/** Points of a curve that a page holds. */
const mostPoints = 500

/**
 * The file that was written, `<folder>/<scenario>.html`, and its bytes.
 * @throws ConfigError where the scenario needs what no page has or draws no pictures, or the folder cannot be written; NonFiniteError for weights that are
 * no numbers.
 */
export async function exportPage(
  run: Run,
  runFolder: RunFolder,
  folder: string,
): Promise<{ file: string; bytes: number }> {
  demandPictures(run.createGame())
  const id = String(run.settings.scenario!.id)
  const source = runFolder.scenarioFile === undefined ? { id } : { file: runFolder.scenarioFile }
  const document = await pageFile(
    pageFolder(),
    source,
    pageDataOf(run, stateOf(run, runFolder)),
    policiesOf(run, runFolder),
  )
  const file = join(folder, `${safeFileName(run.definition.id)}.html`)
  const bytes = Buffer.from(document)
  try {
    mkdirSync(folder, { recursive: true })
    writeFileAtomic(file, [bytes])
  } catch (error) {
    const { message } = error as Error
    throw new ConfigError('--out', `the folder ${folder} cannot be written (${message}); choose another with --out`)
  }
  return { file, bytes: bytes.length }
}

/** The run's own copies of policies that users wrote, by team. */
function policiesOf({ agents, parts, files }: Run, folder: RunFolder): ReadonlyMap<string, string> {
  const written = agents.filter((_, index) => {
    const { baseline } = parts[index]!
    return baseline !== null && typeof baseline !== 'string'
  })
  return new Map(written.map(({ team }) => [team, folder.playerFile(team) ?? files.get(team)!.source.file]))
}

/** What the page holds of a run. @throws NonFiniteError for weights that are no numbers. */
export function pageDataOf(run: Run, state: SessionState): PageData {
  const { id: _, ...options } = run.settings.scenario!
  return {
    title: `${run.definition.id}, ${run.who}`,
    state,
    options,
    seed: run.config.run.seed,
    kernels: run.config.run.kernels === 'relaxed' ? 'relaxed' : 'standard',
    kept: keepActors(
      run.agents,
      run.roster.map(({ actor }, index) => {
        const { baseline, acting } = run.parts[index]!
        return baseline === null ? { actor, config: acting } : null
      }),
    ),
    baselines: run.parts.map(({ baseline }) => {
      if (baseline === null || typeof baseline === 'string') return baseline
      return { policy: baseline.policy.id, settings: baseline.settings }
    }),
  }
}

/** The session as the page opens: nothing is trained there, but how the training went can be seen. */
function stateOf(run: Run, { path }: RunFolder): SessionState {
  const { seed, preset } = run.config.run
  const identity = { scenario: run.definition.id, algorithm: run.who, seed, preset, folder: null }
  const state = initialSession(identity, 'playing', run, null)
  return { ...state, curve: curveOf(path, run) }
}

function curveOf(path: string, { agents }: Run): SessionState['curve'] {
  const file = join(path, 'metrics.jsonl')
  if (!existsSync(file)) return { episodes: [], returns: [] }
  try {
    const curves = readTrainingCurves(
      file,
      readFileSync(file, 'utf8'),
      agents.map(({ id }) => [id]),
    )
    const { steps } = curves[0]!
    const every = Math.ceil(steps.length / mostPoints)
    const kept = steps.flatMap((_, i) => ((steps.length - 1 - i) % every === 0 ? [i] : []))
    return {
      episodes: kept.map(i => steps[i]!),
      returns: kept.map(i => curves.map(({ values }) => Number(values[i]!.toPrecision(6)))),
    }
  } catch (error) {
    // A page without a curve plays all the same.
    if (error instanceof FileError) return { episodes: [], returns: [] }
    throw error
  }
}
