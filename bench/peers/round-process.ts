// Update rounds in a process of their own; see contender.ts. Told by { shape, threads, settings }, or { shape, carrier } for those without marlstrom.
import { fileURLToPath } from 'node:url'
import type { Overrides } from '../../src/run/config/config.ts'
import { createRound, type RoundShape } from '../update-round.ts'
import { type Contender, serve, startNode } from './contender.ts'

export interface RoundTask {
  readonly shape: RoundShape
  readonly threads: number
  /** Laid over the preset: which backend, which kernels, how agents learn. */
  readonly settings?: { readonly run: Readonly<Record<string, string>> } & Overrides
}

/** A sentence where this machine cannot run it. */
export function startRounds(task: RoundTask): Promise<Contender | string> {
  return startNode(program, task, withThreads(task.threads))
}

/** The round as one writes it with TensorFlow.js, without marlstrom. */
export function startStockRound(shape: RoundShape, carrier: 'tensorflow' | 'wasm'): Promise<Contender | string> {
  return startNode(program, { shape, carrier }, withThreads(1))
}

/** As the peers that are written with TensorFlow.js take a shape. */
export function tfjsOptions({ agents, hidden, transitions }: RoundShape) {
  return {
    agents,
    observationSize: 6 * agents,
    actionSize: 5,
    hidden: [hidden, hidden],
    batch: 1024,
    replayRows: transitions,
  }
}

const program = `./round-process${import.meta.filename.slice(-3)}`

/** Native TensorFlow takes all processors otherwise. */
function withThreads(threads: number): NodeJS.ProcessEnv {
  return { ...process.env, TF_NUM_INTRAOP_THREADS: `${threads}`, TF_NUM_INTEROP_THREADS: `${threads}` }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { shape, threads, settings, carrier } = JSON.parse(process.argv[2]!)
  if (carrier === undefined) {
    const { run } = await createRound(shape, threads, settings)
    serve(Object.values(settings?.run ?? {}).join(' ') || 'standard', run)
  } else {
    const { createTfjsStockRound } = await import('./tfjs-stock-round.ts')
    const { name, round } = await createTfjsStockRound(tfjsOptions(shape), carrier)
    serve(name, round)
  }
}
