// Environment steps per second through the rxjs engine, random actions, observations and rewards included: side by side games from one to
// thousands, against a hand-written loop and against JaxMARL, VMAS and MPE2 where PYTHON names a Python that has them.
import { contest, ratio, type Standing, table } from './contest.ts'
import { stepsOfUnit } from './engine-steps.ts'
import type { Benchmark, Figure } from './figure.ts'
import { type Contender, startPython } from './peers/contender.ts'
import { startSteps } from './peers/steps-process.ts'

type Report = (figure: Figure) => void

const scenarios = [
  { scenario: { id: 'simple_spread' }, games: 1 },
  { scenario: { id: 'simple_tag' }, games: 32 },
  { scenario: { id: 'simple_world_comm' }, games: 32 },
]

interface Width {
  readonly agents: number
  readonly games: number
  /** Agents and landmarks that each sees; absent: all. Peers always see all. */
  readonly nearest?: number
}

const widths: readonly Width[] = [
  { agents: 3, games: 32 },
  { agents: 3, games: 256 },
  { agents: 3, games: 4096 },
  { agents: 30, games: 256 },
  { agents: 30, games: 256, nearest: 5 },
]

/** What is compared with the first of each: more games side by side, and seeing the five nearest in place of all. */
const groups = [3, 30].map(agents => widths.filter(width => width.agents === agents))

/** MPE2 plays one game at a time: more of them are only more of the same. */
const mpe2Games = 1

export const steps: Benchmark = {
  name: 'steps',
  description: 'environment steps through the engine on one thread, by processor time',
  async run(report, note, wanted) {
    for (const { scenario, games } of scenarios) {
      const name = `steps/${scenario.id}/${games}-games`
      if (!wanted(name)) continue
      const [ours, plain] = await play(
        [startSteps({ scenario, games }), startSteps({ scenario, games, plain: true })],
        5,
      )
      report(figureOf(name, ours!, games, plain!))
    }
    for (const group of groups) await againstFirst(group, report, wanted)
    const rows: string[][] = []
    for (const width of widths) if (wanted(nameOf(width))) rows.push(await atWidth(width, report, note))
    if (rows.length === 0) return
    note(
      table(
        [
          'simple_spread',
          'marlstrom',
          'plain loop',
          'JaxMARL',
          'its wall time',
          'VMAS',
          'MPE2',
          'plain',
          'JaxMARL',
          'VMAS',
          'MPE2',
        ],
        rows,
      ),
    )
    note(
      'Steps of a game per second of processor time (and of wall time); then how many times faster marlstrom is, by processor time.',
    )
  },
}

function nameOf({ agents, games, nearest }: Width): string {
  return `steps/simple_spread/${agents}-agents/${games}-games${nearest === undefined ? '' : `-nearest-${nearest}`}`
}

/** What a step costs with each of them, against the first. */
async function againstFirst(group: readonly Width[], report: Report, wanted: (name: string) => boolean): Promise<void> {
  const name = (width: Width) => `${nameOf(width)}/against-first`
  if (!group.some(width => wanted(name(width)))) return
  const standings = await play(
    group.map(width => startSteps({ scenario: scenarioOf(width), games: width.games })),
    15,
  )
  const first = standings[0]!
  group.forEach((width, i) => {
    const figure = figureOf(name(width), standings[i]!, width.games)
    const times = (ratio(standings[i]!, first, 'cpu') * width.games) / group[0]!.games
    if (i > 0) report({ ...figure, against: nameOf(group[0]!), ratio: times })
  })
}

function scenarioOf({ agents, nearest }: Width) {
  const sight = nearest === undefined ? {} : { agentNeighbors: nearest, landmarkNeighbors: nearest }
  return { id: 'simple_spread', agents, ...sight }
}

/** A row of the table. */
async function atWidth(width: Width, report: Report, note: (line: string) => void): Promise<string[]> {
  const { agents, games, nearest } = width
  const scenario = scenarioOf(width)
  const starts: Readonly<Record<string, () => Promise<Contender | string>>> = {
    marlstrom: () => startSteps({ scenario, games }),
    ...(agents === 3 && { plain: () => startSteps({ scenario, games, plain: true }) }),
    JaxMARL: () => startPython('environment_steps.py', { peer: 'jaxmarl', games, agents }, 1),
    ...(nearest === undefined && {
      VMAS: () => startPython('environment_steps.py', { peer: 'vmas', games, agents }, 1),
      MPE2: () => startPython('environment_steps.py', { peer: 'mpe2', games: mpe2Games, agents }, 1),
    }),
  }
  const name = nameOf(width)
  const names = Object.keys(starts)
  const standings = await play(
    names.map(peer => starts[peer]!()),
    15,
    (i, reason) => note(`${name}: no ${names[i]}: ${reason}`),
  )
  const [ours, ...peers] = standings as [Standing, ...(Standing | undefined)[]]
  const of = (peer: string) => (peer === 'marlstrom' ? ours : peers[names.indexOf(peer) - 1])
  report(figureOf(name, ours, games))
  const rate = (peer: string, kind: 'cpu' | 'wall' = 'cpu') => {
    const standing = of(peer)
    const count = peer === 'MPE2' ? mpe2Games : games
    return standing === undefined ? '' : thousands((stepsOfUnit * count) / standing.cost[kind])
  }
  const lead = (peer: string) => {
    const standing = of(peer)
    if (standing === undefined) return ''
    const count = peer === 'MPE2' ? mpe2Games : games
    const times = (ratio(ours, standing, 'cpu') * games) / count
    const value = (stepsOfUnit * games) / ours.cost.cpu
    report({ name: `${name}/against-${peer}`, value, unit: 'steps/s', against: standing.name, ratio: times })
    return times.toFixed(times < 10 ? 2 : 0)
  }
  return [
    `${agents} agents, ${games.toLocaleString('en-US')} games${nearest === undefined ? '' : `, ${nearest} nearest seen`}`,
    ...['marlstrom', 'plain', 'JaxMARL'].map(peer => rate(peer)),
    rate('JaxMARL', 'wall'),
    ...['VMAS', 'MPE2'].map(peer => rate(peer)),
    ...['plain', 'JaxMARL', 'VMAS', 'MPE2'].map(lead),
  ]
}

/** Standings in the order of the contenders; undefined for those that this machine cannot run. */
async function play(
  starting: readonly Promise<Contender | string>[],
  budget: number,
  missing: (contender: number, reason: string) => void = () => {},
): Promise<(Standing | undefined)[]> {
  const started = await Promise.all(starting)
  const contenders = started.filter(contender => typeof contender !== 'string')
  started.forEach((contender, i) => {
    if (typeof contender === 'string') missing(i, contender)
  })
  const standings = await contest(contenders, 0.4, budget)
  for (const contender of contenders) contender.end()
  return started.map(contender =>
    typeof contender === 'string' ? undefined : standings[contenders.indexOf(contender)],
  )
}

function figureOf(name: string, ours: Standing, games: number, plain?: Standing): Figure {
  const figure = { name, value: (stepsOfUnit * games) / ours.cost.cpu, unit: 'environment steps/s' }
  if (plain === undefined) return figure
  return { ...figure, against: 'a hand-written typed-array loop of simple_spread', ratio: ratio(ours, plain, 'cpu') }
}

function thousands(value: number): string {
  return `${(value / 1000).toLocaleString('en-US', { maximumSignificantDigits: 3 })} k`
}
