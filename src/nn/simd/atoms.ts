// The passes over rows of atoms by the kernels (kernels/atoms.ts), shared out by rows, wherever their matrices live.
import type { Matrix } from '../../types.ts'
import { type AtomPasses, type Atoms, valuesOf } from '../atoms.ts'
import { checkData, checkMatrix } from '../shapes.ts'
import { Area, type SimdMemory } from './memory.ts'
import type { ThreadPool } from './thread-pool.ts'

/** Rows that a thread takes at a time: a multiple of four, the rows of a vector. */
const chunkRows = 32
/** Nanoseconds of one core for a number of a row. */
const eachNanoseconds = 12
// The numbers of kernels/atoms.ts.
const code = { project: 0, crossEntropy: 1, expectation: 2 } as const

export function createAtoms(memory: SimdMemory, pool: ThreadPool): AtomPasses {
  const { words, doubles } = pool
  const area = () => new Area(memory)
  const [logitsArea, aimsArea, gradientArea, valuesArea] = [area(), area(), area(), area()] as const
  const [givenArea, discountsArea, resultsArea] = [area(), area(), area()] as const

  /** The address of a matrix that the kernel reads or writes; one from outside is copied in. */
  const reach = (matrix: Matrix, area: Area) => {
    if (memory.owns(matrix)) return matrix.data.byteOffset
    const pointer = area.at(4 * matrix.data.length)
    memory.floats(pointer, matrix.data.length).set(matrix.data)
    return pointer
  }
  const deliver = (matrix: Matrix, pointer: number) => {
    if (!memory.owns(matrix)) matrix.data.set(memory.floats(pointer, matrix.data.length))
  }
  const place = (numbers: ArrayLike<number>, area: Area) => {
    const pointer = area.at(8 * numbers.length)
    memory.doubles(pointer, numbers.length).set(numbers)
    return pointer
  }
  const useSupport = (where: string, support: Atoms, logits: Matrix) => {
    const { atoms, low, high } = support
    checkMatrix(`${where}: logits`, logits, atoms)
    words[16] = place(valuesOf(support), valuesArea)
    doubles[9] = low
    doubles[10] = (atoms - 1) / (high - low)
  }
  const run = (what: keyof typeof code, logits: Matrix, given: ArrayLike<number>): Float64Array => {
    const { rows, columns } = logits
    const results = resultsArea.at(8 * rows)
    words[8] = code[what]
    words[9] = reach(logits, logitsArea)
    words[10] = columns
    words[13] = place(given, givenArea)
    words[15] = results
    pool.run('atoms', rows, chunkRows, 64 + 48 * columns, eachNanoseconds * rows * columns)
    return memory.doubles(results, rows)
  }

  return {
    project(logits, { rewards, discounts }, support, to) {
      useSupport('project', support, logits)
      checkMatrix('project: to', to, logits.columns, logits.rows)
      const aims = reach(to, aimsArea)
      words[11] = aims
      words[14] = place(discounts, discountsArea)
      const outside = run('project', logits, rewards)
      deliver(to, aims)
      return outside
    },
    crossEntropy(logits, aimed, scales, gradient) {
      checkData('crossEntropy: logits', logits)
      checkMatrix('crossEntropy: aimed', aimed, logits.columns, logits.rows)
      checkMatrix('crossEntropy: gradient', gradient, logits.columns, logits.rows)
      const to = reach(gradient, gradientArea)
      words[11] = reach(aimed, aimsArea)
      words[12] = to
      const divergences = run('crossEntropy', logits, scales)
      deliver(gradient, to)
      return divergences
    },
    expectation(logits, support, scales, gradient) {
      useSupport('expectation', support, logits)
      checkMatrix('expectation: gradient', gradient, logits.columns, logits.rows)
      const to = reach(gradient, gradientArea)
      words[12] = to
      const means = run('expectation', logits, scales)
      deliver(gradient, to)
      return means
    },
  }
}
