// What commands make of run folders that an earlier build wrote: evaluate, train on, fork, export, crossplay.
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'

/** Runs `marlstrom ...args` and gives its stdout; rejects where it fails. */
export type Command = (...args: readonly string[]) => Promise<string>

/** The folders of `test/fixtures/old-runs`, and how each is exported; null: that build exported none of its kind. */
export const oldRuns: Readonly<Record<string, readonly string[] | null>> = {
  maddpg: [],
  ddpg: [],
  matd3: [],
  m3ddpg: [],
  masac: [],
  mad4pg: [],
  mixed: [],
  'mixed-by-mad4pg': [],
  boxes: null,
  ensemble: ['--sub-policy', '1'],
  recurrent: null,
  opponent: [],
  'scenario-file': [],
  modern: [],
}

/** Two that play the same game. */
export const pairing = ['maddpg', 'mixed'] as const

/** Means over 50 episodes by mode and agent. */
export type Evaluated = Readonly<Record<string, Readonly<Record<string, number>>>>

/** All numbers are exact. */
export interface Outcome {
  readonly evaluated: Evaluated
  /** As it is, with another learning rate, and with another seed: SHA-256 of all lines of metrics.jsonl (counters, returns and losses). */
  readonly trainedOn: { readonly resumed: string; readonly withRate: string; readonly withSeed: string }
  /** After it was resumed. */
  readonly evaluatedLater: Evaluated
  /** SHA-256 by agent, of names, shapes and bytes of all tensors, and of what the modules answer to a few observations; null: not exported. */
  readonly exported: { readonly safetensors: Hashes; readonly js: Hashes } | null
}

type Hashes = Readonly<Record<string, string>>

/** Copies a fixture to `to`, ready to be opened: its checkpoints are packed. */
export function unpackRun(from: string, to: string): void {
  cpSync(from, to, { recursive: true })
  for (const file of readdirSync(to, { recursive: true, encoding: 'utf8' })) {
    if (!file.endsWith('.gz')) continue
    writeFileSync(join(to, file.slice(0, -3)), gunzipSync(readFileSync(join(to, file))))
  }
}

/** What the commands of a build make of the old run `name`. `original`: an unpacked copy, left as it is; `scratch`: a folder for all else. */
export async function outcomeOf(name: string, command: Command, original: string, scratch: string): Promise<Outcome> {
  mkdirSync(scratch, { recursive: true })
  const fork = async (as: string, ...changes: readonly string[]) => {
    const out = join(scratch, as)
    await command('train', '--fork', original, '--episodes', '24', ...changes, '--out', out)
    return hashOfMetrics(out)
  }
  const forks = async () => [
    await fork('with-rate', '--set', 'learner.learningRate=0.003'),
    await fork('with-seed', '--seed', '11'),
  ]
  const resume = async () => {
    const out = join(scratch, 'resumed')
    cpSync(original, out, { recursive: true })
    await command('train', '--resume', out, '--episodes', '24')
    return { resumed: hashOfMetrics(out), evaluatedLater: await evaluate(command, out) }
  }
  const ask = async () => ({
    evaluated: await evaluate(command, original),
    exported: await exported(oldRuns[name] ?? null, command, original, scratch),
  })
  const [[withRate, withSeed], { resumed, evaluatedLater }, { evaluated, exported: files }] = await Promise.all([
    forks(),
    resume(),
    ask(),
  ])
  return {
    evaluated,
    trainedOn: { resumed, withRate: withRate!, withSeed: withSeed! },
    evaluatedLater,
    exported: files,
  }
}

/** What two runs get with and against each other. */
export async function crossplayed(command: Command, folders: readonly string[]): Promise<unknown[]> {
  const lines = await command('crossplay', ...folders, '--episodes', '50', '--seed', '4', '--json')
  // Folders lie elsewhere every time.
  return folders
    .reduce((text, folder, i) => text.replaceAll(JSON.stringify(folder), `"${i}"`), lines)
    .trim()
    .split('\n')
    .map(line => JSON.parse(line))
}

