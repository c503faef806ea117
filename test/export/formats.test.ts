// Every export read and run by the program it is meant for, and compared with the actor it came from.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { InferenceSession, Tensor } from 'onnxruntime-web'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Actor } from '../../src/agents/actor.ts'
import { withIdentity } from '../../src/agents/identity.ts'
import { readSafetensors } from '../../src/experiment/safetensors.ts'
import { exportActors } from '../../src/export/export-actors.ts'
import { exportFormats } from '../../src/export/formats.ts'
import type { Backend } from '../../src/nn/backend.ts'
import type { NetworkSpec } from '../../src/nn/network.ts'
import { pieceSpec } from '../../src/nn/sets.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { loadTensorFlow } from '../../src/nn/tfjs/tensorflow.ts'
import { createRandom } from '../../src/random.ts'
import type { AgentSpec, Seen } from '../../src/types.ts'
import { describeInChromium } from '../support/chromium.ts'
import { exportable, exportables } from '../support/exportable.ts'
import { expectClose, randomMatrix } from '../support/matrices.ts'
import { randomMask } from '../support/plain-masks.ts'

const rows = 9
const plain = randomMatrix(createRandom(5), rows, 6, 2)
const origin = { scenario: 'test', algorithm: 'maddpg', seed: '1' }

let backend: Backend
let folder: string
beforeAll(async () => {
  backend = await createSimdBackend()
  folder = mkdtempSync(join(tmpdir(), 'marlstrom-export-'))
})
afterAll(() => {
  backend.dispose()
  rmSync(folder, { recursive: true, force: true })
})

/** Says in rows of 6 numbers of pieces of sets whether they are there: the more, the later the row. */
function withPieces(data: Float32Array, parts: AgentSpec['observationParts']): Float32Array {
  const marked = data.slice()
  for (let row = 0; row < rows; row++) {
    let at = 6 * row
    for (const { size, piece } of parts) {
      for (let p = 0; piece !== undefined && p * piece < size; p++) {
        if (p < row % 3) marked[at + p * piece] = 1
        else marked.fill(0, at + p * piece, at + (p + 1) * piece)
      }
      at += size
    }
  }
  return marked
}

