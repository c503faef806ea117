// One run measured for a report: its training returns read, its policies evaluated, some episodes recorded.
import { existsSync, readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { Policy } from '../agents/policy.ts'
import { hashOf } from '../authoring/bundle.ts'
import type { VectorGame } from '../envs/vector-game.ts'
import { ConfigError, FileError } from '../errors.ts'
import { episodeFrames } from '../exhibition/episodes.ts'
import { readStarts } from '../experiment/environment.ts'
import { type EvaluationMode, type Played, play } from '../experiment/evaluate.ts'
import type { RunFolder } from '../experiment/run-folder.ts'
import { createRandom } from '../random.ts'
import type { BaselineReturns, Level, MeasuredRun, TeamResult } from '../report/measured-run.ts'
import { recordReplay } from '../report/replay.ts'
import { readEvaluations, readTrainingCurves } from '../report/training-curves.ts'
import { isMaterial, withIds } from '../run/config/config-identity.ts'
import { settingsByPath } from '../run/config/settings-by-path.ts'
import { evaluationOf, policiesOf, type Run, trainedPolicies } from '../run/run.ts'
import { learntTeams } from '../run/standings.ts'
import { openTrainedRun } from '../starting/open-run.ts'
import { estimate } from '../statistics/estimate.ts'
import type { Saved } from '../types.ts'

export interface MeasureOptions {
  readonly episodes: number
  readonly mode: EvaluationMode
  readonly seed: number
  readonly note: (sentence: string) => void
}

/** Episodes that a report shows of a run; their worlds are the same for all runs of a task. */
const replayEpisodes = 3

/**
 * A run with everything a report says about it, and what its teams would get without training.
 * @throws ConfigError, FileError: the sentence says why the run cannot be reported on.
 */
export async function measureRun(
  path: string,
  options: MeasureOptions,
  needsBaselines: (run: MeasuredRun) => boolean,
): Promise<{ measured: MeasuredRun; baselines: ReadonlyMap<string, BaselineReturns> | null }> {
  const { run, folder } = await openTrainedRun(path, options.note)
  try {
    const measured = measure(path, run, folder, options)
    return { measured, baselines: needsBaselines(measured) ? baselinesOf(run, options) : null }
  } finally {
    run.dispose()
  }
}

function measure(path: string, run: Run, folder: RunFolder, options: MeasureOptions): MeasuredRun {
  const { config, definition, agents } = run
  const saved = folder.readCheckpoint(() => false) as { tracker?: { finished?: Saved }; scenarioVersion?: Saved }
  const version = typeof saved.scenarioVersion === 'number' ? saved.scenarioVersion : definition.version
  if (version !== definition.version) {
    throw new ConfigError(
      'run',
      `${path} was trained in version ${version} of ${definition.id}, this is version ${definition.version}: its returns are of another game`,
    )
  }
  const teams = learntTeams(run)
  const metrics = join(path, 'metrics.jsonl')
  if (!existsSync(metrics)) throw new FileError(metrics, 'expected the metrics of the training, got no file')
  const ofTeam = (team: string) => agents.filter(agent => agent.team === team).map(({ id }) => id)
  const lines = readFileSync(metrics, 'utf8')
  const curves = readTrainingCurves(metrics, lines, teams.map(ofTeam))
  const evaluations = readEvaluations(metrics, lines, teams.map(ofTeam))
  const settings = new Map(settingsByPath(withIds(run.settings, run.files)))
  for (const [team, { source }] of run.files) settings.set(`code of ${team}`, hashOf(source.code))
  const own = play(evaluationOf(run, 'trained', options.mode, options.episodes, options.seed))
  return {
    path,
    name: basename(resolve(path)),
    settings,
    decisive: [...settings.keys()].filter(key => isDecisive(key, run)),
    who: run.who,
    scenario: { id: definition.id, version, code: run.source?.code ?? null },
    seed: config.run.seed,
    episodes: Number(saved.tracker?.finished ?? 0),
    evaluated: own.returns.length,
    teams: teams.map(
      (team, i): TeamResult => ({
        team,
        training: curves[i]!,
        evaluations: evaluations[i]!,
        trained: levelOf(own, team).mean,
        besideScript: besideScript(run, team, 'trained', own, options)?.mean ?? null,
      }),
    ),
    facts: factsOf(path, run),
    replay: replayOf(run),
  }
}

/** Runs of other lengths are compared as they are, under names of their own. */
function isDecisive(key: string, { settings, described }: Run): boolean {
  if (key.startsWith('scenario.') || key === 'run.seed') return false
  return key === 'run.episodes' || key === 'run.steps' || isMaterial(key, settings, described)
}

/** How the run came to be, as far as its folder tells. */
function factsOf(path: string, { config }: Run): Map<string, string> {
  const start = startOf(path)
  const { backend, kernels, threads } = start ?? config.run
  const facts = new Map([
    ['backend', backend],
    ['kernels', kernels],
    ['threads', threads === null ? 'one per core' : String(threads)],
  ])
  if (start === undefined) return facts
  facts.set('marlstrom', start.version)
  facts.set('Node', start.node)
  if (start.git !== null) facts.set('commit', `${start.git.commit.slice(0, 12)}${start.git.dirty ? ', changed' : ''}`)
  facts.set('config hash', start.config.sha256.slice(0, 12))
  facts.set('machine', `${start.cores} × ${start.cpu}, ${start.os}`)
  return facts
}

/** The run can be reported on without it. */
function startOf(path: string): ReturnType<typeof readStarts>[number] | undefined {
  try {
    return readStarts(path).at(-1)
  } catch {
    return undefined
  }
}

function baselinesOf(run: Run, options: MeasureOptions): Map<string, BaselineReturns> {
  const found = new Map<string, BaselineReturns>()
  for (const team of learntTeams(run)) {
    const [random, scripted] = (['random', 'scripted'] as const).map(kind =>
      besideScript(run, team, kind, null, options),
    )
    if (random && scripted) found.set(team, { random, scripted, alone: run.agents.every(agent => agent.team === team) })
  }
  return found
}

/** What a team gets, played in some way, beside scripted players of all other teams; null: the scenario ships no script. */
function besideScript(
  run: Run,
  team: string,
  kind: 'trained' | 'random' | 'scripted',
  alone: Played | null,
  { episodes, mode, seed }: MeasureOptions,
): Level | null {
  const { agents } = run
  if (run.createGame().script === undefined) return null
  // Without other teams it has been played already.
  if (alone !== null && agents.every(agent => agent.team === team)) return levelOf(alone, team)
  const policies = ({ games }: VectorGame): readonly Policy[] => {
    const script = policiesOf('scripted', games, seed)
    const own = kind === 'trained' ? trainedPolicies(run, `evaluation/${seed}`, games) : policiesOf(kind, games, seed)
    return agents.map((agent, index) => (agent.team === team ? own : script)[index]!)
  }
  return levelOf(play({ createGame: run.createGame, policies, episodes, mode, seed }), team)
}

/** Return per agent and episode, a team's mean over its agents. */
function levelOf({ agents, returns }: Played, team: string): Level {
  const members = agents.flatMap((agent, index) => (agent.team === team ? [index] : []))
  return estimate(returns.map(episode => members.reduce((sum, index) => sum + episode[index]!, 0) / members.length))
}

function replayOf(run: Run): MeasuredRun['replay'] {
  const game = run.createGame()
  if (game.frames === undefined) return null
  const next = episodeFrames(game, trainedPolicies(run, 'report', [game]), createRandom(0, 'report', 'game'))
  return recordReplay(
    game.frames.schema,
    run.agents.map(({ id }) => id),
    next,
    replayEpisodes,
  )
}
