// A process that plays for a training somewhere else: it takes the run from Redis, believes what the run's key has signed, and plays what it is asked for.
import { randomUUID } from 'node:crypto'
import { setImmediate as breathe, setTimeout as sleep } from 'node:timers/promises'
import type { KeptVersions } from '../../actors/actor-weights.ts'
import { createMessageLayout } from '../../actors/trajectory-message.ts'
import { ConfigError } from '../../errors.ts'
import { packageVersion } from '../../installation/package.ts'
import { createSimdBackend } from '../../nn/simd/backend.ts'
import type { ActorBoard, TakenTicket } from '../../remote/actor-board.ts'
import { differenceOf, type Manifest, openManifest } from '../../remote/manifest.ts'
import type { Unsealing } from '../../remote/run-key.ts'
import { type Answer, openTicket, type RemoteTicket } from '../../remote/ticket-message.ts'
import { openWeights } from '../../remote/weights-message.ts'
import { actorsOfPlan } from '../actors/actors-of-plan.ts'
import { asThrown } from '../threads/thrown.ts'
import { manifestParts } from './run-manifest.ts'
import { hashOfFile, planOfCode } from './travelling-file.ts'

export interface RemoteActorOptions {
  readonly board: ActorBoard
  readonly unsealing: Unsealing
  /** Milliseconds for which the learner believes that this process lives, unless it says so again. */
  readonly lease: number
  /** Whether a scenario file that the run's key has signed may be run, known by its hash. */
  allows(hash: string): boolean
  /** Milliseconds without a learner after which it ends; null: it waits for ever. */
  readonly idle: number | null
  /** Ends it after the trajectory that is being played. */
  readonly signal: AbortSignal
  tell(news: ActorNews): void
}

export type ActorNews =
  | { readonly type: 'waiting'; readonly reason: string }
  | { readonly type: 'playing'; readonly manifest: Manifest }
  | { readonly type: 'played'; readonly actors: number; readonly trajectories: number; readonly envSteps: number }
  | { readonly type: 'over' }
  | { readonly type: 'idle' }

/** Milliseconds between two questions to a Redis that has nothing to say. */
const askEvery = 300
/** Milliseconds that a read waits for tickets. */
const readWait = 1000
/** Milliseconds of play after which timers have their turn. */
const breath = 50
/** Reads without a stream, a tenth of a second apart, after which a process begins anew, so that a learner that gave it up meets it again. */
const mostUnmet = 100
/** Tickets that are known to be answered at most. */
const mostAnswered = 1000
/** Versions of the weights that are kept at most; those that are gone are read again. */
const mostVersions = 100

/**
 * Plays until the run is over or the signal comes.
 * @throws ConfigError where this process cannot, or must not, play for the run
 */
export async function playRemotely(options: RemoteActorOptions): Promise<void> {
  const { board, unsealing, signal, tell } = options
  let said = ''
  let playedAt = performance.now()
  const wait = async (reason: string) => {
    if (reason !== said) tell({ type: 'waiting', reason })
    said = reason
    await sleep(askEvery, undefined, { signal }).catch(() => {})
  }
  while (!signal.aborted) {
    if (options.idle !== null && performance.now() - playedAt > options.idle) return tell({ type: 'idle' })
    try {
      const sealed = await board.manifest()
      if (sealed === null) {
        await wait('no learner is there for this run')
        continue
      }
      const manifest = opened(unsealing, sealed)
      if (manifest.over) {
        await board.leave()
        return tell({ type: 'over' })
      }
      said = ''
      await playSession(options, manifest, sealed).finally(() => {
        playedAt = performance.now()
      })
    } catch (error) {
      if (error instanceof ConfigError) throw error
      const { message } = error as Error
      if (/^(NOPERM|WRONGPASS|NOAUTH)/.test(message)) throw new ConfigError('--redis', message)
      await wait(`Redis does not do what it is asked to: ${message}`)
    }
  }
}

