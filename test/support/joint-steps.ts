// Joint steps whose every number says where it belongs.
import { createJointStepLayout } from '../../src/envs/joint-step.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import type { AgentSpec, JointStep } from '../../src/types.ts'

const moves: ActionSpace = [{ name: 'move', kind: 'choice', size: 2, soft: true }]

/** Agents by the sizes of their observations, with actions of two numbers unless said otherwise. */
export function agentsOf(observationSizes: readonly number[], space: ActionSpace = moves): AgentSpec[] {
  return observationSizes.map((observationSize, agent) => ({
    id: `agent_${agent}`,
    team: 'agent',
    observationSize,
    observationParts: [{ name: 'all', size: observationSize }],
    actionSpace: space,
  }))
}

/** Row `row` of a run as the numbers that `numberedSteps` writes, exact in float32. */
export const rowNumbers = {
  observation: (row: number, agent: number, c: number) => row + agent / 4 + c / 64,
  action: (row: number, agent: number, c: number) => -row - agent / 4 - c / 64,
  nextObservation: (row: number, agent: number, c: number) => row + 0.5 + agent / 4 + c / 64,
  reward: (row: number, agent: number) => 2 * row + agent / 4,
  present: (row: number, agent: number) => ((row + agent) % 5 === 0 ? 0 : 1),
  terminated: (row: number, agent: number) => ((row + agent) % 3 === 0 ? 1 : 0),
}

/** The joint steps number `first` ... of K games, counted from 0: row step * K + game. */
export function numberedSteps(agents: readonly AgentSpec[], games: number, count: number, first = 0): JointStep[] {
  const allocate = createJointStepLayout(agents, games)
  return Array.from({ length: count }, (_, i) => {
    const step = allocate(first + i + 1)
    for (let game = 0; game < games; game++) {
      const row = (first + i) * games + game
      agents.forEach((spec, agent) => {
        const { observation, action, nextObservation, reward, present, terminated } = rowNumbers
        const at = game * agents.length + agent
        for (let c = 0; c < spec.observationSize; c++) {
          step.observations[agent]!.data[game * spec.observationSize + c] = observation(row, agent, c)
          step.nextObservations[agent]!.data[game * spec.observationSize + c] = nextObservation(row, agent, c)
        }
        const size = actionSize(spec.actionSpace)
        for (let c = 0; c < size; c++) step.actions[agent]!.data[game * size + c] = action(row, agent, c)
        step.rewards.data[at] = reward(row, agent)
        step.present[at] = present(row, agent)
        step.terminated[at] = terminated(row, agent)
      })
      step.truncated[game] = row % 7 === 0 ? 1 : 0
    }
    return step
  })
}
