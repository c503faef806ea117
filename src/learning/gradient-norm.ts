// The norm of a network's gradient, for people to see.
import type { Network } from '../nn/network.ts'

/** The L2 norm over all parameters, before anything is clipped. */
export function gradientNorm({ gradients }: Network): number {
  let sum = 0
  for (let i = 0; i < gradients.length; i++) sum += gradients[i]! * gradients[i]!
  return Math.sqrt(sum)
}
