// Writes trained actors in a format: into a temporary folder, where they are run and compared with the actor, then into place.
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import type { Actor } from '../agents/actor.ts'
import { ConfigError, unknownName } from '../errors.ts'
import { safeFileNames } from '../text/safe-name.ts'
import type { AgentSpec } from '../types.ts'
import { exportedActor } from './exported-actor.ts'
import { exportFormats } from './formats.ts'
import { compareAnswers, probeObservations } from './verify.ts'

export interface ExportRequest {
  readonly agents: readonly AgentSpec[]
  /** In the order of the agents. */
  readonly actors: readonly Actor[]
  /** Where the weights come from, written into the files: scenario, algorithm, ... */
  readonly origin: Readonly<Record<string, string>>
  /** A key of `exportFormats`. */
  readonly format: string
  readonly folder: string
  /** Ids of the agents wanted; absent: all. */
  readonly only?: readonly string[]
  /** Which policy of an ensemble; absent: agents have one each. */
  readonly subPolicy?: number
}

export interface Exported {
  readonly agent: string
  /** The file to open, below the folder. */
  readonly file: string
  /** The largest difference between the actor and its export; null where running it takes a program that is not there. */
  readonly difference: number | null
}

/**
 * Writes every wanted actor; files appear whole and verified, or not at all.
 * @throws ConfigError for an unknown format or agent, or a folder that cannot be written; Error when an export disagrees with its actor.
 */
export async function exportActors(request: ExportRequest): Promise<Exported[]> {
  const { agents, actors, origin, folder, only = agents.map(agent => agent.id), subPolicy } = request
  const format = Object.hasOwn(exportFormats, request.format) ? exportFormats[request.format]! : undefined
  if (format === undefined)
    throw new ConfigError('--format', unknownName('format', request.format, [...Object.keys(exportFormats), 'page']))
  const chosen = [...new Set(only)].map(id => {
    const index = agents.findIndex(agent => agent.id === id)
    const known = agents.map(agent => agent.id)
    if (index < 0) throw new ConfigError('--agent', unknownName('agent', id, known))
    return { agent: agents[index]!, actor: onePolicy(id, actors[index]!, subPolicy) }
  })
  const from = subPolicy === undefined ? origin : { ...origin, subPolicy: String(subPolicy) }
  const exports = chosen.map(({ agent, actor }) => exportedActor(agent, actor, from))
  const names = safeFileNames(agents.map(({ id }) => id))
  const aside = openAside(folder)
  try {
    const written: { files: readonly string[]; exported: Exported }[] = []
    for (const [i, { agent, actor }] of chosen.entries()) {
      const name = names[agents.indexOf(agent)]!
      mkdirSync(join(aside, name))
      const files = await format.write(exports[i]!, aside, name)
      const observations = probeObservations(agent)
      const answers = await format.run(aside, files, observations)
      const difference = answers === null ? null : compareAnswers(agent, actor, observations, answers)
      written.push({ files, exported: { agent: agent.id, file: files[files.length - 1]!, difference } })
    }
    for (const { files } of written) moveIn(aside, folder, files)
    return written.map(({ exported }) => exported)
  } finally {
    rmSync(aside, { recursive: true, force: true })
  }
}

/** The policy of an agent that is exported. @throws ConfigError where it has several and none, or one that is not there, was chosen. */
function onePolicy(id: string, actor: Actor, subPolicy: number | undefined): Actor {
  const policies = actor.subPolicies ?? [actor]
  if (subPolicy === undefined && policies.length > 1) {
    const which = `choose one with --sub-policy 0 ... ${policies.length - 1}`
    throw new ConfigError('--sub-policy', `${id} is an ensemble of ${policies.length} policies; ${which}`)
  }
  const chosen = policies[subPolicy ?? 0]
  if (chosen !== undefined) return chosen
  throw new ConfigError('--sub-policy', `expected 0 ... ${policies.length - 1} for ${id}, got ${subPolicy}`)
}

function openAside(folder: string): string {
  try {
    mkdirSync(folder, { recursive: true })
    return mkdtempSync(join(folder, '.partial-'))
  } catch (error) {
    throw new ConfigError(
      '--out',
      `the folder ${folder} cannot be written (${(error as Error).message}); choose another with --out`,
    )
  }
}

/** Each file by one rename, the one to open last; then what an earlier export left beside it goes. */
function moveIn(aside: string, folder: string, files: readonly string[]): void {
  for (const file of files) {
    mkdirSync(dirname(join(folder, file)), { recursive: true })
    renameSync(join(aside, file), join(folder, file))
  }
  const weights = files.find(file => /^weights\.[0-9a-f]{8}\.bin$/.test(basename(file)))
  if (weights === undefined) return
  const place = join(folder, dirname(weights))
  for (const name of readdirSync(place)) {
    if (/^weights\.[0-9a-f]{8}\.bin$/.test(name) && name !== basename(weights)) rmSync(join(place, name))
  }
}
