// A team that is played by earlier copies of another team's policies: in each episode by one of them, drawn from a pool (Bansal et al. 2018).
import { type Actor, type ActorConfig, createActor } from '../agents/actor.ts'
import { createActorPolicy } from '../agents/actor-policy.ts'
import { createEnsembleActor } from '../agents/ensemble-actor.ts'
import type { Act, Policy } from '../agents/policy.ts'
import { episodeOver } from '../episode-over.ts'
import type { Member, PolicyStreams } from '../learning/member.ts'
import type { Backend } from '../nn/backend.ts'
import { createRandom, type Random } from '../random.ts'
import type { AgentSpec, JointStep, Matrix, Saved, Stateful } from '../types.ts'

/** How the pool is filled and drawn from: settings of the team. */
export interface PastSettings {
  readonly pastEvery: number
  readonly pastKept: number
  readonly pastLatest: number
}

/** Agents of such a team, and when the pool grows: its state is how many episodes that took so far. */
export interface PastTeam extends Stateful {
  /** In agent order. Each keeps, and saves, the copies of its own policy. */
  readonly members: readonly Member[]
  /** Counts the episodes that end; after `pastEvery` of them the policies as they are now are copied into the pool. */
  take(step: JointStep): void
}

/** Whose policies are copied, agent by agent. */
export interface PastSource {
  readonly agent: AgentSpec
  /** The agent whose policy it is. */
  readonly of: Member
  /** How that one's actor acts. */
  readonly acting: ActorConfig
}

/** The pool begins with the policies as they are before anything is learnt. */
export function createPastTeam(
  backend: Backend,
  team: string,
  sources: readonly PastSource[],
  settings: PastSettings,
): PastTeam {
  const pools = sources.map(({ of }) => createPool(of.actor, settings.pastKept))
  let episodes = 0
  const members = sources.map(({ agent, of, acting }, i): Member => {
    const pool = pools[i]!
    const copy = createCopy(backend, agent, of.actor, acting)
    return {
      // Everybody who asks for one gets the newest; nobody can read who is played in an episode.
      actor: of.actor,
      isReadable: false,
      createPolicy(streams) {
        const draws = streams.share(`past ${team}`, () => createDraws(pools[0]!, settings, streams.ofTeam('past')))
        return createPastPolicy(copy, pool, i, draws, streams)
      },
      save: pool.save,
      restore: pool.restore,
    }
  })
  return {
    members,
    take(step) {
      const before = episodes
      for (let game = 0; game < step.truncated.length; game++) if (episodeOver(step, game)) episodes++
      const due = Math.floor(episodes / settings.pastEvery) > Math.floor(before / settings.pastEvery)
      if (due) for (const pool of pools) pool.add()
    },
    save: () => ({ episodes }),
    restore(saved) {
      ;({ episodes } = saved as { episodes: number })
    },
  }
}

/** The parameters of a policy, a row for each network of it. */
type Parameters = readonly Float32Array[]

interface Pool extends Stateful {
  /** Copies that ever came; the newest has the number `added` - 1. */
  readonly added: number
  readonly kept: number
  /** The copy of a number, the oldest that is kept where it is older; `latest`: the policy as it is now. */
  copy(number: number): Parameters
  add(): void
}

/** The number of the policy as it is. */
const latest = -1

function createPool({ networks }: Actor, most: number): Pool {
  const now = (): Parameters => networks.map(({ parameters }) => Float32Array.from(parameters))
  let copies: Parameters[] = [now()]
  let added = 1
  return {
    get added() {
      return added
    },
    get kept() {
      return copies.length
    },
    copy: number => (number === latest ? now() : copies[Math.max(0, number - added + copies.length)]!),
    add() {
      copies.push(now())
      added++
      if (copies.length > most) copies.shift()
    },
    save: (): Saved => ({ added, copies: copies.map(parameters => [...parameters]) }),
    restore(saved) {
      const state = saved as { readonly added: number; readonly copies: readonly Parameters[] } | null
      if (state?.copies === undefined) throw new RangeError('nothing was saved of copies; expected those of a pool')
      for (const parameters of state.copies) demandFitting(parameters, networks)
      copies = state.copies.slice(-most).map(parameters => parameters.map(numbers => Float32Array.from(numbers)))
      added = state.added
    },
  }
}

/** An actor of its own that can be any of the copies, one after the other. */
interface Copy {
  readonly actor: Actor
  become(parameters: Parameters): void
}

