// The state of a particle world as sets: agents team by team and landmarks, as many as there are.

import { cos, sin } from '../elementary.ts'
import { type Agent, type Landmark, shortWay } from './entity.ts'
import type { SeeState, StatePiece } from './scenario.ts'
import type { World } from './world.ts'

/**
 * What writes the state: a set per team of agents, scripted ones included, and one of landmarks. A piece says where one is, how it moves, where
 * it looks if anybody turns, what it said last if anybody speaks, and the way from an agent to its goal if there are goals. Who is not there is
 * a piece of zeros.
 */
export function createStateSets(world: World): (see: SeeState, goalOf?: (agent: Agent) => number) => void {
  const { landmarks } = world
  const actors: readonly Agent[] = [...world.agents, ...world.scriptedAgents]
  const teams = new Map<string, Agent[]>()
  for (const agent of actors) teams.set(agent.team, [...(teams.get(agent.team) ?? []), agent])
  const turns = actors.some(({ dynamics }) => dynamics === 'differential')
  const speaks = actors.some(agent => agent.speaks)
  const drifts = landmarks.some(({ moves }) => moves)
  let goalOf: ((agent: Agent) => number) | undefined

  const writeAgent = (piece: StatePiece, agent: Agent) => {
    piece.vector(agent.position)
    piece.vector(agent.velocity)
    if (turns) {
      piece.number(cos(agent.heading))
      piece.number(sin(agent.heading))
    }
    if (speaks) piece.numbers(agent.utterance)
    if (goalOf === undefined) return
    const goal = agent.scripted ? -1 : goalOf(agent)
    const { position, wraps, period } = agent
    const x = goal < 0 ? 0 : landmarks[goal]!.position.x - position.x
    const y = goal < 0 ? 0 : landmarks[goal]!.position.y - position.y
    piece.number(wraps ? shortWay(x, period) : x)
    piece.number(wraps ? shortWay(y, period) : y)
  }
  const writeLandmark = (piece: StatePiece, landmark: Landmark) => {
    piece.vector(landmark.position)
    if (drifts) piece.vector(landmark.velocity)
  }
  return (see, goal) => {
    goalOf = goal
    for (const [team, agents] of teams) see.set(team, agents, writeAgent)
    see.set('landmarks', landmarks, writeLandmark)
  }
}
