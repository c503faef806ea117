// The learner's end of actors on other machines: it gives tickets to whoever is there, takes in what is played, and holds every claim against what was asked for.
import { randomInt, randomUUID } from 'node:crypto'
import type { Arrival, Ticket } from '../../actors/experience-source.ts'
import type { Entry, LearnerBoard } from '../../remote/learner-board.ts'
import type { Lease } from '../../remote/lease.ts'
import { type Manifest, type NetworkShape, openManifest, sealManifest } from '../../remote/manifest.ts'
import { type RunKey, unsealing } from '../../remote/run-key.ts'
import { readAnswer, sealTicket } from '../../remote/ticket-message.ts'
import { sealWeights } from '../../remote/weights-message.ts'
import type { Said } from './check-answer.ts'
import { createDesk, type Given } from './desk.ts'
import { createHandedOver } from './handed-over.ts'
import type { ReplayedPlay } from './replay-play.ts'

/** What the link tells the learner. */
export interface LinkNews {
  /** What was played, its columns already where the ticket said. */
  played(arrival: Omit<Arrival, 'memory'>): void
  /** `isDistrusted`: nor is what they played to be learnt from, as far as that has not begun. */
  lost(actors: readonly number[], isDistrusted: boolean): void
  /** What a person should know. */
  note(sentence: string): void
  /** By actor: the process that plays it. */
  players(of: readonly (string | null)[]): void
  /** What playing a trajectory throws, wherever it is played, or why nothing more can come. */
  thrown(error: unknown): void
}

export interface LinkOptions {
  readonly board: LearnerBoard
  readonly key: RunKey
  /** But for its session. */
  readonly manifest: Omit<Manifest, 'session'>
  readonly files: ReadonlyMap<string, string>
  readonly networks: readonly NetworkShape[]
  readonly actors: number
  /** Versions of the weights that are kept. */
  readonly kept: number
  weightsAt(version: number): Float32Array
  /** Whether what was played with a version can be played again. */
  knows(version: number): boolean
  /** @throws TypeError */
  check(ticket: Ticket, message: Uint8Array): Said
  /** Copies columns to where a ticket says. */
  place(ticket: Ticket, said: Said): void
  readonly replayed: ReplayedPlay
  /** Share of stretches between two states that are played again before they are learnt from. */
  readonly verify: number
  readonly keyEvery: number
  /** Environment steps of a batch, for what is said of checkpoints. */
  readonly stepsOfBatch: number
  readonly news: LinkNews
}

export interface LearnerLink {
  publish(version: number): void
  take(ticket: Ticket): void
  /** One look at who is there; at most one at a time. */
  tend(): Promise<void>
  /** Waits for answers and takes them in. Whether there were any. */
  read(): Promise<boolean>
  close(isOver: boolean): Promise<void>
}

/** Looks, a second apart at least, without a step of a process that owes a trajectory, after which others play it. No clock is asked: whoever stands still looks at nobody. */
const silentLooks = 60
/** Milliseconds without an answer of Redis after which a person is told. */
const patience = 5000
/** Tickets that are kept beyond those that are owed: some that were taken back lie among them. */
const spareTickets = 1000
/** Milliseconds that a read waits: a process that comes meanwhile is read only after it. */
const readWait = 200
/** What a state may have, in bytes, where nobody knows how large states are. */
const largestState = 64_000_000

interface Live {
  readonly instance: string
  /** The last entry that was read. */
  after: string
  steps: number
  /** Looks since its steps last rose, or it owed nothing. */
  looks: number
}

const range = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

