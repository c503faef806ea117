// Every backend that the contract's tests run over.
import type { Backend } from '../../src/nn/backend.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createTfjsBackend } from '../../src/nn/tfjs/backend.ts'
import { reasonAgainstNative } from './native-tensorflow.ts'

export interface TestedBackend {
  readonly name: string
  readonly create: () => Promise<Backend>
  /** Largest difference between a row alone and the same row in a batch; absent: none, they are the same bits. */
  readonly batchRounding?: number
}

export const backends: readonly TestedBackend[] = [
  { name: 'simd', create: createSimdBackend },
  { name: 'tfjs on wasm', create: () => createTfjsBackend({ carrier: 'wasm' }) },
  { name: 'tfjs on cpu', create: () => createTfjsBackend({ carrier: 'cpu' }) },
  ...(reasonAgainstNative === null
    ? [
        {
          name: 'tfjs on native TensorFlow',
          create: () => createTfjsBackend({ carrier: 'tensorflow' }),
          batchRounding: 1e-5,
        },
      ]
    : []),
]
