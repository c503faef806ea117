// Whether native TensorFlow (@tensorflow/tfjs-node, an optional peer) works here; where not, its tests are skipped by name.
import { loadTensorFlow } from '../../src/nn/tfjs/tensorflow.ts'

/** Why native TensorFlow cannot be used here, as a sentence; null when it works. */
export const reasonAgainstNative: string | null = await loadTensorFlow('tensorflow').then(
  () => null,
  (error: Error) => error.message,
)

// Where it was built for these tests, it is not passed over.
if (process.env.NATIVE_TENSORFLOW === 'required' && reasonAgainstNative !== null) throw new Error(reasonAgainstNative)
