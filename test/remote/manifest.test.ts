// What a run says of itself: it comes back as it was, and only signed, of this protocol, and like what is played here.
import { expect, it } from 'vitest'
import { differenceOf, type Manifest, openManifest, protocol, sealManifest } from '../../src/remote/manifest.ts'
import { createRunKey, unsealing } from '../../src/remote/run-key.ts'

const manifest: Manifest = {
  ...{ protocol, version: '1.2.3', session: 'a', over: false, order: 'fixed', file: null },
  settings: { run: { seed: 1 } },
  agents: ['red', 'blue'],
  trajectory: {
    ...{ games: 2, steps: 5, stateEvery: 16, bytes: 144 },
    fields: [{ name: 'rewards', type: 'float32', offset: 64, shape: [5, 2, 2] }],
  },
  weights: {
    size: 8,
    networks: [
      {
        spec: { inputs: 3, layers: [{ kind: 'dense', size: 2, activation: 'identity' }] },
        tensors: [
          { name: 'layer0.weight', shape: [3, 2] },
          { name: 'layer0.bias', shape: [2] },
        ],
      },
    ],
    agents: [[0], [0]],
  },
}
const key = createRunKey()
const opening = unsealing(key.publicKey)

it('comes back as it was', () => {
  expect(openManifest(opening, sealManifest(key, manifest))).toEqual(manifest)
})

it('is refused unsigned, signed as something else or by another, and of another protocol', () => {
  const text = Buffer.from(JSON.stringify(manifest))
  const refusal = "manifest: not signed by the run's key"
  expect(() => openManifest(opening, text)).toThrow(refusal)
  expect(() => openManifest(opening, new Uint8Array(0))).toThrow(refusal)
  expect(() => openManifest(opening, key.seal('ticket of a', text))).toThrow(refusal)
  expect(() => openManifest(opening, sealManifest(createRunKey(), manifest))).toThrow(refusal)
  expect(() => openManifest(opening, sealManifest(key, { ...manifest, protocol: protocol + 1 }))).toThrow(
    `manifest: expected protocol ${protocol}, got ${protocol + 1}: the run is trained by marlstrom 1.2.3; install that version`,
  )
})

it('is held against what would be played here', () => {
  expect(differenceOf(manifest, structuredClone(manifest))).toBeNull()
  expect(differenceOf(manifest, { ...manifest, agents: ['red', 'green'] })).toBe(
    'agents: expected ...["red","blue"]..., got ...["red","green"]...',
  )
  const { trajectory, weights } = manifest
  expect(differenceOf(manifest, { ...manifest, trajectory: { ...trajectory, steps: 6 } })).toMatch(
    /^trajectory: expected \.\.\..*"steps":5/,
  )
  expect(differenceOf(manifest, { ...manifest, weights: { ...weights, agents: [[0], []] } })).toMatch(/^weights: /)
})
