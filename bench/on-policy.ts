// Learning from rollouts against others: preset jaxmarl against JaxMARL's IPPO, an update of preset mappo against the same in PyTorch, where
// PYTHON has them; then where the time of a round goes, and how it stands to its arithmetic.
import { availableParallelism } from 'node:os'
import { describeLibrary } from '../src/run/kernels.ts'
import { contest, milliseconds, ratio, type Standing, table } from './contest.ts'
import type { Benchmark, Figure } from './figure.ts'
import { onPolicyKernels, reportParts } from './on-policy-parts.ts'
import { type Contender, type Cost, startPython } from './peers/contender.ts'
import { startRollouts } from './peers/rollout-process.ts'
import { roundSteps } from './rollout-round.ts'

type Report = (figure: Figure) => void
type Note = (line: string) => void

const threadCounts = availableParallelism() > 1 ? [1, 2] : [1]

interface Match {
  readonly name: string
  /** Heads the table. */
  readonly title: string
  readonly unit: string
  /** Of what a unit costs. */
  value(seconds: number): number
  text(seconds: number): string
  readonly peer: string
  start(threads: number, kernels: string): Promise<Contender | string>
  startPeer(threads: number): Promise<Contender | string>
}

const matches: readonly Match[] = [
  {
    name: 'on-policy/jaxmarl',
    title: 'environment steps/s',
    unit: 'environment steps/s',
    value: seconds => roundSteps('jaxmarl') / seconds,
    text: seconds => Math.round(roundSteps('jaxmarl') / seconds).toLocaleString('en-US'),
    peer: 'JaxMARL',
    start: (threads, kernels) => startRollouts({ preset: 'jaxmarl', threads, kernels, of: 'round' }),
    startPeer: threads => startPython('jaxmarl_ippo.py', { threads }, threads),
  },
  {
    name: 'on-policy/mappo',
    title: 'ms of an update',
    unit: 'ms',
    value: seconds => 1000 * seconds,
    text: milliseconds,
    peer: 'PyTorch',
    start: (threads, kernels) => startRollouts({ preset: 'mappo', threads, kernels, of: 'update' }),
    startPeer: threads => startPython('torch_mappo_update.py', { threads }, threads),
  },
]

export const onPolicy: Benchmark = {
  name: 'on-policy',
  description:
    'preset jaxmarl against JaxMARL, an update of preset mappo against PyTorch, and where the time of a round goes',
  async run(report, note, wanted) {
    for (const match of matches) {
      const asked = threadCounts.filter(threads => wanted(nameOf(match, threads)))
      if (asked.length > 0) await compare(match, asked, report, note)
    }
    if (wanted('on-policy/parts')) await reportParts(report, note)
    noteLibrary(note)
  },
}

/** Which library multiplies, on which core: what `blas` stands for in the tables. */
function noteLibrary(note: Note): void {
  try {
    note(describeLibrary())
  } catch {
    // Its absence was noted where it was wanted.
  }
}

function nameOf({ name }: Match, threads: number): string {
  return `${name}/threads-${threads}`
}

async function compare(match: Match, asked: readonly number[], report: Report, note: Note): Promise<void> {
  const missing = new Set<string>()
  const rows: string[][] = []
  for (const threads of asked) {
    const standings = await standingsOf(match, threads, missing)
    const kind = kindOf(threads)
    const peer = standings.get(match.peer)
    for (const [name, standing] of standings) {
      const figure = {
        name: `${nameOf(match, threads)}/${name}`,
        value: match.value(standing.cost[kind]),
        unit: `${match.unit} (${kind})`,
      }
      const against = { against: `${peer?.name} on ${threads} thread${threads > 1 ? 's' : ''}` }
      const isAlone = peer === undefined || peer === standing
      report(isAlone ? figure : { ...figure, ...against, ratio: ratio(standing, peer, kind) })
    }
    const cell = (name: string, text: (standing: Standing) => string) => {
      const standing = standings.get(name)
      return standing === undefined ? '' : text(standing)
    }
    rows.push([
      `${threads} (${kind})`,
      ...[...onPolicyKernels, match.peer].map(name => cell(name, ({ cost }) => match.text(cost[kind]))),
      ...onPolicyKernels.map(name =>
        cell(name, standing => (peer === undefined ? '' : ratio(standing, peer, kind).toFixed(2))),
      ),
    ])
  }
  for (const reason of missing) note(`not compared: ${reason}`)
  const lead = onPolicyKernels.map(kernels => `${kernels} : ${match.peer}`)
  note(table([`threads, ${match.title}`, ...onPolicyKernels, match.peer, ...lead], rows))
  note('One thread by processor time (cpu), several by wall time; a : b says how many times faster a is.')
}

/** Several threads wait for each other: they want idle cores. */
function kindOf(threads: number): keyof Cost {
  return threads === 1 ? 'cpu' : 'wall'
}

/** By kernels and by the peer's name; reasons of those that this machine cannot run are added to `missing`. */
async function standingsOf(match: Match, threads: number, missing: Set<string>): Promise<Map<string, Standing>> {
  const starting = [
    ...onPolicyKernels.map(kernels => [kernels, match.start(threads, kernels)] as const),
    [match.peer, match.startPeer(threads)] as const,
  ]
  const contenders = new Map<string, Contender>()
  for (const [name, start] of starting) {
    const contender = await start
    if (typeof contender === 'string') missing.add(`${name}: ${contender}`)
    else contenders.set(name, contender)
  }
  const standings = await contest([...contenders.values()], 0.5, 15)
  for (const contender of contenders.values()) contender.end()
  return new Map([...contenders.keys()].map((name, i) => [name, standings[i]!]))
}
