// The reward of a team that learns as one: what each of its agents gets where all get the same, else what a setting makes of them.
import { ConfigError } from '../errors.ts'
import { type OptionValues, optionalChoice } from '../settings/option.ts'
import type { Batch, JointStep, Matrix } from '../types.ts'
import type { TeamContext } from './algorithm.ts'
import type { TeamLearner } from './team-learner.ts'

export const teamRewards = {
  teamReward: optionalChoice(
    ['sum', 'mean'],
    'what a team gets whose agents get different rewards: their sum, or that over their number; null: such rewards are refused',
  ),
} as const

export type TeamRewardSettings = OptionValues<typeof teamRewards>

export interface TeamReward {
  /**
   * A step in which each agent gets what its team does, of those whose episode is not over; overwritten by the next call.
   * @throws ConfigError at learner.teamReward where rewards differ and it is null, naming agents, step and rewards
   */
  of(step: JointStep): JointStep
  /**
   * [rows] The same of transitions whose steps `of` was given, also of those that span several steps: sums of discounted rewards are linear.
   * Where it is null the reward is that of an agent that is there, of one that does not terminate if there is one. `of`: an agent of the
   * team, by index; default: the first that learns.
   */
  ofBatch(batch: Pick<Batch, 'rows' | 'rewards' | 'present' | 'terminated'>, of?: number): Float32Array
}

/**
 * `teamReward`: sum, or mean, the sum over the number of the team's agents, in which those whose episode is over count with 0. Teams that
 * are played by one and the same policies have a reward each.
 */
export function createTeamReward(
  { agents, indices }: Pick<TeamContext, 'agents' | 'indices'>,
  { teamReward: how }: TeamRewardSettings,
): TeamReward {
  let rewards: Matrix = { rows: 0, columns: agents.length, data: new Float32Array(0) }
  const names = [...new Set(indices.map(index => agents[index]!.team))]
  const teams = names.map(name => indices.filter(index => agents[index]!.team === name))
  const divisorOf = (members: readonly number[]) => (how === 'mean' ? members.length : 1)

  /** Of one game. */
  const ofGame = (step: JointStep, game: number, members: readonly number[]): number => {
    const { present, waiting, terminated, rewards } = step
    const [counted, own]: [number[], number[]] = [[], []]
    for (const agent of members) {
      const at = game * agents.length + agent
      if (present[at] === 0 && waiting?.[at] !== 1 && terminated[at] === 0) continue
      counted.push(agent)
      own.push(rewards.data[at]!)
    }
    if (how !== null) return own.reduce((sum, reward) => sum + reward, 0) / divisorOf(members)
    if (own.some(reward => reward !== own[0])) refuse(step, game, counted, own)
    return own[0] ?? 0
  }

  const refuse = (step: JointStep, game: number, counted: readonly number[], own: readonly number[]): never => {
    const [first] = counted as [number]
    const said = counted.map((agent, i) => `${agents[agent]!.id} ${own[i]}`)
    const most = 8
    throw new ConfigError(
      'learner.teamReward',
      `expected sum or mean where agents of team '${agents[first]!.team}' get different rewards, got null; in step ${step.step} of game ${game} ` +
        `they got ${said.slice(0, most).join(', ')}${said.length > most ? ', ...' : ''}; set learner.teamReward=sum or learner.teamReward=mean, ` +
        'or give all agents of the team the same reward',
    )
  }

  return {
    of(step) {
      if (teams.every(({ length }) => length === 1)) return step
      const { rows, columns } = step.rewards
      if (rewards.rows !== rows) rewards = { rows, columns, data: new Float32Array(rows * columns) }
      rewards.data.set(step.rewards.data)
      for (const members of teams) {
        for (let game = 0; game < rows; game++) {
          const reward = ofGame(step, game, members)
          for (const agent of members) rewards.data[game * columns + agent] = reward
        }
      }
      return { ...step, rewards }
    },
    ofBatch({ rows, rewards: { columns, data }, present, terminated }, of = indices[0]!) {
      const members = teams.find(members => members.includes(of))!
      const all = new Float32Array(rows)
      for (let row = 0; row < rows; row++) {
        const at = row * columns
        if (how !== null) {
          let sum = 0
          for (const agent of members) sum += data[at + agent]!
          all[row] = sum / divisorOf(members)
          continue
        }
        const there = members.filter(agent => present.data[at + agent] === 1)
        const goesOn = there.find(agent => terminated.data[at + agent] === 0)
        const agent = goesOn ?? there[0]
        all[row] = agent === undefined ? 0 : data[at + agent]!
      }
      return all
    },
  }
}

/** A learner whose agents all get what the team does. */
export function paidAsTeam(
  team: Pick<TeamContext, 'agents' | 'indices'>,
  settings: TeamRewardSettings,
  learner: TeamLearner,
): TeamLearner {
  const reward = createTeamReward(team, settings)
  return {
    members: learner.members,
    take: step => learner.take(reward.of(step)),
    get due() {
      return learner.due
    },
    get turn() {
      return learner.turn
    },
    advance: roster => learner.advance(roster),
    save: () => learner.save(),
    restore: saved => learner.restore(saved),
  }
}
