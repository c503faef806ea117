// Rounds of learning from rollouts by a preset on simple_spread: the games play until a round is due, then it is learnt from.
import { Subject } from 'rxjs'
import type { Tick } from '../src/engine/clock.ts'
import { train } from '../src/experiment/trainer.ts'
import { layer, type Overrides, type RunConfig } from '../src/run/config/config.ts'
import { presets } from '../src/run/config/presets.ts'
import { createRun } from '../src/run/run.ts'
import type { AgentSpec } from '../src/types.ts'

export type RolloutPreset = 'jaxmarl' | 'mappo' | 'trpo' | 'acktr'

/** Of `trpo` and `acktr`, which no preset is for: rows as of `mappo`; of `trpo` all of a step is tried once. */
function settingsOf(preset: RolloutPreset): Overrides {
  if (preset !== 'trpo' && preset !== 'acktr') {
    return layer(presets[preset]!.settings, { learner: { algorithm: 'ppo' } })
  }
  const own = preset === 'trpo' ? { searchSteps: 1 } : {}
  return {
    learner: { algorithm: preset, critic: 'local', identity: false, rolloutSteps: 25, ...own },
    network: { hidden: [64, 64], activation: 'tanh' },
    run: { games: 128 },
  }
}

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
    run: { threads, episodes: forever, logEvery: forever, checkpointEvery: forever },
  }
  const run = await createRun(layer(layer(settingsOf(preset), own), settings))
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
  return stepsOf(settingsOf(preset))
}

function stepsOf({ learner, run }: Pick<Overrides, 'learner' | 'run'>): number {
  return Number(learner?.rolloutSteps) * Number(run?.games)
}

/**
 * The actor sees every row once while playing, V once when the round begins, and both in each epoch; of `trpo` V alone, after the passes of the
 * actor; of `acktr` both have statistics taken.
 */
function operationsOf(agents: readonly AgentSpec[], config: RunConfig): number {
  const { learner, network } = config
  const { observationSize } = agents[0]!
  const { hidden, inputNorm } = network
  const productsOf = (inputs: number, outputs: number) => {
    const sizes = [inputs, ...hidden, outputs]
    const layers = sizes.slice(1).map((size, layer) => size * sizes[layer]!)
    const all = layers.reduce((a, b) => a + b)
    const squares = sizes.reduce((sum, size, i) => sum + (i > 0 && i < sizes.length - 1 ? 2 : 1) * size * size, 0)
    // Nothing leads back through the first layer but to a norm that learns before it.
    return { all, withoutFirst: inputNorm ? all : all - layers[0]!, squares }
  }
  // Forward, the gradients of the weights, and those that lead back.
  const learnt = ({ all, withoutFirst }: ReturnType<typeof productsOf>) => 2 * all + withoutFirst
  const seenByValue = learner.critic === 'joint' ? agents.length * observationSize : observationSize
  const [actor, value] = [productsOf(observationSize, 5), productsOf(seenByValue, 1)]
  const rows = 2 * stepsOf(config) * agents.length
  const played = actor.all + value.all
  if (learner.algorithm === 'acktr') {
    // The way back of what might have been said, and x^T x of what goes into each layer and comes back.
    const statistics = ({ withoutFirst, squares }: ReturnType<typeof productsOf>) => withoutFirst + squares
    return rows * (played + learnt(actor) + learnt(value) + statistics(actor) + statistics(value))
  }
  const epochs = Number(learner.epochs)
  if (learner.algorithm === 'trpo') {
    // A product with the Fisher matrix goes forward with the tangent of each layer's input and of its weights, and back; all are of one forward.
    const ofFisher = learnt(actor) + actor.withoutFirst
    const products = actor.all + Number(learner.conjugateSteps) * ofFisher
    const ofPolicy = learnt(actor) + products + Number(learner.searchSteps) * actor.all
    return rows * (played + ofPolicy + epochs * learnt(value))
  }
  return rows * (played + epochs * (learnt(actor) + learnt(value)))
}
