// All benchmarks, in the order they run.
import type { Benchmark } from './figure.ts'
import { steps } from './steps.ts'

export const benchmarks: readonly Benchmark[] = [steps]
