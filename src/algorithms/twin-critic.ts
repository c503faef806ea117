// Two critics as one: the smaller of two values counts, which keeps errors from being taken for gains (Fujimoto et al. 2018).
import { type CriticParts, createValueCritic, type ValueCritic } from '../maddpg/critic.ts'
import { finite } from '../maddpg/losses.ts'
import type { Matrix } from '../types.ts'

export interface TwinCritic extends ValueCritic {
  fit(...of: Parameters<ValueCritic['fit']>): { criticLoss: number; secondCriticLoss: number }
}

/** Both learn from one target; actors climb, row by row, the one that promises less (Haarnoja et al. 2018). */
export function createTwinCritic(first: CriticParts, second: CriticParts): TwinCritic {
  const { backend, id, rows } = first
  const critics = [createValueCritic(first), createValueCritic(second)] as const
  const smaller = backend.matrix(rows, 1)
  const gradients = [backend.matrix(rows, 1), backend.matrix(rows, 1)] as const
  return {
    targetValues(input) {
      const [a, b] = [critics[0].targetValues(input), critics[1].targetValues(input)]
      for (let row = 0; row < rows; row++) smaller.data[row] = Math.min(a.data[row]!, b.data[row]!)
      return smaller
    },
    fit(input, target, batch, present) {
      const { criticLoss } = critics[0].fit(input, target, batch, present)
      const { criticLoss: secondCriticLoss } = critics[1].fit(input, target, batch, present)
      return { criticLoss, secondCriticLoss }
    },
    ascend(input, columns, present) {
      const [a, b] = [first.network.forward(input), second.network.forward(input)]
      let sum = 0
      for (let row = 0; row < rows; row++) {
        const isFirst = a.data[row]! <= b.data[row]!
        const slope = -present[row]! / rows
        gradients[0].data[row] = isFirst ? slope : 0
        gradients[1].data[row] = isFirst ? 0 : slope
        sum -= present[row]! * (isFirst ? a : b).data[row]!
      }
      const gradient = first.network.inputGradient(gradients[0], columns)
      addTo(gradient, second.network.inputGradient(gradients[1], columns))
      return { actorLoss: finite(sum / rows, id, 'actor loss'), gradient }
    },
    follow: () => critics.forEach(critic => void critic.follow()),
  }
}

function addTo(sum: Matrix, { data }: Matrix): void {
  for (let i = 0; i < data.length; i++) sum.data[i]! += data[i]!
}
