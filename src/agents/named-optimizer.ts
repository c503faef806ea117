// An optimizer whose errors say whose it is.
import { NonFiniteError } from '../errors.ts'
import type { Optimizer } from '../nn/backend.ts'

/** The same optimizer; what is not finite is reported under `name`, `agent_0: critic`. */
export function named(name: string, optimizer: Optimizer): Optimizer {
  return {
    ...optimizer,
    step(learningRate) {
      try {
        optimizer.step(learningRate)
      } catch (error) {
        throw error instanceof NonFiniteError ? new NonFiniteError(`${name}: ${error.message}`) : error
      }
    },
  }
}