function opened(unsealing: Unsealing, sealed: Uint8Array): Manifest {
  try {
    return openManifest(unsealing, sealed)
  } catch (error) {
    throw new ConfigError('--run-key', (error as Error).message)
  }
}

/** As long as the learner is the one that it was. */
async function playSession(options: RemoteActorOptions, manifest: Manifest, sealed: Uint8Array): Promise<void> {
  const { board, signal, tell, lease } = options
  const versions = new Map<number, Float32Array>()
  let newest = 0
  const player = await createPlayer(options, manifest, versions, () => newest)
  const { session } = manifest
  const instance = randomUUID()
  const layout = createMessageLayout(player.shape)
  const own = layout.memoryOf(new ArrayBuffer(layout.bytes))
  let isCurrent = true
  let steps = 0
  let failure: unknown = null
  const played = { actors: new Set<number>(), trajectories: 0, envSteps: 0 }

  const renew = async () => {
    await board.renew({ instance, session, version: packageVersion(), exact: true, steps }, lease)
    const reason = await board.refusal()
    if (reason !== null) throw new ConfigError('actor', `the learner takes nothing of this process: ${reason}`)
    const now = await board.manifest()
    if (now === null || Buffer.compare(now, sealed) !== 0) isCurrent = false
    if (played.trajectories > 0) tell({ type: 'played', ...played, actors: played.actors.size })
  }
  let isRenewing = false
  const timer = setInterval(async () => {
    if (isRenewing) return
    isRenewing = true
    await renew().catch(error => {
      if (error instanceof ConfigError) failure = error
    })
    isRenewing = false
  }, lease / 4)

  /** Weights that were not there: null, they are no longer. @throws Error where they are not yet */
  const missing = async (version: number) => {
    const known = await board.newest()
    if (known === null || known <= version) throw new Error(`version ${version} of the weights is not there yet`)
    return await board.weights(version)
  }
  /** The version to play with; null: it is gone, so nobody waits for what it would be played for. */
  const weightsFor = async ({ version }: RemoteTicket): Promise<number | null> => {
    const wanted = version ?? (await board.newest()) ?? 0
    if (!versions.has(wanted)) {
      const found = (await board.weights(wanted)) ?? (await missing(wanted))
      if (found === null) return null
      const opened = openWeights(options.unsealing, session, player.weights.size, found)
      // An earlier version under the name of a later one is signed too.
      if (opened.version !== wanted) throw new Error(`weights: expected version ${wanted}, got ${opened.version}`)
      versions.set(wanted, opened.parameters)
      if (versions.size > mostVersions) versions.delete(Math.min(...versions.keys()))
    }
    newest = Math.max(newest, wanted)
    return wanted
  }
  /** By actor, the trajectory that it stands before. */
  const next = new Map<number, number>()
  /** null: nobody waits for it, or cannot be served: what comes before it was lost on the way, and the learner will ask again. */
  const play = async (ticket: RemoteTicket): Promise<Answer | null> => {
    const { id, actor, number, generation, wanted, from } = ticket
    const answer = { ticket: id, session, message: null, thrown: null }
    if (from === undefined && next.get(actor) !== number) return null
    const version = await weightsFor(ticket)
    if (version === null) return null
    next.delete(actor)
    try {
      const memory = wanted ? own : null
      const place = wanted ? 0 : null
      player.begin({ actor, number, version, generation, place, ...(from === undefined ? {} : { from }) }, memory)
      for (let last = performance.now(); ; ) {
        steps++
        const arrival = player.advance()
        if (arrival !== null) {
          const { state } = arrival
          next.set(actor, number + 1)
          const message =
            memory === null ? layout.encodeUnread({ actor, number, version }, state) : layout.encode(memory, state)
          return { ...answer, message }
        }
        if (performance.now() - last < breath) continue
        await breathe()
        last = performance.now()
      }
    } catch (error) {
      return { ...answer, thrown: JSON.stringify(asThrown(error)) }
    }
  }
  /** Whatever Redis says, until it is done or the learner is another. */
  const insist = async (work: () => Promise<unknown>) => {
    while (isCurrent && !signal.aborted) {
      try {
        return await work()
      } catch (error) {
        if (error instanceof ConfigError || /^NOPERM/.test((error as Error).message)) throw error
        await sleep(askEvery)
      }
    }
    return null
  }
  /** Those that came again after a connection was lost are answered once. */
  const answered = new Set<number>()
  const answerTo = async ({ id, sealed }: TakenTicket) => {
    const ticket = openedTicket(options.unsealing, session, sealed)
    // Unsigned, for an earlier start of this process, or answered before the connection was lost.
    if (ticket === null || ticket.instance !== instance || answered.has(ticket.id)) return await board.acknowledge(id)
    const answer = (await insist(() => play(ticket))) as Answer | null
    if (answer === null) return void (await insist(() => board.acknowledge(id)))
    await insist(() => board.answer(answer, id))
    answered.add(ticket.id)
    if (answered.size > mostAnswered) answered.delete(Math.min(...answered))
    played.actors.add(ticket.actor)
    played.trajectories++
    played.envSteps += layout.fields[0]!.shape[0] * layout.fields[0]!.shape[1]
  }

  try {
    await renew()
    tell({ type: 'playing', manifest })
    let again = false
    /** Reads one after the other that found no stream: the learner has not met this process, or has given it up. */
    let unmet = 0
    while (isCurrent && unmet < mostUnmet && !signal.aborted) {
      if (failure !== null) throw failure
      try {
        const taken = await board.take(instance, again, readWait)
        unmet = taken === null ? unmet + 1 : 0
        if (taken === null) await sleep(askEvery / 3)
        again &&= taken !== null && taken.length > 0
        for (const ticket of taken ?? []) if (isCurrent && !signal.aborted) await answerTo(ticket)
      } catch (error) {
        if (error instanceof ConfigError || /^NOPERM/.test((error as Error).message)) throw error
        // What was read may have been lost on the way.
        again = true
        await sleep(askEvery)
      }
    }
  } finally {
    clearInterval(timer)
    player.dispose()
    if (signal.aborted) await board.leave().catch(() => {})
  }
}

