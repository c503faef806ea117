// Contenders of a benchmark, each a process of its own that works when it is its turn; processor time counts all of its threads.
import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'

/** Seconds of one unit of work. */
export interface Cost {
  /** On all processors together, user and system. */
  readonly cpu: number
  readonly wall: number
}

export interface Contender {
  /** As it calls itself, with its version. */
  readonly name: string
  work(units: number): Promise<Cost>
  end(): void
}

/**
 * Starts a program that says `{ "ready": name }` and then answers every line of stdin, a number of units, with their cost.
 * @returns a sentence where the program ends before it is ready
 */
export async function startContender(command: readonly string[], env = process.env): Promise<Contender | string> {
  const child = spawn(command[0]!, command.slice(1), { stdio: ['pipe', 'pipe', 'pipe'], env })
  let complaint = ''
  child.stderr.on('data', chunk => (complaint = `${complaint}${chunk}`.slice(-2000)))
  child.on('error', error => (complaint = error.message))
  // An ended process is told by its closed output.
  child.stdin.on('error', () => {})
  const output = createInterface(child.stdout)[Symbol.asyncIterator]()
  const answer = async (): Promise<Record<string, unknown>> => {
    for (let next = await output.next(); !next.done; next = await output.next()) {
      if (next.value.startsWith('{')) return JSON.parse(next.value)
    }
    const lines = complaint.trim().split('\n')
    throw new Error(lines.findLast(line => /^\w*Error\b/.test(line)) ?? (lines.at(-1) || `${command[0]} ended`))
  }
  try {
    const { ready } = await answer()
    return {
      name: String(ready),
      async work(units) {
        child.stdin.write(`${units}\n`)
        const { cpu, wall } = (await answer()) as unknown as Cost
        return { cpu: cpu / units, wall: wall / units }
      },
      end: () => void child.stdin.end(),
    }
  } catch (error) {
    return (error as Error).message
  }
}

/** A program of this folder in the same Node, told what to do by one JSON argument. */
export function startNode(program: string, task: object, env?: NodeJS.ProcessEnv): Promise<Contender | string> {
  const file = fileURLToPath(new URL(program, import.meta.url))
  return startContender([process.execPath, file, JSON.stringify(task)], env)
}

/** A program of this folder in Python (`PYTHON`, or python3); the build leaves Python files among the sources. */
export function startPython(program: string, options: Readonly<Record<string, string | number>>, threads: number) {
  const file = [`./${program}`, `../../../bench/peers/${program}`]
    .map(path => fileURLToPath(new URL(path, import.meta.url)))
    .find(path => existsSync(path))
  if (file === undefined) return Promise.resolve(`${program} is not here`)
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, `${value}`])
  const { OPENBLAS_CORETYPE: _, MKL_ENABLE_INSTRUCTIONS: __, ATEN_CPU_CAPABILITY: ___, ...env } = process.env
  return startContender([process.env.PYTHON ?? 'python3', file, ...args], { ...env, OMP_NUM_THREADS: `${threads}` })
}

/** In such a process: answers until stdin ends. `before` comes before each unit and costs nothing. */
export function serve(name: string, unit: () => unknown, before?: () => unknown): void {
  console.log(JSON.stringify({ ready: name }))
  let working = Promise.resolve()
  createInterface(process.stdin).on('line', line => {
    working = working.then(async () => {
      let [cpu, wall] = [0, 0]
      for (let i = 0; i < Number(line); i++) {
        await before?.()
        const [began, start] = [process.cpuUsage(), performance.now()]
        await unit()
        const { user, system } = process.cpuUsage(began)
        cpu += (user + system) / 1e6
        wall += (performance.now() - start) / 1000
      }
      console.log(JSON.stringify({ cpu, wall }))
    })
  })
  process.stdin.on('end', () => process.exit())
}
