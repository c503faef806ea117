// Whether native TensorFlow (the optional dependency @tensorflow/tfjs-node) works here; where not, its tests are skipped by name.
import { loadTensorFlow } from '../../src/nn/tfjs/tensorflow.ts'

/** Why native TensorFlow cannot be used here, as a sentence; null when it works. */
export const reasonAgainstNative: string | null = await loadTensorFlow('tensorflow').then(
  () => null,
  (error: Error) => error.message,
)
