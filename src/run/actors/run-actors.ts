// The actors of a run, put together: who plays them here and now, which changes no bit, and the games that come of it.
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { type ActorGames, createActorGames } from '../../actors/actor-games.ts'
import { type ActingWeights, actingWeights } from '../../actors/actor-weights.ts'
import { createByArrival } from '../../actors/by-arrival.ts'
import { playInCallingThread } from '../../actors/calling-thread.ts'
import type { ActorPool } from '../../actors/experience-source.ts'
import { createInTurn, versionsKept } from '../../actors/in-turn.ts'
import type { TrajectoryShape } from '../../actors/trajectory-message.ts'
import type { MarkovGame } from '../../envs/markov-game.ts'
import { ConfigError } from '../../errors.ts'
import { compiledFile } from '../../installation/package-folder.ts'
import type { Roster } from '../../learning/member.ts'
import type { Backend } from '../../nn/backend.ts'
import { createSimdBackend } from '../../nn/simd/backend.ts'
import type { RunConfig } from '../config/config.ts'
import { kernelOptions } from '../kernels.ts'
import type { Algorithms, RunPlan } from '../plan.ts'
import type { AgentRole } from '../policies.ts'
import { createRemoteActors, type RemoteActorsOptions } from '../remote/remote-actors.ts'
import { createActorThreads } from '../threads/actor-threads.ts'
import { type ActorsPlan, actorsOfPlan, statesEvery, trajectoryShape, trajectorySteps } from './actors-of-plan.ts'
import { refuseUnfitForArrival } from './fitting-actors.ts'

export interface RunActorsOptions {
  readonly plan: ActorsPlan
  /** Of the run, where it is not simd: the calling thread acts by it too. */
  readonly backend: Backend
  readonly roster: Roster
  readonly parts: readonly AgentRole[]
  readonly extras: TrajectoryShape['extras']
  /** Where other machines find the run, and the code of its scenario; null: it is played here. */
  readonly remote: (RemoteActorsOptions & { readonly code: string | null }) | null
  /** Whether another thread could make the same games and players from the settings alone. */
  readonly isPortable: boolean
  readonly standIn: MarkovGame
  readonly keptSteps: number
}

/** The games of a run that actors play. */
export async function createRunActors(options: RunActorsOptions): Promise<ActorGames> {
  const { plan, roster, parts, extras, standIn, keptSteps, remote } = options
  const { actors, lag, actorOrder: order } = plan.config.run
  refuseOwnShares(roster, actors!)
  const shape = trajectoryShape(plan, extras)
  if (order === 'arrival') refuseUnfitForArrival(plan, shape)
  const weights = actingWeights(roster, agent => parts[agent]!.learns)
  const keyEvery = statesEvery(shape.steps)
  const versions = versionsKept({ lag, keyEvery })
  const threads = threadsOf(plan.config.run, options)
  const needs = { config: plan.config, shape, weights: weights.size, versions }
  const pool = await (remote !== null
    ? createRemoteActors(remote, { ...needs, code: remote.code })
    : threads > 0
      ? createActorThreads({ program, threads, ...needs })
      : poolHere(options, shape, weights, versions))
  return createActorGames({
    source:
      order === 'fixed'
        ? createInTurn({ pool, actors: actors!, lag, keyEvery, weights: weights.size })
        : createByArrival({ pool, actors: actors!, lag, keyEvery }),
    actors: actors!,
    shape,
    lag,
    weights,
    order,
    standIn,
    keptSteps,
    threads: Math.max(1, threads),
    isElsewhere: remote !== null,
  })
}

/** @throws ConfigError where an algorithm divides the games itself */
function refuseOwnShares(roster: Roster, actors: number): void {
  if (roster.every(({ behaviour }) => behaviour?.games === undefined)) return
  throw new ConfigError(
    'run.actors',
    `expected null with an algorithm whose own workers divide the games (learner.workers), got ${actors}; leave one of them out`,
  )
}

