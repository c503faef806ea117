// Rounds of learning from rollouts in a process of their own; see contender.ts. Told by { preset, threads, kernels, of }.
import { fileURLToPath } from 'node:url'
import { createRolloutRound, type RolloutPreset } from '../rollout-round.ts'
import { type Contender, serve, startNode } from './contender.ts'

export interface RolloutTask {
  readonly preset: RolloutPreset
  readonly threads: number
  readonly kernels: string
  /** What is a unit, and costs: playing and learning, or learning alone. */
  readonly of: 'round' | 'update'
}

/** A sentence where this machine cannot run it. */
export function startRollouts(task: RolloutTask): Promise<Contender | string> {
  return startNode(`./rollout-process${import.meta.filename.slice(-3)}`, task)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { preset, threads, kernels, of } = JSON.parse(process.argv[2]!) as RolloutTask
  const { play, learn } = await createRolloutRound(preset, threads, { run: { kernels } })
  if (of === 'update') serve(kernels, learn, play)
  else {
    serve(kernels, () => {
      play()
      learn()
    })
  }
}