describe.each(exportables.map((kind, i) => ({ ...kind, i })))('an actor with $name', kind => {
  let agent: AgentSpec
  let actor: Actor
  let logits: Float32Array
  let action: Float32Array
  const isMasked = kind.isMasked === true
  const mask = randomMask(createRandom(6, kind.i), rows, kind.space)
  const seen = { ...plain, data: withPieces(plain.data, kind.parts ?? []) }
  const observations: Seen = isMasked ? { ...seen, mask } : seen
  /** The same numbers, with one in place of all logits of what is forbidden. */
  const allowed = (numbers: ArrayLike<number>) =>
    Float32Array.from(numbers, (value, i) => (isMasked && mask.data[i] === 0 ? -1 : value))
  const expectForbidden = (numbers: ArrayLike<number>, isRight: (value: number) => boolean) => {
    for (let i = 0; i < numbers.length; i++) if (isMasked && mask.data[i] === 0) expect(isRight(numbers[i]!)).toBe(true)
  }
  const out = () => join(folder, String(kind.i))
  beforeAll(async () => {
    ;({ agent, actor } = exportable(backend, kind))
    logits = allowed(actor.networks[0]!.infer(withIdentity(observations, actor.identity)).data)
    action = Float32Array.from(actor.greedy(observations).data)
    for (const format of Object.keys(exportFormats)) {
      const [exported] = await exportActors({ agents: [agent], actors: [actor], origin, format, folder: out() })
      if (format === 'onnx') expect(exported!.difference).toBeNull()
      else expect(exported!.difference).toBeLessThanOrEqual(1e-5)
    }
  })

  it('acts the same in onnxruntime', async () => {
    const session = await InferenceSession.create(readFileSync(join(out(), 'agent_0.onnx')))
    expect(session.inputNames).toEqual(isMasked ? ['observation', 'action_mask'] : ['observation'])
    expect(session.outputNames).toEqual(['logits', 'action'])
    const size = mask.columns
    const inputs = (count: number) => ({
      observation: new Tensor('float32', observations.data.slice(0, count * 6), [count, 6]),
      ...(isMasked ? { action_mask: new Tensor('float32', mask.data.slice(0, count * size), [count, size]) } : {}),
    })
    const outputs = await session.run(inputs(rows))
    expect(outputs.logits!.dims).toEqual([rows, logits.length / rows])
    expectClose(allowed(outputs.logits!.data as Float32Array), logits, 1e-5)
    expectClose(outputs.action!.data as Float32Array, action, 1e-5)
    expectForbidden(outputs.logits!.data as Float32Array, logit => logit === Math.fround(-1e30))
    expectForbidden(outputs.action!.data as Float32Array, value => value === 0)
    // The batch is whatever comes.
    const one = await session.run(inputs(1))
    expectClose(one.action!.data as Float32Array, action.slice(0, action.length / rows), 1e-5)
    await session.release()
  })

  it('says the same in TensorFlow.js, loaded over HTTP as a page does', async () => {
    const server = createServer((request, response) => response.end(readFileSync(join(out(), request.url!))))
    await new Promise<void>(listening => server.listen(0, '127.0.0.1', listening))
    const { port } = server.address() as AddressInfo
    const { tf } = await loadTensorFlow('wasm')
    const { loadLayersModel } = await import('@tensorflow/tfjs-layers')
    const model = await loadLayersModel(`http://127.0.0.1:${port}/agent_0/model.json`)
    server.close()
    server.closeAllConnections()
    const inputs = [tf.tensor2d(observations.data, [rows, 6])]
    if (isMasked) inputs.push(tf.tensor2d(mask.data, [rows, mask.columns]))
    expect(model.inputNames).toEqual(isMasked ? ['observation', 'action_mask'] : ['observation'])
    const [first, second] = model.predict(inputs) as import('@tensorflow/tfjs-core').Tensor[]
    expectClose(allowed(first!.dataSync() as Float32Array), logits, 1e-5)
    const probabilities = second!.dataSync() as Float32Array
    expectForbidden(first!.dataSync() as Float32Array, logit => logit < -30_000)
    expectForbidden(probabilities, p => p === 0)
    let from = 0
    for (const part of agent.actionSpace) {
      for (let r = 0; r < rows; r++) {
        const at = r * (logits.length / rows) + from
        const [given, expected] = [probabilities, action].map(data => [...data.slice(at, at + part.size)])
        if (part.kind === 'choice' && part.soft) expectClose(given!, expected!, 1e-5)
        else expect(given!.indexOf(Math.max(...given!))).toBe(expected!.indexOf(1))
      }
      from += part.size
    }
    expect(model.getUserDefinedMetadata()).toMatchObject({
      scenario: 'test',
      agent: 'agent_0',
      actionSpace: kind.space,
      ...(isMasked ? { actionMask: true } : {}),
    })
    model.dispose()
    tf.dispose([...inputs, first!, second!])
  })

  it('acts the same as a JavaScript module that needs nothing', async () => {
    const file = join(out(), 'agent_0.js')
    expect(readFileSync(file, 'utf8')).not.toMatch(/\b(import|require|process|Buffer)\b/)
    const module = await import(/* @vite-ignore */ pathToFileURL(file).href)
    const all = (answer: (x: Float32Array, mask?: Float32Array) => Float32Array) =>
      Array.from({ length: rows }, (_, r) => {
        const own = isMasked ? [mask.data.slice(r * mask.columns, (r + 1) * mask.columns)] : []
        return [...answer(observations.data.slice(r * 6, (r + 1) * 6), ...own)]
      }).flat()
    expectClose(allowed(all(module.logits)), logits, 1e-5)
    expectClose(all(module.act), action, 1e-5)
    expectForbidden(all(module.logits), logit => logit === Math.fround(-1e30))
    expectForbidden(all(module.act), value => value === 0)
    expect(module.about.actionMask).toBe(kind.isMasked)
    expect(module.observationSize).toBe(6)
    expect(module.actionSize).toBe(logits.length / rows)
    expect(module.actionSpace).toEqual(kind.space)
    expect(module.observationParts).toEqual(agent.observationParts)
    expect(() => module.act([1, 2])).toThrow(new RangeError('act: expected 6 numbers, got 2'))
    if (!isMasked) return
    const first = observations.data.slice(0, 6)
    const size = mask.columns
    expect(() => module.act(first)).toThrow(new RangeError(`act: expected a mask of ${size} numbers, got none`))
    expect(() => module.act(first, [1])).toThrow(new RangeError(`act: expected a mask of ${size} numbers, got 1`))
    const nothing = 'act: expected a mask that allows an alternative of numbers 0 to 4'
    expect(() => module.act(first, new Array(size).fill(0))).toThrow(new RangeError(nothing))
  })

  it('has its weights in safetensors, with what they mean', () => {
    const { tensors, metadata } = readSafetensors(join(out(), 'agent_0.safetensors'))
    const exportedAs = exportedNames(actor.networks[0]!.spec)
    const ofStandard = kind.normaliseObservations === true ? ['observation.limit'] : []
    const names = [...actor.networks[0]!.tensors.map(tensor => exportedAs(tensor.name)), ...ofStandard]
    expect([...tensors.keys()].sort()).toEqual(names.sort())
    for (const { name: own, shape, offset } of actor.networks[0]!.tensors) {
      const name = exportedAs(own)
      const { data } = tensors.get(name)!
      if (name.startsWith('observation.')) {
        expect(data).toHaveLength(6)
        continue
      }
      if (kind.identity !== undefined && /^layer0\.(weight|bias)$/.test(name)) {
        // The one-hot is gone: its row of the weights stands in the bias.
        const inputs = shape[0]! - kind.identity.members
        expect(data).toHaveLength(name.endsWith('bias') ? shape[0]! : inputs * shape[1]!)
        continue
      }
      expect(tensors.get(name)!.shape).toEqual(shape)
      expect(data).toEqual(actor.networks[0]!.parameters.slice(offset, offset + data.length))
    }
    expect(metadata).toMatchObject({ format: 'marlstrom-actor/1', scenario: 'test', agent: 'agent_0' })
    expect(JSON.parse(metadata.actionSpace!)).toEqual(kind.space)
    expect(metadata.actionMask).toBe(isMasked ? 'true' : undefined)
    expect(JSON.parse(metadata.layers!).map((layer: { size: number }) => layer.size)).toEqual(
      actor.networks[0]!.spec.layers.filter(({ kind }) => kind === 'dense').map(layer => layer.size),
    )
  })

  it('leaves nothing but the files themselves', () => {
    const names = readdirSync(out()).sort()
    expect(names).toEqual(['agent_0', 'agent_0.js', 'agent_0.onnx', 'agent_0.safetensors'])
    expect(readdirSync(join(out(), 'agent_0')).sort()).toEqual([
      'model.json',
      expect.stringMatching(/^weights\..{8}\.bin$/),
    ])
  })
})

