// An optimizer whose errors say whose it is.
import { NonFiniteError } from '../errors.ts'
import type { Optimizer } from '../nn/backend.ts'

/** The same optimizer; what is not finite is reported under the agent and its network, `agent_0: critic`. */
export function named(agent: string, network: string, optimizer: Optimizer): Optimizer {
  return {
    ...optimizer,
    step(learningRate) {
      try {
        optimizer.step(learningRate)
      } catch (error) {
        if (!(error instanceof NonFiniteError)) throw error
        throw new NonFiniteError(`${agent}: ${network}: ${error.message}`, { ...error.divergence, agent, network })
      }
    },
  }
}
