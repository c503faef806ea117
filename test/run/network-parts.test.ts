// Actors and critics with layers of their own: `network.actor`, `network.critic`.
import { describe, expect, it, onTestFinished } from 'vitest'
import { layer, parseSettings, resolveConfig } from '../../src/run/config/config.ts'
import { algorithms, createRun, type RunRequest } from '../../src/run/run.ts'
import type { SavedTensor } from '../../src/types.ts'
import { learnsFromReplay, smallRounds } from '../support/tiny-roster.ts'

type Networks = Record<'actor' | 'critic', Record<string, SavedTensor>>

/** Outputs of each weight matrix of a network, in order. */
function widths(network: Record<string, SavedTensor>): number[] {
  return Object.entries(network).flatMap(([name, { shape }]) => (/^layer\d+\.weight$/.test(name) ? [shape[1]!] : []))
}

async function savedBy(algorithm: string, network: Readonly<Record<string, unknown>>): Promise<Networks> {
  const known = algorithms[algorithm]!
  const small = learnsFromReplay(known) ? { batch: 16 } : smallRounds(known, { baseline: 'value' })
  const run = await createRun({
    scenario: { id: 'simple_spread' },
    learner: { algorithm, ...small },
    network,
    run: { episodes: 1 },
  } as RunRequest)
  onTestFinished(() => run.dispose())
  return run.roster[0]!.save() as Networks
}

const withCritics = Object.values(algorithms).filter(({ options }) => Object.hasOwn(options, 'critic'))

describe('network.actor and network.critic', () => {
  it.each(withCritics.map(({ id }) => id))('are layers of %s', async algorithm => {
    const { actor, critic } = await savedBy(algorithm, {
      hidden: [8],
      actor: { hidden: [6] },
      critic: { hidden: [12, 10] },
    })
    expect(widths(actor)).toEqual([6, expect.any(Number)])
    expect(widths(critic)).toEqual([12, 10, expect.any(Number)])
  })

  it('have what is said of all where they say nothing', async () => {
    const { actor, critic } = await savedBy('ppo', { hidden: [8], critic: { layerNorm: true } })
    expect(widths(actor)).toEqual([8, 5])
    expect(widths(critic)).toEqual([8, 1])
    // A gain and a shift for each normalised layer.
    expect(Object.keys(critic)).toHaveLength(Object.keys(actor).length + 2)
  })

  it('may be said setting by setting, the later word for each', () => {
    const said = parseSettings(['network.critic.hidden=[8]', 'network.critic.activation=tanh', 'network.hidden=[4]'])
    expect(said).toEqual({ network: { hidden: [4], critic: { hidden: [8], activation: 'tanh' } } })
    const both = layer({ network: { critic: { hidden: [16], layerNorm: true } } }, said)
    expect(both.network).toEqual({ hidden: [4], critic: { hidden: [8], activation: 'tanh', layerNorm: true } })
  })

  it.each([
    [{ critic: { hiden: [8] } }, 'network.critic.hiden', "unknown key 'hiden'"],
    [{ critic: { memory: 8 } }, 'network.critic.memory', "unknown key 'memory'"],
    [{ actor: { hidden: [0] } }, 'network.actor.hidden.0', 'expected a whole number of at least 1, got 0'],
    [{ actor: [8] }, 'network.actor', 'expected a record of settings like {"hidden": ...}, got [8]'],
  ])('refuses %j', (network, path, message) => {
    const attempt = () => resolveConfig({ scenario: { id: 'simple_spread' }, network })
    expect(attempt).toThrow(message)
    expect(attempt).toThrow(expect.objectContaining({ path }))
  })
})