function openedTicket(unsealing: Unsealing, session: string, sealed: Uint8Array): RemoteTicket | null {
  try {
    return openTicket(unsealing, session, sealed)
  } catch {
    return null
  }
}

/** What plays for a run here. @throws ConfigError where it must not, or plays other bits than the learner asks for */
async function createPlayer(
  { board, allows }: RemoteActorOptions,
  manifest: Manifest,
  versions: ReadonlyMap<number, Float32Array>,
  newest: () => number,
) {
  const { version, order, settings, file } = manifest
  if (order === 'fixed' && version !== packageVersion()) {
    throw new ConfigError(
      'actor',
      `run.actorOrder=fixed wants actors that play the same bits: the run is trained by marlstrom ${version}, this is ${packageVersion()}; install that version`,
    )
  }
  const code = file === null ? null : await codeOf(board, file, allows)
  const plan = await planOfCode(settings, code)
  const backend = await createSimdBackend({ threads: 1 })
  const kept: KeptVersions = { buffer: new ArrayBuffer(0), at: version => versions.get(version)! }
  const player = actorsOfPlan(plan, backend, { versions: kept, newest })
  const difference = differenceOf(manifest, manifestParts(player.shape, player.weights))
  if (difference === null) return { ...player, dispose: () => backend.dispose() }
  throw new ConfigError('actor', `this installation would play something else than the run asks for: ${difference}`)
}

async function codeOf(board: ActorBoard, hash: string, allows: (hash: string) => boolean): Promise<string> {
  if (!allows(hash)) {
    throw new ConfigError(
      'actor',
      `the run brings a scenario file of its own, which is code that this process would run; --allow ${hash} allows this one, --trust any that the run's key has signed`,
    )
  }
  const code = await board.file(hash)
  if (code === null) throw new Error('the scenario file is not there yet')
  if (hashOfFile(code) !== hash)
    throw new ConfigError('actor', `the scenario file in Redis is not the one that was signed, ${hash}`)
  return code
}
