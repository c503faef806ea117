// Steps of simple_spread under random actions through the engine, in a process of their own; see contender.ts. A unit is an episode of all
// games. Told by { games, agents, plain, scenario }.
import { fileURLToPath } from 'node:url'
import { createEngine, stepsOfUnit } from '../engine-steps.ts'
import { type Contender, serve, startNode } from './contender.ts'
import { createPlainSpread } from './plain-spread.ts'

export interface StepsTask {
  readonly games: number
  readonly scenario: Readonly<Record<string, unknown>>
  /** The hand-written loop of three agents instead. */
  readonly plain?: boolean
}

export function startSteps(task: StepsTask): Promise<Contender | string> {
  return startNode(`./steps-process${import.meta.filename.slice(-3)}`, task)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { games, scenario, plain } = JSON.parse(process.argv[2]!) as StepsTask
  if (plain) {
    const spread = createPlainSpread(games)
    serve('plain loop', () => {
      for (let i = 0; i < stepsOfUnit; i++) spread.step()
    })
  } else {
    serve('marlstrom', createEngine(scenario, games))
  }
}
