// A workspace: matrices and networks' results that lie over those of everything else of the same name, for what learns one after the other.
import type { Matrix } from '../types.ts'
import type { Backend } from './backend.ts'

/** Per backend and name, matrices by shape, in the order in which each asker asked for them. */
const workspaces = new WeakMap<Backend, Map<string, Map<string, Matrix[]>>>()

/**
 * The backend, as one of those that have a workspace in common: the first matrix of a shape that it is asked for is the first of that shape of
 * all others of this name, and so on; where the backend can, results and gradients of its networks lie over theirs. What one of them wrote
 * counts only until another one works. Networks keep parameters and optimizers keep moments of their own.
 */
export function workspaceOf(backend: Backend, name: string): Backend {
  const named = workspaces.get(backend) ?? new Map<string, Map<string, Matrix[]>>()
  workspaces.set(backend, named)
  const shapes = named.get(name) ?? new Map<string, Matrix[]>()
  named.set(name, shapes)
  const asked = new Map<string, number>()
  return {
    ...backend,
    matrix(rows, columns) {
      const shape = `${rows}x${columns}`
      const matrices = shapes.get(shape) ?? []
      shapes.set(shape, matrices)
      const number = asked.get(shape) ?? 0
      asked.set(shape, number + 1)
      matrices[number] ??= backend.matrix(rows, columns)
      return matrices[number]
    },
    network: (spec, random) => backend.network(spec, random, name),
  }
}

/** Who wrote into a matrix what stays in it, where several have it in common. */
const writers = new WeakMap<Matrix, object>()

/** Calls `write` unless `writer` was the last to do so in this matrix. */
export function keepWritten(matrix: Matrix, writer: object, write: () => void): void {
  if (writers.get(matrix) === writer) return
  writers.set(matrix, writer)
  write()
}
