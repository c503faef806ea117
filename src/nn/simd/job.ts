// The kinds of jobs that threads share, in the numbers of kernels/job.ts.

export type JobKind =
  | 'forward'
  | 'gradient'
  | 'inputGradient'
  | 'parameterGradient'
  | 'gather'
  | 'copyColumns'
  | 'gumbelSoftmax'
  | 'gumbelSoftmaxGradient'
  | 'adam'
  | 'normalise'
  | 'normalGradient'
  | 'gainGradient'
  | 'layerInput'
  | 'layerWeights'
  | 'tangent'
  | 'libraryForward'
  | 'libraryGradient'
  | 'libraryInputGradient'
  | 'libraryWeights'
  | 'libraryLayer'
  | 'libraryLayerInput'
  | 'libraryLayerWeights'
  | 'atoms'
  | 'gruForward'
  | 'gruBackward'
  | 'mix'
  | 'copyBlocks'
  | 'evaluateChoices'
  | 'choiceGradients'
  | 'mixGradient'

/** Word 0 of a job. */
export const jobCode: Readonly<Record<JobKind, number>> = {
  forward: 1,
  gradient: 2,
  inputGradient: 3,
  parameterGradient: 4,
  gather: 5,
  copyColumns: 6,
  gumbelSoftmax: 7,
  gumbelSoftmaxGradient: 8,
  adam: 9,
  normalise: 10,
  normalGradient: 11,
  gainGradient: 12,
  layerInput: 13,
  layerWeights: 14,
  tangent: 15,
  libraryForward: 32,
  libraryGradient: 33,
  libraryInputGradient: 34,
  libraryWeights: 35,
  libraryLayer: 36,
  libraryLayerInput: 37,
  libraryLayerWeights: 38,
  atoms: 20,
  gruForward: 21,
  gruBackward: 22,
  mix: 23,
  mixGradient: 24,
  copyBlocks: 25,
  evaluateChoices: 26,
  choiceGradients: 27,
}

/** Rows that a pass takes through all layers together (kernels/job.ts): rooms between layers are as large. */
export const blockRows = 32

/** Rows that a thread takes of a pass by the kernels. */
export const chunkRows = 2 * blockRows

/** What one number costs a normalisation, forward or back. */
export const normalNanoseconds = 0.6

/** What one multiplication and addition of a product costs, in nanoseconds of one core. */
export const productNanoseconds = 1 / 28

/** The same by a native library. */
export const libraryNanoseconds = 1 / 90

/** Rows of a product by a native library, of those that go through all layers together: it is fast with few for small layers, with more for large ones. */
export function tileRows(widest: number): number {
  return widest <= 128 ? 128 : 256
}

/** Rows of one product that adds to the gradient of a weight [inputs, size]. */
export const weightRows = 192

/** Inputs whose weights make one piece there. */
export function weightInputs(size: number): number {
  return size <= 128 ? 64 : 128
}
