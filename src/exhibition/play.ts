// One game being played: observations and next actions are computed once for each state, when they are first asked for.

import type { Policy } from '../agents/policy.ts'
import type { Frame } from '../envs/frame.ts'
import { agentsOf } from '../envs/game-agents.ts'
import { createLives } from '../envs/lives.ts'
import type { MarkovGame } from '../envs/markov-game.ts'
import { createMaskReader } from '../envs/mask-reader.ts'
import type { Random } from '../random.ts'
import { copySaved } from '../saved.ts'
import { actionSize, allowChoices } from '../spaces.ts'
import type { Matrix, Saved, Seen } from '../types.ts'

export interface Play {
  readonly game: MarkovGame
  /** True where the next thing to do is to begin an episode. */
  readonly over: boolean
  /** Steps since the episode began. */
  readonly steps: number
  /** Another policy for an agent. */
  setPolicy(agent: number, policy: Policy): void
  /** Begins an episode, whose chance is `random`. */
  begin(random: Random): void
  /** In the episode that was begun, goes on from another state of it; policies that remember begin anew there. */
  resume(state: PlayState): void
  /** Moves everybody. */
  step(): void
  /** An entity is put elsewhere. @throws RangeError where it cannot be */
  drag(entity: number, x: number, y: number): void
  /** Per agent, [1, size]: what it sees, and what it will do; of absent agents zeros. Overwritten with the next state. */
  next(): { readonly observations: readonly Seen[]; readonly actions: readonly Matrix[] }
  /** What the agent's policy chose its next action from; null where it does not say. */
  probabilities(agent: number): Matrix | null
  /** The values of the alternatives of which it took the best; null where it does not act by values. */
  actionValues(agent: number): Matrix | null
  /** What there is to see. */
  picture(): Omit<Frame, 'number' | 'at' | 'episode'>
}

/** How an episode stands. */
export interface PlayState {
  /** What the game saved. */
  readonly game: Saved
  /** Steps since the episode began. */
  readonly steps: number
  /** Per agent, sum of the rewards so far. */
  readonly returns: Float32Array
}

export interface PlayOptions {
  /** The action row of an agent that a viewer controls; null: its policy acts. What of it is not allowed is not done (`allowChoices`). */
  readonly manualAction?: (agent: number) => Matrix | null
  /** Whether policies sample as in training; default: their best guesses. */
  readonly explore?: boolean
}

