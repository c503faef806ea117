// Assignment at the smallest total cost (Hungarian algorithm).

/**
 * For each worker the job it takes, one job each, such that the sum of `cost` is as small as possible (Kuhn 1955;
 * shortest augmenting paths, O(n^3)). There must be at least as many jobs as workers.
 * @example
 * ```ts
 * import { assign } from 'marlstrom'
 *
 * const [agents, landmarks] = [[0, 5], [4, 1, 9]]
 * console.log(assign(agents, landmarks, (agent, landmark) => Math.abs(agent - landmark))) // [ 1, 0 ]
 * ```
 */
export function assign<W, J>(workers: readonly W[], jobs: readonly J[], cost: (worker: W, job: J) => number): number[] {
  const n = workers.length
  const m = jobs.length
  if (m < n) throw new RangeError(`assign: expected at least as many jobs as workers (${n}), got ${m}`)
  // Index 0 stands for "none"; workers and jobs count from 1.
  const workerPrice = new Float64Array(n + 1)
  const jobPrice = new Float64Array(m + 1)
  const workerOf = new Int32Array(m + 1)
  const previous = new Int32Array(m + 1)
  for (let newcomer = 1; newcomer <= n; newcomer++) {
    workerOf[0] = newcomer
    let job = 0
    const slack = new Float64Array(m + 1).fill(Number.POSITIVE_INFINITY)
    const visited = new Uint8Array(m + 1)
    do {
      visited[job] = 1
      const worker = workerOf[job]!
      let step = Number.POSITIVE_INFINITY
      let nearest = 0
      for (let j = 1; j <= m; j++) {
        if (visited[j] === 1) continue
        const reduced = cost(workers[worker - 1]!, jobs[j - 1]!) - workerPrice[worker]! - jobPrice[j]!
        if (reduced < slack[j]!) {
          slack[j] = reduced
          previous[j] = job
        }
        if (slack[j]! < step) {
          step = slack[j]!
          nearest = j
        }
      }
      if (nearest === 0) throw new RangeError('assign: expected finite costs, got some that are not')
      for (let j = 0; j <= m; j++) {
        if (visited[j] === 1) {
          workerPrice[workerOf[j]!]! += step
          jobPrice[j]! -= step
        } else slack[j]! -= step
      }
      job = nearest
    } while (workerOf[job] !== 0)
    while (job !== 0) {
      const before = previous[job]!
      workerOf[job] = workerOf[before]!
      job = before
    }
  }
  const jobOf = new Array<number>(n)
  for (let j = 1; j <= m; j++) if (workerOf[j] !== 0) jobOf[workerOf[j]! - 1] = j - 1
  return jobOf
}
