// Learners without a game, and batches of random numbers for them to learn from: one update at a time.
import type { ActorConfig } from '../../src/agents/actor.ts'
import type { Algorithm } from '../../src/learning/algorithm.ts'
import type { MaddpgSettings } from '../../src/learning/options.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { createNoise, createRandom } from '../../src/random.ts'
import { type BatchConfig, createBatch } from '../../src/replay/joint-replay.ts'
import type { ActionSpace } from '../../src/spaces.ts'
import type { AgentSpec, Batch, SavedTensor } from '../../src/types.ts'
import { type AgentLearner, agentLearner } from './agent-learner.ts'
import { tinyLearner } from './tiny-training.ts'

/** One of each kind of action: soft and one-hot choices, boxes, and several at once. */
export const spaces: Readonly<Record<'soft' | 'hard' | 'box' | 'mixed', ActionSpace>> = {
  soft: [{ name: 'move', kind: 'choice', size: 3, soft: true }],
  hard: [{ name: 'move', kind: 'choice', size: 3, soft: false }],
  box: [{ name: 'force', kind: 'box', size: 2, low: -2, high: 4 }],
  mixed: [
    { name: 'say', kind: 'choice', size: 3, soft: true },
    { name: 'force', kind: 'box', size: 2, low: -1, high: 1 },
  ],
}

/** Agents of one space; each of `teams` is an agent's team. */
export function agentsIn(space: ActionSpace, teams: readonly string[], observationSize = 3): AgentSpec[] {
  return teams.map((team, agent) => ({
    id: `agent_${agent}`,
    team,
    observationSize,
    observationParts: [{ name: 'all', size: observationSize }],
    actionSpace: space,
  }))
}

export interface TinyRosterOptions {
  readonly rows: number
  readonly learner?: Partial<MaddpgSettings>
  readonly network?: Partial<ActorConfig>
  /** The algorithm's own. */
  readonly options?: Readonly<Record<string, unknown>>
}

export const noiseOf = (agent: number) => createNoise(3, 'learner', agent, 'update')

/** Whether an algorithm learns from batches of a replay buffer; others learn from rollouts. */
export function learnsFromReplay({ options }: Pick<Algorithm, 'options'>): boolean {
  return Object.hasOwn(options, 'batch')
}

/** Whether an algorithm trains agents that have boxes. */
export function playsBoxes({ unsupported }: Pick<Algorithm, 'unsupported'>): boolean {
  return unsupported(agentsIn(spaces.box, ['agent'])) === null
}

/** Whether agents may have networks in common. */
export function sharesParameters({ options }: Pick<Algorithm, 'options'>): boolean {
  return Object.hasOwn(options, 'shareParameters')
}

/** Whether critics may see their own agent alone: not where they move the actions of others, nor where they are the whole team's. */
export function mayBeLocal({ id }: Pick<Algorithm, 'id'>): boolean {
  return !['m3ddpg', 'happo', 'hatrpo'].includes(id)
}

/** Whether an algorithm has critics over replay that judge actions: MADDPG and its relatives. */
export function hasActionCritics(algorithm: Pick<Algorithm, 'options'>): boolean {
  return learnsFromReplay(algorithm) && Object.hasOwn(algorithm.options, 'inferPolicies')
}

/** Of settings of learners those that an algorithm has; one of a team with one reward gets the mean where agents get different ones. */
export function settingsIn(
  { options }: Pick<Algorithm, 'options'>,
  settings: Readonly<Record<string, unknown>> = {},
): Readonly<Record<string, unknown>> {
  const own = Object.entries(settings).filter(([name]) => name === 'algorithm' || Object.hasOwn(options, name))
  return { ...(Object.hasOwn(options, 'teamReward') ? { teamReward: 'mean' } : {}), ...Object.fromEntries(own) }
}

/** Whether its teams of several agents need steps that all of them make. */
export function needsCommonSteps(algorithm: Pick<Algorithm, 'options'>): boolean {
  return learnsFromReplay(algorithm) && Object.hasOwn(algorithm.options, 'teamReward')
}

/** Settings with which an algorithm over rollouts learns after a few steps: `episodes` where it learns from those alone, else small blocks of steps. */
export function smallRounds(
  { options }: Pick<Algorithm, 'options'>,
  episodes: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  if (!Object.hasOwn(options, 'rolloutSteps')) return episodes
  return {
    rolloutSteps: 5,
    ...(Object.hasOwn(options, 'subPolicies') ? { subPolicies: 2 } : {}),
    ...(Object.hasOwn(options, 'epochs') ? { epochs: 2, minibatches: 2 } : {}),
    ...(Object.hasOwn(options, 'teamReward') ? { teamReward: 'mean' } : {}),
    ...(Object.hasOwn(options, 'replayRatio') ? { replayAfter: 10, replaySteps: 60, replayRatio: 1 } : {}),
    ...(Object.hasOwn(options, 'policyIterations')
      ? { policyIterations: 1, auxiliaryEpochs: 1, auxiliaryMinibatches: 2 }
      : {}),
  }
}

/** A learner for each agent. */
export function tinyRoster(
  backend: Backend,
  algorithm: Algorithm,
  agents: readonly AgentSpec[],
  { rows, learner, network, options }: TinyRosterOptions,
): AgentLearner[] {
  return agents.map((_, index) =>
    agentLearner(
      algorithm,
      {
        backend,
        agents,
        index,
        network: { hidden: [8, 6], activation: 'relu', temperature: 1, ...network },
        random: name => createRandom(3, 'learner', index, name),
        noise: name => createNoise(3, 'learner', index, name),
      },
      { ...tinyLearner, batch: rows, ...learner, ...options },
    ),
  )
}

/** Transitions of random numbers with legal actions; nobody is absent and nothing ends unless a test says so. */
export function randomBatch(
  backend: Backend,
  agents: readonly AgentSpec[],
  rows: number,
  seed: number,
  config: BatchConfig = {},
): Batch {
  const batch = createBatch(backend, agents, rows, config)
  const random = createRandom(seed, 'batch')
  for (const { data } of [...batch.observations, ...batch.nextObservations, batch.rewards])
    for (let i = 0; i < data.length; i++) data[i] = random.between(-2, 2)
  batch.actions.forEach(({ data }, agent) => {
    const { actionSpace } = agents[agent]!
    for (let at = 0; at < data.length; ) {
      for (const part of actionSpace) {
        const { size } = part
        if (part.kind === 'box') {
          for (let i = 0; i < size; i++) data[at + i] = random.between(part.low, part.high)
        } else {
          const weights = Array.from({ length: size }, () => random.uniform())
          const sum = weights.reduce((a, b) => a + b)
          const largest = weights.indexOf(Math.max(...weights))
          for (let i = 0; i < size; i++) data[at + i] = part.soft ? weights[i]! / sum : Number(i === largest)
        }
        at += size
      }
    }
  })
  batch.discounts.fill(0.95)
  batch.present.data.fill(1)
  return batch
}

/** A copy of all parameters of one of a learner's networks. */
export function numbersOf(learner: Pick<AgentLearner, 'save'>, network: string): number[] {
  const tensors = (learner.save() as Record<string, Record<string, Float32Array | SavedTensor>>)[network]!
  return Object.values(tensors).flatMap(tensor => [...('shape' in tensor ? tensor.data : tensor)])
}
