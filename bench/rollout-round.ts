// Rounds of learning from rollouts by a preset on simple_spread: the games play until a round is due, then it is learnt from.
import { Subject } from 'rxjs'
import type { Tick } from '../src/engine/clock.ts'
import { train } from '../src/experiment/trainer.ts'
import { layer, type Overrides, type RunConfig } from '../src/run/config/config.ts'
import { presets } from '../src/run/config/presets.ts'
import { createRun } from '../src/run/run.ts'
import type { AgentSpec } from '../src/types.ts'

export type RolloutPreset = 'jaxmarl' | 'mappo'

export interface RolloutRound {
  /** Floating-point operations of the products of a round, playing included: 2 for each weight and row that a pass goes through. */
  readonly operations: number
  /** Until a round is due. */
  play(): void
  /** All of the round that is due. */
  learn(): void
  dispose(): void
}

/** `settings` are laid over those of the preset; the training goes as that of `marlstrom train`, tick by tick. */
export async function createRolloutRound(
  preset: RolloutPreset,
  threads: number,
  settings: Overrides = {},
): Promise<RolloutRound> {
  const forever = 1_000_000_000
  const own: Overrides = {
    // What JaxMARL's world is a port of.
    scenario: { id: 'simple_spread', rules: preset === 'jaxmarl' ? 'mpe2' : 'openai' },
    learner: { algorithm: 'ppo' },
    run: { threads, episodes: forever, logEvery: forever, checkpointEvery: forever },
  }
  const run = await createRun(layer(layer(presets[preset]!.settings, own), settings))
  const { rounds, agents, config } = run
  const clock$ = new Subject<Tick>()
  const training = train(run, { clock$ }).subscribe({
    error: (error: unknown) => {
      throw error
    },
  })
  return {
    operations: operationsOf(agents, config),
    play() {
      while (!rounds.due) clock$.next({ take: () => !rounds.due })
    },
    learn() {
      while (rounds.due) clock$.next({ take: () => false })
    },
    dispose() {
      training.unsubscribe()
      run.dispose()
    },
  }
}

/** Environment steps of a round, all games together. */
export function roundSteps(preset: RolloutPreset): number {
  return stepsOf(presets[preset]!.settings)
}

function stepsOf({ learner, run }: Pick<Overrides, 'learner' | 'run'>): number {
  return Number(learner?.rolloutSteps) * Number(run?.games)
}

/** The actor sees every row once while playing, V once when the round begins, and both in each epoch. */
function operationsOf(agents: readonly AgentSpec[], config: RunConfig): number {
  const { learner, network } = config
  const { observationSize } = agents[0]!
  const { hidden, inputNorm } = network
  const layersOf = (inputs: number, outputs: number) => {
    const sizes = [inputs, ...hidden, outputs]
    return sizes.slice(1).map((size, layer) => size * sizes[layer]!)
  }
  const seenByValue = learner.critic === 'joint' ? agents.length * observationSize : observationSize
  return [layersOf(observationSize, 5), layersOf(seenByValue, 1)].reduce((sum, layers) => {
    const products = layers.reduce((a, b) => a + b)
    // Forward, the gradients of the weights, and those that lead back to the first layer, or through it where a norm learns before it.
    const pass = 3 * products - (inputNorm ? 0 : layers[0]!)
    return sum + 2 * stepsOf(config) * agents.length * (products + Number(learner.epochs) * pass)
  }, 0)
}
