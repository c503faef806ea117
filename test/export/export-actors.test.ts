// Exporting as a whole: which agents, what is refused, and that nothing half done is left behind.
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createEnsembleActor } from '../../src/agents/ensemble-actor.ts'
import { ConfigError, NonFiniteError } from '../../src/errors.ts'
import { readSafetensors } from '../../src/experiment/safetensors.ts'
import { exportActors } from '../../src/export/export-actors.ts'
import { compareAnswers, probeObservations } from '../../src/export/verify.ts'
import type { Backend } from '../../src/nn/backend.ts'
import { mlp } from '../../src/nn/network.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createRandom } from '../../src/random.ts'
import type { Matrix } from '../../src/types.ts'
import { exportable, exportables } from '../support/exportable.ts'
import { tempFolder } from '../support/temp-folder.ts'

const origin = { scenario: 'test', algorithm: 'maddpg', seed: '1' }
let backend: Backend
beforeAll(async () => {
  backend = await createSimdBackend()
})
afterAll(() => backend.dispose())

const pair = () => {
  const made = ['speaker_0', 'listener_0'].map((id, i) => exportable(backend, exportables[i]!, id))
  return { agents: made.map(({ agent }) => agent), actors: made.map(({ actor }) => actor), origin }
}

describe('exporting', () => {
  it('writes every agent, or those that are wanted', async () => {
    const [all, one] = [tempFolder(), tempFolder()]
    expect((await exportActors({ ...pair(), format: 'js', folder: all })).map(({ agent }) => agent)).toEqual([
      'speaker_0',
      'listener_0',
    ])
    expect(readdirSync(all).sort()).toEqual(['listener_0.js', 'speaker_0.js'])
    const only = ['listener_0', 'listener_0']
    expect(await exportActors({ ...pair(), format: 'safetensors', folder: join(one, 'a/b'), only })).toEqual([
      { agent: 'listener_0', file: 'listener_0.safetensors', difference: expect.any(Number) },
    ])
    expect(readdirSync(join(one, 'a/b'))).toEqual(['listener_0.safetensors'])
  })

  it('writes one policy of an ensemble, the one that is asked for', async () => {
    const folder = tempFolder()
    const [first, second] = [1, 2].map(seed => exportable(backend, exportables[0]!, `agent_${seed}`))
    const ensemble = createEnsembleActor(backend, [first!.actor, second!.actor])
    const request = { agents: [first!.agent], actors: [ensemble], origin, format: 'safetensors', folder }
    await exportActors({ ...request, subPolicy: 1 })
    const { tensors, metadata } = readSafetensors(join(folder, 'agent_1.safetensors'))
    expect(JSON.stringify(metadata)).toContain('subPolicy')
    const { parameters } = second!.actor.networks[0]!
    expect([...tensors.values()].flatMap(({ data }) => [...data]).sort()).toEqual([...parameters].sort())
    for (const [subPolicy, message] of [
      [undefined, 'agent_1 is an ensemble of 2 policies; choose one with --sub-policy 0 ... 1'],
      [2, 'expected 0 ... 1 for agent_1, got 2'],
    ] as const) {
      const attempt = exportActors({ ...request, ...(subPolicy === undefined ? {} : { subPolicy }) })
      await expect(attempt).rejects.toMatchObject({ path: '--sub-policy', message: expect.stringContaining(message) })
    }
    const single = exportActors({ ...request, actors: [first!.actor], subPolicy: 1 })
    await expect(single).rejects.toMatchObject({ path: '--sub-policy' })
  })

  it('again replaces the files, and leaves no weights of the model before', async () => {
    const folder = tempFolder()
    const first = pair()
    await exportActors({ ...first, format: 'tfjs', folder })
    const before = readdirSync(join(folder, 'speaker_0'))
    first.actors[0]!.networks[0]!.parameters[0]! += 1
    await exportActors({ ...first, format: 'tfjs', folder })
    const after = readdirSync(join(folder, 'speaker_0'))
    expect(after).toHaveLength(2)
    expect(after).not.toEqual(before)
    expect(readdirSync(folder).sort()).toEqual(['listener_0', 'speaker_0'])
  })

  it.each([
    ['format', { format: 'onxx' }, '--format', /unknown format 'onxx'; did you mean 'onnx'/],
    ['format named like a method', { format: 'toString' }, '--format', /unknown format/],
    ['agent', { only: ['speaker_1'] }, '--agent', /unknown agent 'speaker_1'; did you mean 'speaker_0'/],
  ])('refuses an unknown %s and writes nothing', async (_, more, path, message) => {
    const folder = join(tempFolder(), 'out')
    const attempt = exportActors({ ...pair(), format: 'js', folder, ...more })
    await expect(attempt).rejects.toMatchObject({ path, message: expect.stringMatching(message) })
    await expect(attempt).rejects.toBeInstanceOf(ConfigError)
    expect(existsSync(folder)).toBe(false)
  })

  it('refuses a folder that cannot be written', async () => {
    const file = join(tempFolder(), 'file')
    writeFileSync(file, '')
    await expect(exportActors({ ...pair(), format: 'js', folder: file })).rejects.toMatchObject({ path: '--out' })
  })

  it('refuses weights that are not finite, other layers and other actions, each by name', async () => {
    const folder = join(tempFolder(), 'out')
    const broken = pair()
    broken.actors[1]!.networks[0]!.parameters[3] = Number.NaN
    const attempt = exportActors({ ...broken, format: 'js', folder })
    await expect(attempt).rejects.toBeInstanceOf(NonFiniteError)
    await expect(attempt).rejects.toThrow('layer0.weight of listener_0')

    const { agents, actors } = pair()
    const gru = backend.network({ inputs: 6, layers: [{ kind: 'gru', size: 5 }] }, createRandom(1))
    const withGru = [actors[0]!, { ...actors[1]!, networks: [gru] }]
    await expect(exportActors({ agents, actors: withGru, origin, format: 'js', folder })).rejects.toThrow(
      'layer 0 of listener_0 is of kind gru',
    )
    const box = { name: 'force', kind: 'box', size: 2, low: -1, high: 1 } as const
    const withBox = [agents[0]!, { ...agents[1]!, actionSpace: [box] }]
    await expect(exportActors({ agents: withBox, actors, origin, format: 'js', folder })).rejects.toThrow(
      "part 'force' of listener_0 is a box",
    )
    expect(existsSync(folder)).toBe(false)
  })

  it('puts nothing in place when a later agent fails, not even over what was there', async () => {
    const folder = tempFolder()
    const { agents, actors } = pair()
    writeFileSync(join(folder, 'speaker_0.js'), 'earlier')
    mkdirSync(join(folder, 'other'))
    // An actor that answers otherwise than its weights say.
    const other = backend.network(mlp(6, [16], 5, 'tanh'), createRandom(9))
    const lying = {
      ...actors[1]!,
      networks: [{ ...plain(actors[1]!.networks[0]!), act: other.act.bind(other) }] as never,
    }
    await expect(exportActors({ agents, actors: [actors[0]!, lying], origin, format: 'js', folder })).rejects.toThrow(
      /logits of listener_0 differ from the actor's by .*, allowed 0\.00001; nothing was written/,
    )
    expect(readdirSync(folder).sort()).toEqual(['other', 'speaker_0.js'])
  })
})

