// Actors of every kind that can be exported, with weights that are not zero anywhere.
import { type Actor, type ActorConfig, createActor } from '../../src/agents/actor.ts'
import type { Identity } from '../../src/agents/identity.ts'
import type { Backend } from '../../src/nn/backend.ts'
import type { Activation } from '../../src/nn/network.ts'
import { createRandom } from '../../src/random.ts'
import { type ActionSpace, actionSize } from '../../src/spaces.ts'
import type { AgentSpec } from '../../src/types.ts'

const choice = (name: string, size: number, soft: boolean) => ({ name, kind: 'choice', size, soft }) as const

export interface Exportable {
  readonly name: string
  readonly space: ActionSpace
  readonly hidden: readonly number[]
  readonly activation: Activation
  readonly layerNorm?: ActorConfig['layerNorm']
  readonly inputNorm?: boolean
  readonly normaliseObservations?: boolean
  readonly identity?: Identity
  /** What it sees, 6 numbers in all; default: no sets. */
  readonly parts?: AgentSpec['observationParts']
  readonly isMasked?: boolean
}

export const exportables: readonly Exportable[] = [
  { name: 'soft actions', space: [choice('move', 5, true)], hidden: [64, 64], activation: 'relu' },
  { name: 'one-hot actions', space: [choice('move', 5, false)], hidden: [16], activation: 'tanh' },
  {
    name: 'several parts',
    space: [choice('move', 5, false), choice('say', 3, true), choice('look', 2, false)],
    hidden: [9, 7, 8],
    activation: 'relu',
  },
  { name: 'leaky ReLUs', space: [choice('move', 5, true)], hidden: [12], activation: 'leakyRelu' },
  { name: 'ELUs', space: [choice('move', 5, true)], hidden: [12, 11], activation: 'elu' },
  {
    name: 'normalised layers',
    space: [choice('move', 5, false), choice('say', 3, true)],
    hidden: [13, 12],
    activation: 'relu',
    layerNorm: true,
  },
  {
    name: 'a normalised input, and layers normalised after their activation',
    space: [choice('move', 5, false), choice('say', 3, true)],
    hidden: [13, 12],
    activation: 'tanh',
    layerNorm: 'after',
    inputNorm: true,
  },
  { name: 'no hidden layer', space: [choice('say', 3, true)], hidden: [], activation: 'relu' },
  {
    name: 'a mask over soft actions',
    space: [choice('move', 5, true)],
    hidden: [12],
    activation: 'relu',
    isMasked: true,
  },
  {
    name: 'a mask over several parts',
    space: [choice('move', 5, false), choice('say', 3, true), choice('look', 2, false)],
    hidden: [9, 7],
    activation: 'tanh',
    layerNorm: true,
    identity: { position: 0, members: 2 },
    isMasked: true,
  },
  {
    name: 'a network that it shares',
    space: [choice('move', 5, true)],
    hidden: [12, 8],
    activation: 'relu',
    layerNorm: true,
    identity: { position: 1, members: 3 },
  },
  {
    name: 'a set beside other numbers, and a network that it shares',
    space: [choice('move', 5, true), choice('say', 3, false)],
    hidden: [12, 8],
    activation: 'relu',
    identity: { position: 1, members: 3 },
    parts: [
      { name: 'speed', size: 1 },
      { name: 'others', size: 4, piece: 2 },
      { name: 'goal', size: 1 },
    ],
  },
  {
    name: 'observations that are normalised, and a network that it shares',
    space: [choice('move', 5, true), choice('say', 3, false)],
    hidden: [12, 8],
    activation: 'relu',
    normaliseObservations: true,
    identity: { position: 1, members: 3 },
  },
  {
    name: 'a set beside numbers that are normalised',
    space: [choice('move', 5, true)],
    hidden: [12],
    activation: 'tanh',
    inputNorm: true,
    normaliseObservations: true,
    parts: [
      { name: 'speed', size: 1 },
      { name: 'others', size: 4, piece: 2 },
      { name: 'goal', size: 1 },
    ],
  },
  {
    name: 'sets alone, everything normalised, and a mask',
    space: [choice('move', 5, false)],
    hidden: [7],
    activation: 'elu',
    layerNorm: 'after',
    inputNorm: true,
    isMasked: true,
    parts: [
      { name: 'others', size: 4, piece: 2 },
      { name: 'walls', size: 2, piece: 2 },
    ],
  },
]

/** An agent of this kind, and an actor of it. */
export function exportable(
  backend: Backend,
  {
    space,
    hidden,
    activation,
    layerNorm = false,
    inputNorm = false,
    normaliseObservations = false,
    ...kind
  }: Exportable,
  id = 'agent_0',
): { agent: AgentSpec; actor: Actor } {
  const { identity, isMasked, parts } = kind
  const agent: AgentSpec = {
    id,
    team: 'agent',
    observationSize: 6,
    observationParts: parts ?? [
      { name: 'velocity', size: 2 },
      { name: 'goal', size: 4 },
    ],
    actionSpace: space,
    ...(isMasked === undefined ? {} : { isMasked }),
  }
  const actor = createActor(
    backend,
    agent,
    { hidden, activation, layerNorm, inputNorm, normaliseObservations, temperature: 1, setUnits: [5, 4] },
    createRandom(1, id),
    identity,
  )
  const random = createRandom(2, id)
  for (let i = 0; i < actor.network.parameters.length; i++) actor.network.parameters[i]! += random.between(-0.3, 0.3)
  if (normaliseObservations) for (const j of [0, 1]) actor.network.parameters[j]! *= 30
  if (actionSize(space) === 0) throw new RangeError('an exportable actor acts')
  return { agent, actor }
}
