// `marlstrom conformance <folder>`: replays recorded episodes of the published particle worlds and reports the differences.
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { unknownName } from '../../errors.ts'
import {
  type Differences,
  parseTrace,
  replayTrace,
  scenarios,
  type Trace,
  type TraceResult,
  traceRules,
} from '../../index.ts'

export interface ConformanceOptions {
  /** Only the traces of this scenario. */
  readonly scenario?: string
  /** One JSON object per line instead of a table. */
  readonly json?: boolean
  write(line: string): void
}

/** What came of one file. Files that cannot be read as a trace have no scenario and rules. */
interface Verdict {
  readonly file: string
  readonly scenario: string | null
  readonly rules: string | null
  readonly passed: boolean
  readonly reason: string | null
  readonly oneStep?: Differences
  readonly rollout?: Differences
}

/** Replays every trace under `folder`. Exit code: 0 all passed, 1 some failed, 2 the folder holds nothing to replay. */
export async function conformance(folder: string, options: ConformanceOptions): Promise<number> {
  const files = await traceFiles(folder).catch(error => refuse(options, `${folder}: ${(error as Error).message}`))
  if (files === null) return 2
  const found = new Set<string>()
  const verdicts: Verdict[] = []
  for (const file of files) {
    const verdict = await judge(folder, file, options.scenario, found)
    if (verdict === null) continue
    verdicts.push(verdict)
    if (options.json) options.write(JSON.stringify({ event: 'trace', ...verdict }))
  }
  if (verdicts.length === 0) {
    const reason = options.scenario ? unknownName('scenario', options.scenario, [...found]) : 'no traces (*.json) in it'
    refuse(options, `${folder}: ${reason}`)
    return 2
  }
  const failed = verdicts.filter(verdict => !verdict.passed).length
  const passed = verdicts.length - failed
  if (options.json) options.write(JSON.stringify({ event: 'summary', passed, failed }))
  else
    for (const line of [...table(verdicts), ...failures(verdicts), `${passed} passed, ${failed} failed`])
      options.write(line)
  return failed > 0 ? 1 : 0
}

async function traceFiles(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true })
  return entries.filter(file => file.endsWith('.json') && path.basename(file) !== 'index.json').sort()
}

/** Null where the file is of another scenario than the wanted one. */
async function judge(
  folder: string,
  file: string,
  wanted: string | undefined,
  found: Set<string>,
): Promise<Verdict | null> {
  let scenario: string | null = null
  let rules: string | null = null
  try {
    const json = JSON.parse(await readFile(path.join(folder, file), 'utf8')) as { scenario?: unknown } | null
    if (typeof json?.scenario === 'string') {
      scenario = json.scenario
      found.add(scenario)
      if (wanted !== undefined && scenario !== wanted) return null
    }
    const trace = parseTrace(json)
    rules = traceRules(trace)
    return { file, scenario, rules, ...replayKnown(trace) }
  } catch (error) {
    return { file, scenario, rules, passed: false, reason: (error as Error).message }
  }
}

function replayKnown(trace: Trace): TraceResult | { passed: false; reason: string } {
  const scenario = Object.hasOwn(scenarios, trace.scenario) ? scenarios[trace.scenario] : undefined
  if (!scenario) return { passed: false, reason: `scenario '${trace.scenario}' is not built` }
  return replayTrace(scenario, trace)
}

function refuse(options: ConformanceOptions, message: string): null {
  options.write(options.json ? JSON.stringify({ event: 'error', message }) : message)
  return null
}

/** Per scenario and rules: how many passed, and the worst differences of both ways. */
function table(verdicts: readonly Verdict[]): string[] {
  const groups = new Map<string, Verdict[]>()
  for (const verdict of verdicts) {
    const key = `${verdict.scenario ?? '(not a trace)'}\t${verdict.rules ?? '-'}`
    groups.set(key, [...(groups.get(key) ?? []), verdict])
  }
  const rows = [...groups].map(([key, group]) => {
    const passed = group.filter(verdict => verdict.passed).length
    const ways = [group.flatMap(verdict => verdict.oneStep ?? []), group.flatMap(verdict => verdict.rollout ?? [])]
    return [...key.split('\t'), `${passed}`, `${group.length - passed}`, ...ways.flatMap(worst)]
  })
  const heads = ['state', 'observation', 'reward']
  const header = [
    'scenario',
    'rules',
    'passed',
    'failed',
    ...heads.map(head => `${head} (step)`),
    ...heads.map(head => `${head} (rollout)`),
  ]
  return aligned([header, ...rows])
}

function worst(ways: readonly Differences[]): string[] {
  const largest = (pick: (way: Differences) => number) =>
    ways.length === 0 ? '-' : Math.max(...ways.map(pick)).toExponential(1)
  return [largest(way => way.state), largest(way => way.observation), largest(way => way.reward)]
}

function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map(row => row[column]!.length)))
  return rows.map(row =>
    row.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]!) : cell.padStart(widths[column]!))).join('  '),
  )
}

/** One line per reason and scenario where scenarios are not built, else one line per file. */
function failures(verdicts: readonly Verdict[]): string[] {
  const failed = verdicts.filter(verdict => !verdict.passed)
  const lines = failed.map(({ file, reason, scenario }) =>
    reason?.endsWith('is not built') ? `failed: all of ${scenario}: ${reason}` : `failed: ${file}: ${reason}`,
  )
  return [...new Set(lines)]
}