function createCopy(backend: Backend, agent: AgentSpec, of: Actor, acting: ActorConfig): Copy {
  const networks = of.networks.map(({ spec }) => backend.network(spec, createRandom(0)))
  const actors = networks.map(network => createActor(backend, agent, acting, network, of.identity))
  const actor = actors.length === 1 ? actors[0]! : createEnsembleActor(backend, actors)
  let current: Parameters | null = null
  return {
    actor,
    become(parameters) {
      if (parameters === current) return
      networks.forEach((network, i) => void network.parameters.set(parameters[i]!))
      current = parameters
    },
  }
}

/** Whom the team plays as in each game: drawn once for all of its agents. */
interface Draws extends Stateful {
  /** A life of an agent of the team, by its place in it, begins in a game: the number of the copy that plays it. */
  begin(game: number, agent: number): number
}

function createDraws(pool: Pool, { pastLatest }: PastSettings, random: Random): Draws {
  /** By game, the number that was drawn, and which agents have begun by it. */
  let games: { number: number; begun: number[] }[] = []
  return {
    begin(game, agent) {
      const drawn = games[game]
      if (drawn !== undefined && !drawn.begun.includes(agent)) {
        drawn.begun.push(agent)
        return drawn.number
      }
      const number = random.uniform() < pastLatest ? latest : pool.added - pool.kept + random.integer(pool.kept)
      games[game] = { number, begun: [agent] }
      return number
    },
    save: () => ({ random: random.save(), games: Array.from(games, game => game ?? null) }),
    restore(saved) {
      const state = saved as { random: Saved; games: readonly ({ number: number; begun: number[] } | null)[] }
      random.restore(state.random)
      games = state.games.map(game => (game === null ? undefined : { ...game, begun: [...game.begun] })) as typeof games
    },
  }
}

/** One game: who plays in it, and what it remembers. */
interface Played {
  parameters: Parameters
  readonly policy: Policy
}

function createPastPolicy(
  { actor, become }: Copy,
  pool: Pool,
  place: number,
  draws: Draws,
  { noise, random }: PolicyStreams,
): Policy {
  let played: Played[] = []
  const inGame = (game: number): Played => {
    for (let next = played.length; next <= game; next++) {
      const policy = createActorPolicy(actor, noise(`past ${next}`), random(`past ${next}`))
      played.push({ parameters: pool.copy(latest), policy })
    }
    return played[game]!
  }
  return {
    act(request) {
      const { actions, restarted, present } = request
      for (let game = 0; game < actions.rows; game++) {
        if (present !== undefined && present[game] === 0) continue
        const it = inGame(game)
        if (restarted[game] === 1) it.parameters = pool.copy(draws.begin(game, place))
        become(it.parameters)
        it.policy.act(inOneGame(request, game))
      }
    },
    probabilities(observations) {
      const answers = played.map(({ parameters, policy }, game) => {
        become(parameters)
        return Float32Array.from(policy.probabilities!(rowOf(observations, game)).data)
      })
      const columns = answers[0]!.length
      const data = new Float32Array(answers.length * columns)
      answers.forEach((answer, game) => void data.set(answer, game * columns))
      return { rows: answers.length, columns, data }
    },
    save: (): Saved => ({
      draws: draws.save(),
      played: played.map(({ parameters, policy }) => ({ parameters: [...parameters], policy: policy.save() })),
    }),
    restore(saved) {
      const state = saved as { draws: Saved; played: readonly { parameters: Parameters; policy: Saved }[] }
      draws.restore(state.draws)
      played = []
      state.played.forEach(({ parameters, policy }, game) => {
        demandFitting(parameters, actor.networks)
        const it = inGame(game)
        it.parameters = parameters.map(numbers => Float32Array.from(numbers))
        it.policy.restore(policy)
      })
    },
  }
}

function inOneGame({ observations, restarted, explore, actions }: Act, game: number): Act {
  return {
    observations: rowOf(observations, game),
    restarted: restarted.subarray(game, game + 1),
    explore,
    actions: rowOf(actions, game),
    extras: [],
  }
}

/** A view of one row. */
function rowOf<M extends Matrix & { readonly mask?: Matrix }>(matrix: M, row: number): Matrix & { mask?: Matrix } {
  const { columns, data, mask } = matrix
  const own = { rows: 1, columns, data: data.subarray(row * columns, (row + 1) * columns) }
  return mask === undefined ? own : { ...own, mask: rowOf(mask, row) }
}

function demandFitting(parameters: Parameters, networks: Actor['networks']): void {
  const [expected, got] = [networks.map(it => it.parameters.length), parameters.map(({ length }) => length)]
  if (expected.join() === got.join()) return
  throw new RangeError(`a copy in the pool: expected networks of ${expected} parameters, got ${got}`)
}
