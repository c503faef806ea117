// Runs a TensorFlow.js LayersModel that was written for others, to see that it says what it should.
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { Matrix } from '../../types.ts'
import { loadTensorFlow } from './tensorflow.ts'

/** The parts of a model.json that loading takes. */
export interface LayersModelFile {
  readonly modelTopology: object
  readonly weightsManifest: readonly object[]
}

/**
 * The outputs of the model for its inputs, each [rows, columns], both in the order it declares them. @throws Error when the model cannot be
 * read.
 */
export async function runLayersModel(
  model: LayersModelFile,
  weights: Uint8Array,
  inputs: readonly Matrix[],
): Promise<Matrix[]> {
  const { tf } = await loadTensorFlow('cpu')
  const { loadLayersModel } = await import('@tensorflow/tfjs-layers')
  const specs = model.weightsManifest.flatMap(group => (group as { weights: never[] }).weights)
  // A copy, since a Buffer may be a piece of a larger one.
  const weightData = Uint8Array.from(weights).buffer
  const loaded = await loadLayersModel(
    tf.io.fromMemory({ modelTopology: model.modelTopology, weightSpecs: specs, weightData }),
  )
  try {
    return tf.tidy(() => {
      const tensors = inputs.map(({ rows, columns, data }) => tf.tensor2d(data, [rows, columns]))
      const outputs = [loaded.predict(tensors)].flat() as Tensor2D[]
      const matrices = outputs.map(output => ({
        rows: output.shape[0],
        columns: output.shape[1],
        data: Float32Array.from(output.dataSync()),
      }))
      return matrices as never
    })
  } finally {
    loaded.dispose()
  }
}
