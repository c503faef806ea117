// A recurrent network as a policy: its state stands in the extras of each joint step, and a learner can go on from any of them.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Policy } from '../../src/agents/policy.ts'
import { actAll } from '../../src/engine/simulate.ts'
import { createVectorGame } from '../../src/envs/vector-game.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { type RecurrentNetwork, withSequence } from '../../src/nn/recurrence.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { expectSameBits } from '../support/matrices.ts'
import { createTinyGame } from '../support/tiny-game.ts'

const games = 4
const steps = 17

describe('a recurrent policy', () => {
  let backend: Backend
  beforeAll(async () => {
    backend = await createSimdBackend()
  })
  afterAll(() => backend.dispose())

  it('leaves in every joint step the state it acted from, and sequence gives its actions again from any of them', () => {
    const spec = { inputs: 2, layers: [{ kind: 'gru', size: 5 } as const, ...mlp(5, [], 3).layers] }
    const network = withSequence(backend.network(spec, createRandom(1)))
    const policy = policyOf(network, backend)
    let length = 3
    const vectorGame = createVectorGame({
      // Episodes of 3, 4, 5 and 6 steps, so that windows begin anywhere in them.
      create: () => createTinyGame({ agents: 1, length: length++ }),
      games,
      random: game => createRandom(1, 'game', game),
      extras: [[{ name: 'memory', size: network.stateSize }]],
    })
    const restarts: Uint8Array[] = []
    const played = Array.from({ length: steps }, () => {
      restarts.push(Uint8Array.from(vectorGame.restarted))
      actAll([policy], vectorGame)
      return vectorGame.advance()
    })
    const joined = (parts: readonly Matrix[]) => ({
      rows: parts.length * games,
      columns: parts[0]!.columns,
      data: Float32Array.from(parts.flatMap(part => [...part.data])),
    })
    expect(
      restarts
        .slice(1)
        .flatMap(flags => [...flags])
        .filter(flag => flag).length,
    ).toBeGreaterThan(8)
    for (const [from, to] of [
      [0, steps],
      [1, 9],
      [8, steps],
      [steps - 1, steps],
    ] as const) {
      const window = played.slice(from, to)
      const output = network.sequence(joined(window.map(step => step.observations[0]!)), {
        state: window[0]!.extras[0]![0]!,
        restarted: Uint8Array.from(restarts.slice(from, to).flatMap(flags => [...flags])),
      })
      expectSameBits(output.data, joined(window.map(step => step.actions[0]!)).data)
    }
  })
})

/** Acts by the network's outputs as they are; the memory column holds the state before the step. */
function policyOf(network: RecurrentNetwork, backend: Backend): Policy {
  const state = backend.matrix(games, network.stateSize)
  return {
    act({ observations, restarted, actions, extras }) {
      extras[0]!.data.set(state.data)
      actions.data.set(network.infer(observations, { state, restarted, next: state }).data)
    },
    save: () => state.data,
    restore: saved => state.data.set(saved as Float32Array),
  }
}
