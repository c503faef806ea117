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
  | 'atoms'
  | 'gruForward'
  | 'gruBackward'

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
  atoms: 20,
  gruForward: 21,
  gruBackward: 22,
}

/** Rows that a pass takes through all layers together (kernels/job.ts): rooms between layers are as large. */
export const blockRows = 32

/** What one multiplication and addition of a product costs, in nanoseconds of one core. */
export const productNanoseconds = 1 / 28