/** What a recording has been found to be. */
export async function verified(command: Command, file: string): Promise<unknown> {
  const { seconds: _, file: __, ...found } = JSON.parse(await command('playback', file, '--verify', '--json'))
  return found
}

async function evaluate(command: Command, folder: string): Promise<Evaluated> {
  const lines = await command('evaluate', folder, '--episodes', '50', '--seed', '3', '--no-baselines', '--json')
  const means = (figures: Record<string, { mean: number }>) =>
    Object.fromEntries(Object.entries(figures).map(([id, { mean }]) => [id, mean]))
  return Object.fromEntries(
    lines
      .trim()
      .split('\n')
      .map(line => JSON.parse(line))
      .map(({ mode, returns }) => [mode, means(returns)]),
  )
}

/** Times are another every time; a build may also write columns that earlier ones did not have. */
function hashOfMetrics(folder: string): string {
  const known = /^(episodes|envSteps|updates|return\/.*|criticLoss\/.*|actorLoss\/.*)$/
  const hash = createHash('sha256')
  for (const line of readFileSync(join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n')) {
    const columns = Object.entries(JSON.parse(line) as Record<string, number>).filter(([name]) => known.test(name))
    hash.update(JSON.stringify(columns.sort(([a], [b]) => (a < b ? -1 : 1))))
  }
  return hash.digest('hex')
}

async function exported(
  options: readonly string[] | null,
  command: Command,
  folder: string,
  scratch: string,
): Promise<Outcome['exported']> {
  if (options === null) return null
  const hashes = async (format: string, ending: string, hashOf: (file: string) => Promise<string> | string) => {
    const out = join(scratch, format)
    await command('export', folder, '--format', format, ...options, '--out', out)
    const files = readdirSync(out).filter(file => file.endsWith(ending))
    const found: Record<string, string> = {}
    for (const file of files.sort()) found[file.slice(0, -ending.length)] = await hashOf(join(out, file))
    return found
  }
  return {
    safetensors: await hashes('safetensors', '.safetensors', hashOfTensors),
    js: await hashes('js', '.js', hashOfAnswers),
  }
}

function hashOfTensors(file: string): string {
  const bytes = readFileSync(file)
  const end = 8 + Number(bytes.readBigUInt64LE(0))
  type Tensor = { readonly dtype: string; readonly shape: readonly number[]; readonly data_offsets: [number, number] }
  const { __metadata__, ...tensors } = JSON.parse(bytes.toString('utf8', 8, end)) as Record<string, Tensor>
  const hash = createHash('sha256')
  for (const name of Object.keys(tensors).sort()) {
    const { dtype, shape, data_offsets } = tensors[name]!
    hash.update(JSON.stringify([name, dtype, shape]))
    hash.update(bytes.subarray(end + data_offsets[0], end + data_offsets[1]))
  }
  return hash.digest('hex')
}

/** Answers to observations whose numbers are exact in any float format. */
async function hashOfAnswers(file: string): Promise<string> {
  const text = readFileSync(file).toString('base64')
  const { observationSize, logits, act } = await import(`data:text/javascript;base64,${text}`)
  const hash = createHash('sha256')
  for (let k = 0; k < 8; k++) {
    const observation = Float32Array.from({ length: observationSize }, (_, i) => (((7 * i + 5 * k) % 17) - 8) / 8)
    for (const answer of [logits(observation), act(observation)]) hash.update(Float32Array.from(answer as number[]))
  }
  return hash.digest('hex')
}

/** The folder of a fixture. @throws Error where there is none */
export function fixtureOf(name: string): string {
  const folder = join(import.meta.dirname, '../fixtures/old-runs', name)
  if (!existsSync(folder)) throw new Error(`${folder} is missing`)
  return folder
}
