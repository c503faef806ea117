// Runs a TensorFlow.js LayersModel that was written for others, to see that it says what it should.
import type { Tensor2D } from '@tensorflow/tfjs-core'
import type { Matrix } from '../../types.ts'
import { loadTensorFlow } from './tensorflow.ts'

/** The parts of a model.json that loading takes. */
export interface LayersModelFile {
  readonly modelTopology: object
  readonly weightsManifest: readonly object[]
}

/** The outputs of the model, each [rows, columns], in the order it declares them. @throws Error when the model cannot be read. */
export async function runLayersModel(
  model: LayersModelFile,
  weights: Uint8Array,
  observations: Matrix,
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
      const input = tf.tensor2d(observations.data, [observations.rows, observations.columns])
      const outputs = [loaded.predict(input)].flat() as Tensor2D[]
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
