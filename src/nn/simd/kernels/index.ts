// The kernels that JavaScript calls (src/nn/simd/kernels.ts). Pointers are bytes, strides are bytes, counts are numbers; no
// kernel allocates or keeps anything, so any number of threads may run them on disjoint outputs.
export { activateAll, deriveAll, tanhAll } from './activation'
export { adam, softUpdate, sumOfSquares } from './adam'
export { runAll, runShare } from './thread-pool'
export { gruBackward, gruForward, gruTangent, keepRows } from './gru'
export { gumbelSoftmax, gumbelSoftmaxGradient, uniforms } from './gumbel-softmax'
export { copyRows } from './movement'
export { packColumns, packRows } from './pack'
export { poolGradient, poolPieces, poolTangent } from './pooling'
export { chain } from './clock'
export { productColumn, productDerive, productDirect, productForward } from './product'
export { biasGradient, weightGradient, weightGradientColumn } from './weight-gradient'

/** The first byte that no static data of the module uses. */
export function heapBase(): usize {
  return __heap_base
}