/** Who plays, for people; null: no actors do. */
export function describeActors({ config, teamSettings, actors: played }: ActorsNoted): string | null {
  const { actors, games, lag, actorOrder } = config.run
  if (actors === null || played === null) return null
  const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
  const where = played.isElsewhere
    ? 'over Redis by whoever joins'
    : played.work === undefined
      ? `in ${counted(played.threads, 'thread')}`
      : 'by the thread that learns'
  const weights = actorOrder === 'fixed' ? `lag ${lag}` : 'the newest weights: not reproducible'
  const each = `${counted(games / actors, 'game')} each, trajectories of ${counted(trajectorySteps({ config, teamSettings }), 'step')}`
  return `${counted(actors, 'actor')}: ${each}, played ${where}, ${weights}`
}

interface ActorsNoted extends Pick<ActorsPlan, 'config' | 'teamSettings'> {
  readonly actors: Pick<ActorGames, 'threads' | 'work' | 'isElsewhere'> | null
}

/** Whether another thread makes the same games and players from the settings alone: all of them ship with marlstrom, or are chance or a script. */
export function isPortable({ bundle, source, files, players }: RunPlan, beside: Algorithms): boolean {
  const kinds = [...players.values()].map(({ kind }) => kind)
  return (
    bundle === null &&
    source === null &&
    files.size === 0 &&
    Object.keys(beside).length === 0 &&
    !kinds.includes('frozen')
  )
}

/**
 * The code of the scenario as other machines are to play it; null: it ships with marlstrom.
 * @throws ConfigError where they could not make the same games and players from the settings and that code
 */
export function codeToTravel(plan: RunPlan, beside: Algorithms, isLent: boolean): string | null {
  const { config, files, players, source } = plan
  const refuse = (path: string, expected: string, got: string) => {
    throw new ConfigError(path, `expected ${expected} with actors over Redis (--redis), got ${got}`)
  }
  const { actors, backend, kernels, actorOrder } = config.run
  if (actors === null)
    refuse('run.actors', 'a number, --actors 4 for example,', 'null: nobody plays apart from the learners')
  if (isLent || backend !== 'simd') refuse('run.backend', 'simd', backend)
  if (kernels === 'relaxed' && actorOrder === 'fixed')
    refuse('run.kernels', 'standard or blas, which act by the same bits everywhere,', kernels)
  const [file] = files.keys()
  if (file !== undefined) refuse(`team.${file}`, 'players that ship with marlstrom', 'a file')
  const frozen = [...players].find(([, { kind }]) => kind === 'frozen')
  if (frozen !== undefined)
    refuse(`team.${frozen[0]}`, 'players that ship with marlstrom', 'the team of an earlier run')
  const [own] = Object.keys(beside)
  if (own !== undefined) refuse('learner.algorithm', 'algorithms that ship with marlstrom', own)
  return source?.code ?? null
}

/** Threads that play; 0: the calling one does. */
function threadsOf(run: RunConfig['run'], { isPortable }: Pick<RunActorsOptions, 'isPortable'>): number {
  const { threads, actorThreads, actors } = run
  const sharing = threads ?? availableParallelism()
  const wanted = actorThreads ?? (sharing > 1 ? sharing : 0)
  return isPortable && run.backend === 'simd' && existsSync(program) ? Math.min(wanted, actors!) : 0
}

async function poolHere(
  { plan, backend }: RunActorsOptions,
  shape: TrajectoryShape,
  { size }: ActingWeights,
  versions: number,
): Promise<ActorPool> {
  const { run } = plan.config
  // As in other threads: what only acts has kernels of its own.
  const own = run.backend === 'simd' ? await createSimdBackend({ threads: 1, ...kernelOptions(run, false) }) : null
  return playInCallingThread({
    shape,
    weights: size,
    versions,
    createPlayer: (kept, newest) => actorsOfPlan(plan, own ?? backend, { versions: kept, newest }),
    dispose: () => own?.dispose(),
  })
}

const program = compiledFile('run/threads/actor-thread.js')