describeInChromium('a JavaScript module in a browser', browser => {
  it('acts the same', async () => {
    const { agent, actor } = exportable(backend, exportables[0]!)
    const out = join(folder, 'browser')
    await exportActors({ agents: [agent], actors: [actor], origin, format: 'js', folder: out })
    const action = [...actor.greedy(plain).data]
    const source = readFileSync(join(out, 'agent_0.js'))
    const page = await browser().newPage()
    const url = `data:text/javascript;base64,${source.toString('base64')}`
    const input = Array.from({ length: rows }, (_, r) => [...plain.data.slice(6 * r, 6 * r + 6)])
    // As text: the page evaluates it, not the test's own module loader.
    const acted = await page.evaluate<number[]>(
      `import('${url}').then(({ act }) => ${JSON.stringify(input)}.flatMap(row => [...act(row)]))`,
    )
    await page.close()
    expectClose(acted, action, 1e-5)
  })
})

/** Tensors of a layer normalisation by itself are exported with the dense layer that follows it; layers are counted without it. */
function exportedNames({ layers }: NetworkSpec): (name: string) => string {
  return name => {
    const [, index, tensor] = /^layer(\d+)\.(.*)$/.exec(name)!
    const before = layers.slice(0, Number(index)).filter(({ kind }) => kind === 'dense').length
    const layer = layers[Number(index)]!
    if (layer.kind === 'standard') return `observation.${tensor}`
    if (layer.kind === 'dense') return `layer${before}.${tensor}`
    if (layer.kind === 'sets') {
      const [, set, rest] = /^set(\d+)\.(.*)$/.exec(tensor!)!
      const spec = pieceSpec(layer.sets[Number(set)]!)
      const last = `layer${spec.layers.filter(({ kind }) => kind === 'dense').length}.input`
      // Behind the last layer of a piece stands a normalisation of its own.
      return `set${set}.${exportedNames(spec)(rest!).replace(new RegExp(`^${last}(.)`), (_, first) => first.toLowerCase())}`
    }
    return `layer${before}.input${tensor![0]!.toUpperCase()}${tensor!.slice(1)}`
  }
}
