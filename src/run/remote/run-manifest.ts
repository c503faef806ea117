// What of a run must be alike wherever it is played, as its manifest says it.
import type { ActingWeights } from '../../actors/actor-weights.ts'
import { createMessageLayout, type TrajectoryShape } from '../../actors/trajectory-message.ts'
import type { Manifest } from '../../remote/manifest.ts'
import { statesEvery } from '../actors/actors-of-plan.ts'

export function manifestParts(
  shape: TrajectoryShape,
  { size, networks, agents }: ActingWeights,
): Pick<Manifest, 'agents' | 'trajectory' | 'weights'> {
  const { bytes, fields } = createMessageLayout(shape)
  const { games, steps } = shape
  return {
    agents: shape.agents.map(({ id }) => id),
    trajectory: { games, steps, stateEvery: statesEvery(steps), bytes, fields },
    weights: {
      size,
      networks: networks.map(({ spec, tensors }) => ({
        spec,
        tensors: tensors.map(({ name, shape }) => ({ name, shape })),
      })),
      agents,
    },
  }
}