describe('the comparison of an export with its actor', () => {
  it('takes rounding for agreement, and NaN, other actions and other sizes for none', () => {
    const { agent, actor } = exportable(backend, exportables[1]!)
    const observations = probeObservations(agent)
    const copy = (data: Float32Array) => ({ rows: 24, columns: 5, data: Float32Array.from(data) })
    const logits = copy(actor.networks[0]!.infer(observations).data)
    const action = copy(actor.greedy(observations).data)
    expect(compareAnswers(agent, actor, observations, { logits, action })).toBe(0)
    const near = copy(logits.data.map(x => x + 5e-6))
    expect(compareAnswers(agent, actor, observations, { logits: near, action })).toBeGreaterThan(1e-6)
    const spoil = (matrix: typeof logits, i: number, value: number) => {
      const spoilt = copy(matrix.data)
      spoilt.data[i] = value
      return spoilt
    }
    const compare = (answers: Parameters<typeof compareAnswers>[3]) => () =>
      compareAnswers(agent, actor, observations, answers)
    expect(compare({ logits: spoil(logits, 7, Number.NaN) })).toThrow(/logits of agent_0 differ/)
    expect(compare({ logits: spoil(logits, 7, logits.data[7]! + 0.001) })).toThrow(/logits of agent_0 differ/)
    expect(compare({ logits, action: spoil(action, action.data.indexOf(1), 0) })).toThrow(/action of agent_0 differ/)
    expect(compare({ logits: { rows: 1, columns: 5, data: logits.data.slice(0, 5) } })).toThrow(/logits of agent_0/)
  })

  it('under a mask must not act against it, whatever its logits say of what is forbidden', () => {
    const kind = exportables.find(({ isMasked, space }) => isMasked === true && space.length > 1)!
    const { agent, actor } = exportable(backend, kind)
    const observations = probeObservations(agent)
    const mask = observations.mask!
    const copy = ({ rows, columns, data }: Matrix) => ({ rows, columns, data: Float32Array.from(data) })
    const logits = copy(actor.distribution(observations))
    const action = copy(actor.greedy(observations))
    for (const row of [0, 1, 2]) expect(mask.data.subarray(10 * row, 10 * row + 10)).toContain(0)
    const forbidden = mask.data.indexOf(0)
    logits.data[forbidden] = 1e6
    expect(compareAnswers(agent, actor, observations, { logits, action })).toBe(0)
    action.data[forbidden] = 1e-7
    expect(() => compareAnswers(agent, actor, observations, { logits, action })).toThrow(
      'export: an action of agent_0 takes an alternative that is not allowed; nothing was written',
    )
    const allowed = mask.data.indexOf(1)
    logits.data[allowed]! += 0.01
    expect(() => compareAnswers(agent, actor, observations, { logits, action })).toThrow(/logits of agent_0 differ/)
  })
})

/** A network's own fields, methods left out. */
function plain({ spec, tensors, parameters, gradients }: import('../../src/nn/network.ts').Network) {
  return { spec, tensors, parameters, gradients }
}
