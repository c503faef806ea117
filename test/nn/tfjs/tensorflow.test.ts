// Which carrier TensorFlow.js gets: the best that loads and computes, and a sentence where a better one does not.
import { beforeAll, describe, expect, it } from 'vitest'
import { ConfigError } from '../../../src/errors.ts'
import { createTfjsBackend } from '../../../src/nn/tfjs/backend.ts'
import { loadTensorFlow } from '../../../src/nn/tfjs/tensorflow.ts'
import { reasonAgainstNative } from '../../support/native-tensorflow.ts'

const fails = (message: string, code?: string) => () => Promise.reject(Object.assign(new Error(message), { code }))
const real = {
  tensorflow: fails("Cannot find package '@tensorflow/tfjs-node' imported from here", 'ERR_MODULE_NOT_FOUND'),
  wasm: () => import('@tensorflow/tfjs-backend-wasm'),
  cpu: () => import('@tensorflow/tfjs-backend-cpu'),
}

describe('the carrier of the tensors', () => {
  it('is wasm where native TensorFlow is not installed, and the notice says so in one line', async () => {
    const { carrier, notice, tf } = await loadTensorFlow('auto', real)
    expect([carrier, tf.getBackend()]).toEqual(['wasm', 'wasm'])
    expect(notice).toMatch(
      /^tfjs: native TensorFlow is not installed \(npm install @tensorflow\/tfjs-node@4\); wasm is used instead$/,
    )
  })

  it('is none where TensorFlow.js is not installed, and the error says how to have it', async () => {
    const missing = fails("Cannot find package '@tensorflow/tfjs-core' imported from here", 'ERR_MODULE_NOT_FOUND')
    const attempt = loadTensorFlow('auto', real, missing)
    await expect(attempt).rejects.toBeInstanceOf(ConfigError)
    await expect(attempt).rejects.toThrow(
      /^run\.backend: tfjs computes .* not installed: npm install @tensorflow\/tfjs-core@4 /,
    )
    // One line installs what was asked for: native TensorFlow needs the others too.
    await expect(loadTensorFlow('tensorflow', real, missing)).rejects.toThrow(
      /not installed: npm install @tensorflow\/tfjs-core@4 .* @tensorflow\/tfjs-node@4$/,
    )
    await expect(loadTensorFlow('auto', real, fails('broken'))).rejects.toThrow(/^broken$/)
  })

  it('names the package that a carrier lacks', async () => {
    const wasm = fails("Cannot find package '@tensorflow/tfjs-backend-wasm' imported from here", 'ERR_MODULE_NOT_FOUND')
    const { carrier, notice } = await loadTensorFlow('auto', { ...real, wasm })
    expect(carrier).toBe('cpu')
    expect(notice).toContain('wasm is not installed (npm install @tensorflow/tfjs-backend-wasm@4)')
  })

  it('is cpu where wasm does not load either', async () => {
    const { carrier, notice } = await loadTensorFlow('auto', { ...real, wasm: fails('no wasm\nat some place') })
    expect(carrier).toBe('cpu')
    expect(notice).toMatch(/; wasm does not work \(no wasm\); cpu is used instead$/)
  })

  it('passes over a native TensorFlow that loads and cannot compute here', async () => {
    // tfjs-node 4.22 on Node 23: util.isNullOrUndefined is gone.
    const broken = fails('(0 , util_1.isNullOrUndefined) is not a function\n    at createTypeOpAttr')
    const { carrier, notice } = await loadTensorFlow('auto', { ...real, tensorflow: broken })
    expect(carrier).toBe('wasm')
    expect(notice).toContain(`native TensorFlow does not work on Node ${process.versions.node}`)
    expect(notice).toContain('versions up to 4.22 need Node below 23')
    expect(notice).not.toContain('\n')
  })

  it('that was asked for by name is used, or refused with the reason', async () => {
    expect(await loadTensorFlow('cpu', real)).toMatchObject({ carrier: 'cpu', notice: null })
    const attempt = loadTensorFlow('tensorflow', real)
    await expect(attempt).rejects.toBeInstanceOf(ConfigError)
    await expect(attempt).rejects.toThrow(/^run\.tfjs: native TensorFlow is not installed.*run\.tfjs=auto$/)
    const none = { tensorflow: fails('a'), wasm: fails('b'), cpu: fails('c') }
    await expect(loadTensorFlow('auto', none)).rejects.toThrow(
      /\(a\); wasm does not work \(b\); cpu does not work \(c\)$/,
    )
  })

  it('has automatic gradients', async () => {
    const { tf } = await loadTensorFlow('cpu')
    for (const kernel of ['Relu', 'Tanh', 'BatchMatMul', 'Softmax', 'Concat', 'Slice', 'Sum', 'GatherV2', 'Transpose'])
      expect(tf.getGradient(kernel), kernel).toBeDefined()
  })

  it('prints nothing of its own but the notice', async () => {
    const heard: string[] = []
    const backend = await createTfjsBackend({ notify: sentence => heard.push(sentence) })
    expect(heard).toEqual(backend.notice === null ? [] : [backend.notice])
    expect(backend.name).toBe(`tfjs-${backend.carrier}`)
    backend.dispose()
  })
})

// Its binary comes from outside the npm registry, so a skip is no failure even where CI is set.
describe('native TensorFlow', () => {
  beforeAll(() => {
    if (reasonAgainstNative !== null) console.warn(`skipped: native TensorFlow (${reasonAgainstNative})`)
  })

  it.skipIf(reasonAgainstNative !== null)(
    'is what auto chooses, without a notice; the contract runs over it',
    async () => {
      const { carrier, notice, tf } = await loadTensorFlow()
      expect([carrier, notice, tf.getBackend()]).toEqual(['tensorflow', null, 'tensorflow'])
    },
  )
})
