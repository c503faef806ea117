// Weights as they travel: a safetensors file that any reader opens, behind a signature without which nobody does.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRunKey, unsealing } from '../../src/remote/run-key.ts'
import { openWeights, sealWeights } from '../../src/remote/weights-message.ts'

const key = createRunKey()
const opening = unsealing(key.publicKey)
const dense = (inputs: number, size: number) => ({
  spec: { inputs, layers: [] },
  tensors: [
    { name: 'layer0.weight', shape: [inputs, size] },
    { name: 'layer0.bias', shape: [size] },
  ],
})
const networks = [dense(3, 2), dense(2, 1)]
const parameters = Float32Array.from({ length: 11 }, (_, i) => i / 3)
const sealed = sealWeights(key, 'now', networks, { version: 7, parameters })

it('come back to the bit, with their version', () => {
  expect(openWeights(opening, 'now', 11, sealed)).toEqual({ version: 7, parameters })
  fc.assert(
    fc.property(
      fc.float32Array({ minLength: 11, maxLength: 11 }),
      fc.nat({ max: 2 ** 31 - 1 }),
      (parameters, version) => {
        const back = openWeights(opening, 'now', 11, sealWeights(key, 'now', networks, { version, parameters }))
        expect(back.version).toBe(version)
        expect(new Uint8Array(back.parameters.buffer)).toEqual(new Uint8Array(parameters.slice().buffer))
      },
    ),
    { numRuns: 30 },
  )
})

it('are a safetensors file behind 64 bytes, a tensor for each weight matrix and bias vector', () => {
  const file = Buffer.from(sealed.subarray(64))
  const length = Number(file.readBigUInt64LE())
  const header = JSON.parse(file.subarray(8, 8 + length).toString())
  expect(Object.keys(header)).toEqual([
    ...['__metadata__', '0/layer0.weight', '0/layer0.bias', '1/layer0.weight', '1/layer0.bias'],
  ])
  expect(header.__metadata__.version).toBe('7')
  const { dtype, shape, data_offsets: at } = header['1/layer0.weight']
  expect([dtype, shape]).toEqual(['F32', [2, 1]])
  const bytes = file.subarray(8 + length + at[0], 8 + length + at[1])
  expect(new Float32Array(new Uint8Array(bytes).buffer)).toEqual(parameters.subarray(8, 10))
})

it('are refused unsigned, of another session or key, and where they are not so many', () => {
  const refusal = "weights of now: not signed by the run's key"
  expect(() => openWeights(opening, 'now', 11, sealed.subarray(64))).toThrow(refusal)
  expect(() => openWeights(opening, 'then', 11, sealed)).toThrow("weights of then: not signed by the run's key")
  const forged = sealWeights(createRunKey(), 'now', networks, { version: 7, parameters })
  expect(() => openWeights(opening, 'now', 11, forged)).toThrow(refusal)
  const changed = Buffer.from(sealed)
  changed[sealed.length - 1]! ^= 1
  expect(() => openWeights(opening, 'now', 11, changed)).toThrow(refusal)
  expect(() => openWeights(opening, 'now', 12, sealed)).toThrow('weights: expected 12 numbers, got 11')
})