/** A game to be played by policies that are set afterwards. */
export function createPlay(game: MarkovGame, { manualAction = () => null, explore = false }: PlayOptions = {}): Play {
  const agents = agentsOf(game)
  const lives = createLives(agents, [game])
  const masks = agents.map(agent => (agent.isMasked === true ? createMaskReader(agent) : null))
  const observations = agents.map(
    ({ observationSize, actionSpace, isMasked }): Seen =>
      isMasked === true ? { ...row(observationSize), mask: row(actionSize(actionSpace)) } : row(observationSize),
  )
  const chosen = agents.map(({ actionSpace }) => row(actionSize(actionSpace)))
  const doubles = agents.map(({ observationSize }) => new Float64Array(observationSize))
  const restarted = agents.map(() => new Uint8Array(1).fill(1))
  /** Per agent that may be absent, whether it acts now; policies of others are always asked. */
  const present = agents.map(({ mayBeAbsent }) => (mayBeAbsent === true ? new Uint8Array(1) : null))
  const policies: Policy[] = []
  const returns = new Float64Array(agents.length)
  const played = new Float32Array(chosen.reduce((size, { columns }) => size + columns, 0))
  let steps = -1
  let placed = false
  /** Whether `observations` and `chosen` are those of the present state. */
  let decided = false
  /** What the policies were before they were asked ahead of the step; null: they were not. */
  let before: readonly Saved[] | null = null

  /** Writes what an agent sees and may do; of one that is absent zeros, and ones. */
  const look = (agent: number) => {
    const { data, mask } = observations[agent]!
    const there = lives.present[agent] === 1
    if (there) {
      game.observe(agent, doubles[agent]!)
      data.set(doubles[agent]!)
      if (mask !== undefined) masks[agent]!(game, agent, mask, 0, steps)
    } else {
      data.fill(0)
      mask?.data.fill(1)
    }
  }
  const decide = () => {
    if (decided) return
    agents.forEach((_, agent) => {
      look(agent)
      const there = lives.present[agent]!
      present[agent]?.fill(there)
      policies[agent]!.act({
        observations: observations[agent]!,
        restarted: present[agent] === null || there === 1 ? restarted[agent]! : noRestart,
        ...(present[agent] === null ? {} : { present: present[agent] }),
        explore,
        actions: chosen[agent]!,
        extras: [],
      })
      if (there === 0) chosen[agent]!.data.fill(0)
    })
    decided = true
  }
  const actions = () => chosen.map((own, agent) => (lives.present[agent] === 1 ? byHand(agent) : null) ?? own)
  const byHand = (agent: number): Matrix | null => {
    const wished = manualAction(agent)
    const { mask } = observations[agent]!
    if (wished === null || mask === undefined) return wished
    const allowed = { ...wished, data: Float32Array.from(wished.data) }
    allowChoices(agents[agent]!.actionSpace, allowed.data, mask.data)
    return allowed
  }
  /** The state has changed without a step: policies that were asked ahead are put back to before they were asked. */
  const withdraw = () => {
    if (before !== null) policies.forEach((policy, agent) => void policy.restore(before![agent]!))
    decided = false
    before = null
  }

  return {
    game,
    get over() {
      return steps < 0 || lives.over[0] === 1
    },
    get steps() {
      return steps
    },
    setPolicy(agent, policy) {
      if (policies[agent] !== undefined) withdraw()
      policies[agent] = policy
      restarted[agent]![0] = 1
    },
    begin(random) {
      if (steps >= 0) withdraw()
      game.reset(random)
      lives.begin(0)
      returns.fill(0)
      played.fill(0)
      for (const flag of restarted) flag[0] = 1
      steps = 0
      placed = false
    },
    resume(state) {
      withdraw()
      game.restore(state.game)
      lives.join(0)
      returns.set(state.returns)
      steps = state.steps
    },
    step() {
      decide()
      const joint = actions()
      game.step(joint, 0)
      let at = 0
      joint.forEach(({ data }, agent) => {
        played.set(data, at)
        at += data.length
        if (present[agent] === null || lives.present[agent] === 1) restarted[agent]![0] = 0
        returns[agent]! += game.rewards[agent]!
      })
      lives.step(0)
      lives.begun.forEach((begins, agent) => {
        if (begins === 1) restarted[agent]![0] = 1
      })
      steps++
      placed = false
      decided = false
      before = null
    },
    drag(entity, x, y) {
      if (game.handles?.drag === undefined) throw new RangeError(`${game.id}: nothing in it can be put elsewhere`)
      game.handles.drag(entity, x, y)
      withdraw()
      played.fill(0)
      placed = true
    },
    next() {
      if (!decided) {
        before = policies.map(policy => copySaved(policy.save()))
        decide()
      }
      return { observations, actions: actions() }
    },
    probabilities(agent) {
      this.next()
      return policies[agent]!.probabilities?.(observations[agent]!) ?? null
    },
    actionValues(agent) {
      this.next()
      return policies[agent]!.actionValues?.(observations[agent]!) ?? null
    },
    picture() {
      const picture = new Float32Array(game.frames?.schema.size ?? 0)
      game.frames?.write(picture)
      const still = steps === 0 || placed
      return {
        step: steps,
        restarted: steps === 0 && !placed,
        placed,
        rewards: still ? new Float32Array(agents.length) : Float32Array.from(game.rewards),
        returns: Float32Array.from(returns),
        actions: played.slice(),
        row: picture,
      }
    },
  }
}

const noRestart = new Uint8Array(1)

function row(columns: number): Matrix {
  return { rows: 1, columns, data: new Float32Array(columns) }
}
