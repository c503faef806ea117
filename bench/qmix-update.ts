// What one update of QMIX costs, drawn from a full replay buffer, against the same in PyTorch where PYTHON has it.
import { availableParallelism } from 'node:os'
import { contest, milliseconds, ratio, table } from './contest.ts'
import type { Benchmark, Figure } from './figure.ts'
import { type Contender, type Cost, startPython } from './peers/contender.ts'
import { startRounds } from './peers/round-process.ts'
import type { RoundShape } from './update-round.ts'

const threadCounts = availableParallelism() > 1 ? [1, 2] : [1]
const kernelKinds = ['standard', 'blas'] as const
const shape: RoundShape = { agents: 3, hidden: 64, transitions: 100_000 }
/** Rounds at every step: what is played between them costs next to nothing. */
const learner = { algorithm: 'qmix', shareParameters: true, updateEvery: 1 }

export const qmixUpdate: Benchmark = {
  name: 'qmix-update',
  description: 'one update of QMIX (3 agents that share a 64-64 network, batch 1024), against the same in PyTorch',
  async run(report, note, wanted) {
    const rows: string[][] = []
    const missing = new Set<string>()
    for (const threads of threadCounts) {
      if (wanted(nameOf(threads))) rows.push(await compare(threads, report, missing))
    }
    for (const reason of missing) note(`not compared: ${reason}`)
    const ratios = kernelKinds.map(kernels => `${kernels} : PyTorch`)
    note(table(['threads, ms of an update', ...kernelKinds, 'PyTorch', ...ratios], rows))
    note('One thread by processor time (cpu), several by wall time; a : b says how many times faster a is.')
  },
}

function nameOf(threads: number): string {
  return `qmix-update/threads-${threads}`
}

/** A row of the table. Reasons of contenders that this machine cannot run are added to `missing`. */
async function compare(threads: number, report: (figure: Figure) => void, missing: Set<string>): Promise<string[]> {
  const kind: keyof Cost = threads === 1 ? 'cpu' : 'wall'
  const { agents, hidden, transitions: replay } = shape
  const starting = [
    ...kernelKinds.map(kernels => startRounds({ shape, threads, settings: { learner, run: { kernels } } })),
    startPython('torch_qmix_update.py', { threads, agents, hidden, replay }, threads),
  ]
  const started = await Promise.all(starting)
  for (const each of started) if (typeof each === 'string') missing.add(each)
  const contenders = started.filter((each): each is Contender => typeof each !== 'string')
  const standings = await contest(contenders, 0.3, 12)
  for (const contender of contenders) contender.end()
  const found = started.map(each => (typeof each === 'string' ? null : standings[contenders.indexOf(each)]!))
  const torch = found.at(-1)!
  const cells = found.map(standing => (standing === null ? '' : milliseconds(standing.cost[kind])))
  const ratios = found.slice(0, -1).map(one => (one === null || torch === null ? null : ratio(one, torch, kind)))
  found.forEach((standing, i) => {
    if (standing === null) return
    const name = `${nameOf(threads)}/${kernelKinds[i] ?? 'PyTorch'}`
    const figure = { name, value: standing.cost[kind] * 1000, unit: `ms (${kind})` }
    const by = ratios[i] ?? null
    report(by === null ? figure : { ...figure, against: `${torch!.name} on as many threads`, ratio: by })
  })
  return [`${threads} (${kind})`, ...cells, ...ratios.map(each => each?.toFixed(2) ?? '')]
}
