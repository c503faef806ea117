// Runs grouped by task (the scenario), by method (the settings), and into groups that differ in the seed alone.
import { safeFileNames } from '../text/safe-name.ts'
import type { LeftOut, MeasuredRun } from './measured-run.ts'

/** A scenario with its options. */
export interface Task {
  readonly key: string
  readonly label: string
  /** Of file names. */
  readonly name: string
  readonly teams: readonly string[]
}

/** All settings but those of the scenario and those that change nothing that is learnt. */
export interface Method {
  readonly label: string
  /** `section.key` to its value as JSON: the settings in which methods differ. */
  readonly differences: ReadonlyMap<string, string>
}

/** Runs of one method on one task, one per seed. */
export interface Group {
  readonly task: number
  readonly method: number
  readonly runs: readonly MeasuredRun[]
}

export interface Grouping {
  readonly tasks: readonly Task[]
  readonly methods: readonly Method[]
  readonly groups: readonly Group[]
  /** Runs that repeat another one's seed. */
  readonly repeated: readonly LeftOut[]
}

/** Tasks, methods and groups in the order in which runs name them first. */
export function groupRuns(runs: readonly MeasuredRun[]): Grouping {
  const tasks = distinct(runs, taskKey)
  const methods = distinct(runs, methodKey)
  const groups: { task: number; method: number; runs: MeasuredRun[] }[] = []
  const repeated: LeftOut[] = []
  for (const run of runs) {
    const [task, method] = [tasks.keys.indexOf(taskKey(run)), methods.keys.indexOf(methodKey(run))]
    let group = groups.find(other => other.task === task && other.method === method)
    if (group === undefined) groups.push((group = { task, method, runs: [] }))
    const same = group.runs.find(({ seed }) => seed === run.seed)
    if (same === undefined) group.runs.push(run)
    else
      repeated.push({
        path: run.path,
        reason: `seed ${run.seed} is there already, with the same settings: ${same.path}`,
      })
  }
  return { tasks: describeTasks(tasks.first), methods: describeMethods(methods.first), groups, repeated }
}

/** `section.key` to its value as JSON, of the settings that belong to a method. */
function methodSettings({ settings, decisive }: MeasuredRun): Map<string, string> {
  return new Map(decisive.map(key => [key, JSON.stringify(settings.get(key))]))
}

function methodKey(run: MeasuredRun): string {
  return JSON.stringify([run.who, [...methodSettings(run)].sort()])
}

/** The options of the scenario. Its id may be the path of a file, of which only the code counts. */
function scenarioSettings({ settings }: MeasuredRun): Map<string, string> {
  const options = [...settings].filter(([key]) => key.startsWith('scenario.') && key !== 'scenario.id')
  return new Map(options.map(([key, value]) => [key, JSON.stringify(value)]))
}

/**
 * Runs with one key were given the same task. The learning teams belong to it: a team that does not learn in one run leaves another
 * question to the others.
 */
export function taskKey(run: MeasuredRun): string {
  const { id, version, code } = run.scenario
  return JSON.stringify([
    shortId(id),
    version,
    code,
    [...scenarioSettings(run)].sort(),
    run.teams.map(({ team }) => team),
  ])
}

function distinct(
  runs: readonly MeasuredRun[],
  keyOf: (run: MeasuredRun) => string,
): { keys: string[]; first: MeasuredRun[] } {
  const first = new Map<string, MeasuredRun>()
  for (const run of runs) if (!first.has(keyOf(run))) first.set(keyOf(run), run)
  return { keys: [...first.keys()], first: [...first.values()] }
}

function describeTasks(runs: readonly MeasuredRun[]): Task[] {
  const labels = runs.map(run => {
    const alike = runs.filter(other => shortId(other.scenario.id) === shortId(run.scenario.id))
    const differing = differencesAmong(alike.map(scenarioSettings))
    const own = scenarioSettings(run)
    const words = [...differing].map(key => `${key.split('.')[1]} ${own.get(key) ?? 'left alone'}`)
    const teams = new Set(alike.map(({ teams }) => teams.map(({ team }) => team).join(', ')))
    if (teams.size > 1) words.push(`${run.teams.map(({ team }) => team).join(', ')} learns`)
    return [shortId(run.scenario.id), ...words].join(', ')
  })
  const unique = numbered(labels)
  const names = safeFileNames(unique.map(fileName))
  return unique.map((label, i) => ({
    key: taskKey(runs[i]!),
    label,
    name: names[i]!,
    teams: runs[i]!.teams.map(({ team }) => team),
  }))
}

/** Who plays; where several methods share that, the settings in which those differ. */
function describeMethods(runs: readonly MeasuredRun[]): Method[] {
  const settings = runs.map(methodSettings)
  const differing = differencesAmong(settings)
  const labels = runs.map((run, i) => {
    const alike = settings.filter((_, other) => runs[other]!.who === run.who)
    const words = [...differencesAmong(alike)].map(key => `${key.split('.')[1]} ${settings[i]!.get(key) ?? 'none'}`)
    return [run.who, ...words.slice(0, 4), ...(words.length > 4 ? ['…'] : [])].join(', ')
  })
  return numbered(labels).map((label, i) => ({
    label,
    differences: new Map([...differing].map(key => [key, settings[i]!.get(key) ?? 'none'])),
  }))
}

/** The keys on which some maps disagree. */
function differencesAmong(maps: readonly ReadonlyMap<string, string>[]): Set<string> {
  const keys = new Set(maps.flatMap(map => [...map.keys()]))
  return new Set([...keys].filter(key => new Set(maps.map(map => map.get(key))).size > 1))
}

/** Labels that are the same get a number. */
function numbered(labels: readonly string[]): string[] {
  return labels.map((label, i) => {
    if (labels.indexOf(label) === labels.lastIndexOf(label)) return label
    return `${label} (${labels.slice(0, i + 1).filter(other => other === label).length})`
  })
}

/** Of a scenario file, its name. */
function shortId(id: string): string {
  return id.split(/[/\\]/).at(-1)!
}

function fileName(label: string): string {
  return label.replace(/[^\w.]+/g, '-').replace(/^-|-$/g, '')
}
