// The kernels with fused multiply-add: refused by name where the engine lacks relaxed SIMD, else near the standard ones.
import { spawnSync } from 'node:child_process'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/errors.ts'
import { createSimdBackend } from '../../../src/nn/simd/backend.ts'
import { relaxedKernelsBase64 } from '../../../src/nn/simd/kernels.generated.ts'

const supported = WebAssembly.validate(gunzipSync(Buffer.from(relaxedKernelsBase64, 'base64')))

describe('relaxed kernels', () => {
  it.skipIf(supported)('are refused where the engine does not have them', async () => {
    const refused = createSimdBackend({ kernels: 'relaxed' })
    await expect(refused).rejects.toThrow(ConfigError)
    await expect(refused).rejects.toThrow(
      "run.kernels: 'relaxed' needs relaxed SIMD, which this JavaScript engine (Node",
    )
  })

  it('give nearly the standard numbers, the same bits for any number of threads', () => {
    const script = `
      const { createSimdBackend, createRandom, mlp } = await import(process.argv[2])
      const results = []
      for (const [kernels, threads] of [['standard', 1], ['relaxed', 1], ['relaxed', 3]]) {
        const backend = await createSimdBackend({ kernels, threads })
        const network = backend.network(mlp(37, [65, 64], 3), createRandom(1))
        const [random, input, gradient] = [createRandom(2), backend.matrix(1024, 37), backend.matrix(1024, 3)]
        for (const { data } of [input, gradient]) for (let i = 0; i < data.length; i++) data[i] = random.between(-1, 1)
        const output = [...network.forward(input).data]
        network.backward(gradient)
        results.push([...output, ...network.gradients, ...network.inputGradient(gradient).data])
        backend.dispose()
      }
      console.log(JSON.stringify(results))`
    const flags = supported ? [] : ['--experimental-wasm-relaxed-simd']
    const entry = new URL('../../../dist/src/index.js', import.meta.url).href
    const { stdout, stderr } = spawnSync(process.execPath, [...flags, '--input-type=module', '-', entry], {
      input: script,
      encoding: 'utf8',
      maxBuffer: 1e8,
    })
    expect(stderr).toBe('')
    const [standard, one, three] = JSON.parse(stdout) as [number[], number[], number[]]
    expect(three).toEqual(one)
    expect(one).not.toEqual(standard)
    one.forEach((x, i) => {
      expect(Math.abs(x - standard[i]!)).toBeLessThan(1e-4 * Math.max(1, Math.abs(standard[i]!)))
    })
  })
})