export function createLearnerLink(options: LinkOptions): LearnerLink {
  const { board, key, files, networks, actors, kept, replayed, verify, keyEvery, news } = options
  const { weightsAt, knows, check, place } = options
  const manifest: Manifest = { ...options.manifest, session: randomUUID() }
  const sealed = sealManifest(key, manifest)
  const { session } = manifest
  const opening = unsealing(key.publicKey)
  /** Whether a learner of the run has put a manifest there; anybody may have put something else. */
  const isSigned = (other: Uint8Array) => {
    try {
      openManifest(opening, other)
      return true
    } catch {
      return false
    }
  }
  const desk = createDesk(actors)
  /** Whether others may play than those who play the same bits: then nobody can say what a game would have thrown. */
  const takesOthers = manifest.order === 'arrival' && verify === 0
  const live = new Map<string, Live>()
  const banned = new Set<string>()
  const refusalsSaid = new Set<string>()
  /** By their start, the steps of processes that did not move any more. */
  const stuck = new Map<string, number>()
  const handedOver = createHandedOver(options.stepsOfBatch)
  /** By actor: whether the stretch that it is in is played again. */
  const verified = new Map<number, boolean>()
  let [first, newest] = [-1, -1]
  let isOpen = false
  let isSilent = false
  let told = ''

  const tellPlayers = () => {
    const of = Array.from({ length: actors }, (_, actor) => desk.ownerOf(actor))
    if (of.join() === told) return
    told = of.join()
    news.players(of)
  }
  const lose = (lost: readonly number[], isDistrusted = false) => {
    if (lost.length > 0) news.lost(lost, isDistrusted)
  }
  /** All that was put there may be gone: it is put there again, and all is asked for again. */
  const failed = (error: unknown) => {
    const { message } = error as Error
    if (/^(NOPERM|WRONGPASS|NOAUTH)/.test(message))
      return news.thrown(new Error(`Redis refuses the learner: ${message}`))
    isOpen = false
    if (!isSilent)
      news.note(`Redis does not do what it is asked to (${message}); the run waits, and then asks for all again`)
    isSilent = true
  }
  const attempt = (work: Promise<unknown>) => void work.catch(failed)

  const send = (all: readonly Given[]) => {
    for (const { id, ticket, to } of all) {
      const { place, ...asked } = ticket
      const { instance } = live.get(to)!
      attempt(
        board.give(
          to,
          sealTicket(key, { ...asked, id, session, instance, wanted: place !== null }),
          4 * desk.owed(to) + spareTickets,
        ),
      )
    }
  }
  const putWeights = (version: number) =>
    board.publish(
      version,
      sealWeights(key, session, networks, { version, parameters: weightsAt(version) }),
      version - kept,
    )
  const oldest = () => Math.max(first, newest - kept + 1)
  const open = async () => {
    await board.open(sealed, files)
    for (let version = oldest(); version >= 0 && version <= newest; version++) await putWeights(version)
    for (const name of live.keys()) lose(desk.leave(name))
    live.clear()
    isOpen = true
    if (isSilent) news.note('Redis is there again; what was under way is played again')
    isSilent = false
  }
  const leave = async (name: string, reason: string | null) => {
    live.delete(name)
    lose(desk.leave(name), reason !== null)
    await board.forget(name, reason)
  }
  /** Nothing more is taken of it. */
  const ban = (name: string, reason: string) => {
    banned.add(name)
    news.note(`actor process ${name} is dropped: ${reason}`)
    attempt(leave(name, reason))
  }
  /** Why a process cannot play for this run; null: it can. */
  const unfit = ({ version, exact }: Lease): string | null => {
    if (takesOthers || (exact && version === manifest.version)) return null
    const setting = manifest.order === 'fixed' ? 'run.actorOrder=fixed' : `run.verifyActors=${verify}`
    return `${setting} wants actors that play the same bits: marlstrom ${manifest.version}, got ${version}${exact ? '' : ', another program'}; run.actorOrder=arrival with run.verifyActors=0 takes them`
  }
  const join = async (name: string, lease: Lease) => {
    const reason = unfit(lease)
    if (reason !== null) {
      const said = `${name} ${lease.instance}`
      if (!refusalsSaid.has(said)) news.note(`actor process ${name} is refused: ${reason}`)
      refusalsSaid.add(said)
      return await board.forget(name, reason)
    }
    await board.welcome(name)
    live.set(name, { instance: lease.instance, after: '0', steps: lease.steps, looks: 0 })
    send(desk.join(name))
  }
  const meet = async () => {
    const leases = await board.leases()
    for (const [name, { instance }] of live) if (leases.get(name)?.instance !== instance) await leave(name, null)
    for (const [name, lease] of leases) {
      if (lease.session !== session || banned.has(name)) continue
      const known = live.get(name)
      if (known === undefined) {
        // One that stood still gets something again when it moves, or where there is nobody else: what it was asked for may be gone.
        if (live.size === 0 || lease.steps > (stuck.get(lease.instance) ?? -1)) await join(name, lease)
      } else if (lease.steps > known.steps || desk.owed(name) === 0) {
        Object.assign(known, { steps: lease.steps, looks: 0 })
      } else if (++known.looks > silentLooks) {
        news.note(`actor process ${name} has not moved for ${silentLooks} s; its actors are given to others`)
        stuck.set(lease.instance, lease.steps)
        await leave(name, null)
      }
    }
  }
  /** Nobody can fill the memory of Redis, or of the learner, by answering what was not asked. */
  const guardBacklogs = async () => {
    for (const name of live.keys()) {
      const [entries, bytes] = await board.backlog(name)
      const most = 2 * (desk.owed(name) + 8)
      if (entries > most) ban(name, `${entries} answers wait where it owes fewer than ${most}`)
      else if (bytes > most * (2 * manifest.trajectory.bytes + largestState))
        ban(name, `its answers take ${bytes} bytes, more than trajectories do`)
    }
  }

  const accept = (name: string, ticket: Ticket, said: Said, isSeen: boolean) => {
    const { actor, number } = ticket
    replayed.accepted(ticket, said)
    if (said.state !== null) replayed.begin(actor, number + 1, said.state)
    handedOver.add(name, actor, number, isSeen)
    news.played({ ticket, version: said.version, state: said.state })
  }
  const isVerified = ({ actor, number, from }: Ticket) => {
    if (from !== undefined || number % keyEvery === 0 || !verified.has(actor)) {
      // Nobody can foresee it, and it changes no bit.
      verified.set(actor, verify > 0 && randomInt(2 ** 32) < verify * 2 ** 32)
    }
    return verified.get(actor)!
  }
  const takeIn = ({ name, fields }: Entry) => {
    const answer = readAnswer(fields)
    if (answer.session !== session) return
    const ticket = desk.find(name, answer.ticket)
    // A Redis that came again with an older state has lost answers that it had: the next look finds that out.
    if (ticket === 'stale' || ticket === 'early') return
    if (ticket === 'foreign') throw new TypeError(`answered ticket ${answer.ticket}, which is not its own`)
    if (answer.message === null) {
      // Of a game that throws wherever it is played, or of nothing at all.
      if (!takesOthers) replayed.play(ticket)
      throw new TypeError(`could not play a trajectory that can be played: ${answer.thrown?.slice(0, 200)}`)
    }
    const said = check(ticket, answer.message)
    // Of one that took too long nobody can say any more whether it is a lie: it is asked for again.
    if (!knows(said.version)) return lose(desk.lose(ticket.actor))
    const isSeen = isVerified(ticket)
    if (isSeen) {
      const difference = replayed.differs(ticket, said)
      if (difference !== null) {
        const { actor, number } = ticket
        throw new TypeError(
          `trajectory ${number} of actor ${actor} is not what playing it gives: ${difference}; ${handedOver.consequences(name)}`,
        )
      }
    }
    place(ticket, said)
    desk.done(answer.ticket)
    accept(name, ticket, said, isSeen)
  }
  const takeOne = (entry: Entry) => {
    const known = live.get(entry.name)
    if (known === undefined) return
    known.after = entry.id
    try {
      takeIn(entry)
    } catch (error) {
      if (!(error instanceof TypeError)) return news.thrown(error)
      ban(entry.name, error.message)
    }
  }

  return {
    publish(version) {
      // A run that goes on makes older versions known first, and one that was restored begins anew.
      if (first < 0 || version < first || version > newest + 1) first = version
      newest = version
      if (isOpen) attempt(putWeights(version))
    },
    take(ticket) {
      if (ticket.from !== undefined) replayed.begin(ticket.actor, ticket.number, ticket.from)
      send(desk.take(ticket))
      tellPlayers()
    },
    async tend() {
      const impatience = setTimeout(() => {
        if (!isSilent) news.note('Redis does not answer; the run waits')
        isSilent = true
      }, patience)
      try {
        if (!isOpen) await open()
        const found = await board.check(sealed, newest < 0 ? [] : range(oldest(), newest), isSigned)
        if (found === 'taken') {
          return news.thrown(new Error('another learner trains this run on the same Redis; end one of them'))
        }
        if (found === 'lost') throw new Error('what was there is gone')
        await meet()
        lose(desk.level())
        await guardBacklogs()
        tellPlayers()
        if (isOpen && isSilent) news.note('Redis answers again')
        if (isOpen) isSilent = false
      } catch (error) {
        failed(error)
      } finally {
        clearTimeout(impatience)
      }
    },
    async read() {
      const asked = new Map(live)
      const after = new Map([...asked].map(([name, { after }]) => [name, after]))
      const taken = new Map<string, string[]>()
      if (after.size === 0 || !isOpen) return await new Promise(done => setTimeout(done, readWait / 4, false))
      try {
        await board.read(after, readWait, entry => {
          // Where a process was met anew meanwhile, what came may be of its streams before, or of the new ones, which are read from their beginning.
          if (live.get(entry.name) !== asked.get(entry.name)) return
          const ids = taken.get(entry.name) ?? []
          taken.set(entry.name, ids)
          ids.push(entry.id)
          takeOne(entry)
        })
        for (const [name, ids] of taken) attempt(board.drop(name, ids))
      } catch (error) {
        failed(error)
        await new Promise(done => setTimeout(done, readWait))
      }
      return taken.size > 0
    },
    close: isOver => board.close(isOver ? sealManifest(key, { ...manifest, over: true }) : null),
  }
}
