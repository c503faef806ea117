// Who is in a game: which agents act, which wait, where lives begin and end. The rules: docs/games.md, "Who is present".
import { GameError } from '../errors.ts'
import type { AgentSpec, Saved, Stateful } from '../types.ts'
import type { MarkovGame } from './markov-game.ts'

/** Of games side by side; [games, agents] flags as they stand after the last `begin` or `step` of each game. */
export interface Lives extends Stateful {
  /** 1: the agent acts in the next step. */
  readonly present: Uint8Array
  /** 1: it is absent, and its life goes on. */
  readonly waiting: Uint8Array
  /** 1: a life of it begins with what it sees now. */
  readonly begun: Uint8Array
  /** 1: its life was under way in the last step, in which it acted or waited. */
  readonly lived: Uint8Array
  /** 1: its life ended with the last step. */
  readonly ended: Uint8Array
  /** [games] 1: the episode is over: truncated, or nobody is present and nobody waits. */
  readonly over: Uint8Array
  /** [games] Steps of the episode. */
  readonly steps: Int32Array
  /** Reads who is there when an episode of a game has begun. @throws GameError as `step` */
  begin(game: number): void
  /** Reads who is there amid an episode whose past is not known: who is absent without having terminated counts as waiting. */
  join(game: number): void
  /**
   * Reads what a step of a game made of everybody.
   * @throws GameError naming agent and step where an agent is paid while no life of it is under way, or where one that may not
   * be absent waits, comes late or returns.
   */
  step(game: number): void
}

/** What is read of a game. */
export type LivingGame = Pick<MarkovGame, 'id' | 'present' | 'terminated' | 'truncated' | 'rewards'>

/** Of games with these agents, as `agentsOf` gives them, whose first episodes are yet to begin. */
export function createLives(agents: readonly AgentSpec[], games: readonly LivingGame[]): Lives {
  const flags = () => new Uint8Array(games.length * agents.length)
  const [present, waiting, begun, lived, ended] = [flags(), flags(), flags(), flags(), flags()]
  const over = new Uint8Array(games.length).fill(1)
  const steps = new Int32Array(games.length)
  const mayBeAbsent = agents.map(agent => agent.mayBeAbsent === true)
  /** [games] 1: everybody has been there and alive since the episode's second step, so that no flag changes while that is so. */
  const steady = new Uint8Array(games.length)

  const refuse = (game: number, agent: number, sentence: string, member = 'present'): never => {
    const place = { step: steps[game]!, member, agent }
    throw new GameError(`${games[game]!.id}: ${agents[agent]!.id} ${sentence}`, place, undefined)
  }

  return {
    present,
    waiting,
    begun,
    lived,
    ended,
    over,
    steps,
    begin(game) {
      const source = games[game]!
      steps[game] = 0
      over[game] = 0
      steady[game] = 0
      for (let agent = 0, at = game * agents.length; agent < agents.length; agent++, at++) {
        const acts = source.present[agent] === 1 && source.terminated[agent] === 0
        present[at] = acts ? 1 : 0
        begun[at] = present[at]!
        waiting[at] = 0
        lived[at] = 0
        ended[at] = 0
        if (!acts && !mayBeAbsent[agent]) refuse(game, agent, `is not there when an episode begins; ${remedy}`)
      }
    },
    join(game) {
      const source = games[game]!
      steady[game] = 0
      for (let agent = 0, at = game * agents.length; agent < agents.length; agent++, at++) {
        const goesOn = source.terminated[agent] === 0
        present[at] = goesOn && source.present[agent] === 1 ? 1 : 0
        waiting[at] = goesOn && present[at] === 0 ? 1 : 0
        begun[at] = 0
        lived[at] = goesOn ? 1 : 0
        ended[at] = 0
      }
      const from = game * agents.length
      const isOver = lived.subarray(from, from + agents.length).every(lives => lives === 0)
      over[game] = source.truncated || isOver ? 1 : 0
    },
    step(game) {
      const source = games[game]!
      steps[game]!++
      if (steady[game] === 1 && everybodyGoesOn(source, agents.length)) {
        over[game] = source.truncated ? 1 : 0
        return
      }
      let goesOn = false
      let stays = true
      for (let agent = 0, at = game * agents.length; agent < agents.length; agent++, at++) {
        const inLife = present[at] === 1 || waiting[at] === 1
        if (!inLife && source.rewards[agent] !== 0) refuse(game, agent, unaccounted(source.rewards[agent]!), 'reward')
        const terminated = source.terminated[agent] === 1
        const acts = source.present[agent] === 1 && !terminated
        const waits = inLife && !terminated && !acts
        lived[at] = inLife ? 1 : 0
        ended[at] = inLife && terminated ? 1 : 0
        present[at] = acts ? 1 : 0
        begun[at] = acts && !inLife ? 1 : 0
        waiting[at] = waits ? 1 : 0
        if (acts || waits) goesOn = true
        if (!acts || begun[at] === 1) stays = false
        if (mayBeAbsent[agent]) continue
        if (waits) refuse(game, agent, `waits: it is not present, and has not terminated; ${remedy}`)
        if (acts && !inLife) refuse(game, agent, `returns after it had terminated; ${remedy}`)
      }
      over[game] = source.truncated || !goesOn ? 1 : 0
      steady[game] = stays ? 1 : 0
    },
    save: (): Saved => ({ present, waiting, begun, lived, ended, over, steps }),
    restore(saved) {
      const state = saved as Readonly<Record<string, Uint8Array>>
      const all = { present, waiting, begun, lived, ended, over, steps }
      for (const [name, flags] of Object.entries(all)) flags.set(state[name]!)
      steady.fill(0)
    },
  }
}

/** Whether all agents of a game act in the next step, as far as their own flags say. */
function everybodyGoesOn({ present, terminated }: LivingGame, agents: number): boolean {
  for (let agent = 0; agent < agents; agent++) if (present[agent] !== 1 || terminated[agent] === 1) return false
  return true
}

const remedy = 'a game whose agents wait, come late or return must declare absences: true (docs/games.md)'

function unaccounted(reward: number): string {
  return (
    `got a reward of ${reward} while no life of it was under way, so that it counts at no step of its own: expected 0; ` +
    'pay an agent while it is in the game or waits'
  )
}
