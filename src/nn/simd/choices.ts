// Choices over many rows by the kernels (kernels/choices.ts), shared out by rows, wherever their matrices live.
import type { Matrix } from '../../types.ts'
import { alternativeAt, type ChoiceEvaluation, type ChoicePlace } from '../choices.ts'
import { checkMatrix } from '../shapes.ts'
import { Area, type SimdMemory } from './memory.ts'
import type { ThreadPool } from './thread-pool.ts'

/** Rows that a thread takes at a time: even, since two go side by side. */
const chunkRows = 64
/** Nanoseconds of one core for an alternative of a row, and for its gradient. */
const eachNanoseconds = 12
const gradientNanoseconds = 2

/** The evaluation of a choice that stands at a place. */
export function createChoices(memory: SimdMemory, pool: ThreadPool): (place: ChoicePlace) => ChoiceEvaluation {
  const { words } = pool

  return ({ output, action, size }) => {
    const area = () => new Area(memory)
    const [outputsArea, actionsArea, maskArea, keptArea] = [area(), area(), area(), area()] as const
    const [logsArea, entropiesArea, scalesArea, weightsArea, gradientArea] = [
      area(),
      area(),
      area(),
      area(),
      area(),
    ] as const
    /** Words of what is kept of two rows, and where among them the alternatives are that were taken. */
    const keptWords = 8 * size + 8
    const taken = 8 * size + 4

    /** The address of a matrix that a kernel reads; one from outside is copied in. */
    const reach = (matrix: Matrix, area: Area) => {
      if (memory.owns(matrix)) return matrix.data.byteOffset
      return placed(matrix.data, area)
    }
    const placed = (numbers: Float32Array, area: Area) => {
      const pointer = area.at(4 * numbers.length)
      memory.floats(pointer, numbers.length).set(numbers)
      return pointer
    }
    const doubles = (numbers: ArrayLike<number>, rows: number, area: Area) => {
      const pointer = area.at(8 * (rows + 1))
      memory.doubles(pointer, rows).set(numbers)
      return pointer
    }

    return (outputs, actions, { logProbability, entropy }, mask) => {
      const { rows } = outputs
      checkMatrix('choice: actions', actions, actions.columns, rows)
      if (mask !== undefined) checkMatrix('choice: mask', mask, mask.columns, rows)
      const kept = keptArea.at(4 * keptWords * Math.ceil(rows / 2))
      const logs = placed(logProbability.subarray(0, rows), logsArea)
      const entropies = placed(entropy.subarray(0, rows), entropiesArea)
      words[8] = reach(outputs, outputsArea) + 4 * output
      words[9] = 4 * outputs.columns
      words[10] = reach(actions, actionsArea) + 4 * action
      words[11] = 4 * actions.columns
      words[12] = mask === undefined ? 0 : reach(mask, maskArea) + 4 * action
      words[13] = mask === undefined ? 0 : 4 * mask.columns
      words[14] = size
      words[15] = kept
      words[16] = logs
      words[17] = entropies
      pool.run('evaluateChoices', rows, chunkRows, 0, eachNanoseconds * rows * size)
      const all = memory.integers(kept, keptWords * Math.ceil(rows / 2))
      for (let row = 0, at = taken; row < rows; row++, at += row % 2 === 0 ? keptWords - 1 : 1) {
        if (all[at]! < -1) alternativeAt(actions, row * actions.columns + action, size, row)
      }
      logProbability.set(memory.floats(logs, rows))
      entropy.set(memory.floats(entropies, rows))

      return (scale, entropyScale, to) => {
        const isHere = memory.owns(to)
        const result = isHere ? to.data.byteOffset : gradientArea.at(4 * to.data.length)
        if (!isHere) memory.floats(result, to.data.length).set(to.data)
        words[8] = result + 4 * output
        words[9] = 4 * to.columns
        words[14] = size
        words[15] = kept
        words[16] = doubles(scale, rows, scalesArea)
        words[17] = entropyScale === null ? 0 : doubles(entropyScale, rows, weightsArea)
        pool.run('choiceGradients', rows, chunkRows, 0, gradientNanoseconds * rows * size)
        if (!isHere) to.data.set(memory.floats(result, to.data.length))
      }
    }
  }
}
