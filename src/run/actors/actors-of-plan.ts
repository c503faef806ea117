// The actors of a run's plan: how long their trajectories are, who acts in them, and their games, wherever they are played.
import { type ActingWeights, actingWeights } from '../../actors/actor-weights.ts'
import { createTicketPlayer, type TicketPlayer, type TicketPlayerOptions } from '../../actors/ticket-player.ts'
import type { TrajectoryShape } from '../../actors/trajectory-message.ts'
import { createTrajectoryPlayer, type TrajectoryPlayer } from '../../actors/trajectory-player.ts'
import { agentsOf, stateSizeOf } from '../../envs/game-agents.ts'
import type { Backend } from '../../nn/backend.ts'
import { createRandom } from '../../random.ts'
import { readsState } from '../experience.ts'
import { gameOf } from '../find-game.ts'
import type { RunPlan } from '../plan.ts'
import { trainingPolicies } from '../policies.ts'
import { createRunMembers } from '../roster.ts'

/** What of a plan actors need. */
export type ActorsPlan = Pick<RunPlan, 'config' | 'definition' | 'players' | 'teamSettings'>

/** Steps of a trajectory where neither the settings nor the rollouts of all teams say: an episode of the particle worlds. */
const usualSteps = 25
/** Vector steps after which an actor's state is handed over again: saving all games costs as much as some of their steps. */
const stepsBetweenStates = 256
/** Trajectories after which it is at the latest: from there on all versions of the weights are kept. */
const mostBetweenStates = 16

/** Vector steps of a trajectory: as many as settings say, else as the rollouts of all teams. */
export function trajectorySteps({ config, teamSettings }: Pick<ActorsPlan, 'config' | 'teamSettings'>): number {
  const lengths = new Set([...teamSettings.values()].map(({ rolloutSteps }) => rolloutSteps))
  const [each] = lengths
  return config.run.trajectorySteps ?? (lengths.size === 1 && typeof each === 'number' ? each : usualSteps)
}

/** Trajectories of an actor between two that bring its state. */
export function statesEvery(steps: number): number {
  return Math.min(mostBetweenStates, Math.ceil(stepsBetweenStates / steps))
}

export function trajectoryShape(plan: ActorsPlan, extras: TrajectoryShape['extras']): TrajectoryShape {
  const { config, definition, teamSettings } = plan
  const game = gameOf(config, definition)()
  return {
    agents: agentsOf(game),
    games: config.run.games / config.run.actors!,
    steps: trajectorySteps(plan),
    extras,
    stateSize: readsState(teamSettings) ? stateSizeOf(game) : 0,
  }
}

/** Who plays in one thread. */
export interface ActorsHere extends TicketPlayer {
  readonly shape: TrajectoryShape
  /** Of the networks that act here. */
  readonly weights: ActingWeights
  /** Another actor with games and streams of its own. */
  createPlayer(actor: number): TrajectoryPlayer
}

/** The actors of one thread, who act by networks of their own in a backend: those that learn are at other versions. */
export function actorsOfPlan(
  plan: ActorsPlan,
  backend: Backend,
  kept: Pick<TicketPlayerOptions, 'versions' | 'newest'>,
): ActorsHere {
  const { config, definition, players } = plan
  const { seed, games: allGames } = config.run
  const create = gameOf(config, definition)
  const game = create()
  const agents = agentsOf(game)
  let turn: TrajectoryPlayer
  /** Its steps before the trajectory that it plays, and the vector steps that all had made by then. */
  let since = { own: 0, all: 0 }
  const now = () => (since.all + turn.steps - since.own) * allGames
  const { roster, parts } = createRunMembers(players, config, { backend, agents, stateParts: game.stateParts, now })
  const source = { agents, roster, parts, config }
  const extras = trainingPolicies(source, () => [], now).map(policy => policy.extras ?? [])
  const shape = trajectoryShape(plan, extras)
  const weights = actingWeights(roster, agent => parts[agent]!.learns)
  const createPlayer = (actor: number) =>
    createTrajectoryPlayer({
      actor,
      shape,
      allGames,
      create,
      random: game => createRandom(seed, 'game', game),
      policies: games => trainingPolicies(source, games, now, actor),
    })
  const player = createTicketPlayer({
    ...kept,
    weights,
    keyEvery: statesEvery(shape.steps),
    turnsTo(player, newest) {
      turn = player
      // In order of arrival some have played more than others: what is known of all is how often they were learnt from.
      since = newest === null ? { own: 0, all: 0 } : { own: player.steps, all: newest * shape.steps }
    },
    createPlayer,
  })
  return { ...player, shape, weights, createPlayer }
}
