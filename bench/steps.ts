// Environment steps per second through the rxjs engine, random actions, observations and rewards included, by the number of games side by side.
import { lastValueFrom, Observable, take } from 'rxjs'
import type { Tick } from '../src/engine/clock.ts'
import { simulate } from '../src/engine/simulate.ts'
import { createVectorGame } from '../src/envs/vector-game.ts'
import { createRandom } from '../src/random.ts'
import { resolveConfig } from '../src/run/config/config.ts'
import { gameOf, policiesOf } from '../src/run/run.ts'
import { type Benchmark, type Figure, processorSeconds, takeTurns } from './figure.ts'
import { createPlainSpread } from './peers/plain-spread.ts'

/** Environment steps of a turn, about; all games together, whole episodes. */
const turnSteps = 80_000
const episodeSteps = 25
const turns = 8
const widths = [32, 256, 4096, 1]
const plainLoop = 'a hand-written typed-array loop of simple_spread'

type Report = (figure: Figure) => void
type Scenario = { readonly id: string } & Readonly<Record<string, unknown>>

export const steps: Benchmark = {
  name: 'steps',
  description: 'environment steps through the engine, one core',
  async run(report, { games = widths } = {}) {
    await compareWidths(report, games)
    for (const scenario of ['simple_tag', 'simple_world_comm']) {
      const contenders = [createEngine({ id: scenario }, 32), createPlain(32)]
      const [ours, theirs] = (await secondsPerStep(turns, contenders)) as [number, number]
      report(figureOf(`steps/${scenario}`, ours, plainLoop, theirs / ours))
    }
    await compareNeighbors(report)
  },
}

/** simple_spread, at each width against the plain loop of as many games, and against the first width. */
async function compareWidths(report: Report, games: readonly number[]): Promise<void> {
  const seconds = await secondsPerStep(turns, [
    ...games.map(count => createEngine({ id: 'simple_spread' }, count)),
    ...games.map(createPlain),
  ])
  games.forEach((count, i) => {
    const name = `steps/simple_spread/games-${count}`
    report(figureOf(name, seconds[i]!, plainLoop, seconds[games.length + i]! / seconds[i]!))
    if (i > 0) report(figureOf(`${name}/wide`, seconds[i]!, `${games[0]} games`, seconds[0]! / seconds[i]!))
  })
}

/** Many agents: to see the five nearest of all others must not cost more than to see them all. */
async function compareNeighbors(report: Report): Promise<void> {
  const crowd = { id: 'simple_spread', agents: 30 }
  const five = { ...crowd, agentNeighbors: 5, landmarkNeighbors: 5 }
  const [all, near] = (await secondsPerStep(
    4,
    [crowd, five].map(scenario => createEngine(scenario, 256, turnSteps / 16)),
  )) as [number, number]
  report(figureOf('steps/simple_spread/agents-30', all))
  report(figureOf('steps/simple_spread/agents-30/nearest-5', near, 'all of them seen', all / near))
}

/** `seconds`: of one environment step. */
function figureOf(name: string, seconds: number, against?: string, ratio?: number): Figure {
  const figure = { name, value: 1 / seconds, unit: 'environment steps/s' }
  return against === undefined ? figure : { ...figure, against, ratio: ratio! }
}

/** Makes some environment steps per call. */
interface Contender {
  readonly run: () => void | Promise<void>
  readonly steps: number
}

/** Best processor seconds per environment step of each. */
async function secondsPerStep(turns: number, contenders: readonly Contender[]): Promise<number[]> {
  const seconds = await takeTurns(
    turns,
    contenders.map(({ run }) => run),
    processorSeconds,
  )
  return seconds.map((best, i) => best / contenders[i]!.steps)
}

/** Goes through the engine's operators. */
function createEngine(scenario: Scenario, games: number, count = turnSteps): Contender {
  const config = resolveConfig({ scenario })
  const vectorGame = createVectorGame({
    create: gameOf(config),
    games,
    random: game => createRandom(1, 'game', game),
    keptSteps: 2,
  })
  const policies = policiesOf('random', vectorGame.games, 1)
  const tick: Tick = { take: () => true }
  const ticks$ = new Observable<Tick>(subscriber => subscriber.next(tick))
  const vectorSteps = vectorStepsOf(count, games)
  return {
    steps: vectorSteps * games,
    async run() {
      await lastValueFrom(ticks$.pipe(simulate(vectorGame, policies), take(vectorSteps)))
    },
  }
}

function createPlain(games: number): Contender {
  const plain = createPlainSpread(games)
  const vectorSteps = vectorStepsOf(turnSteps, games)
  return {
    steps: vectorSteps * games,
    run() {
      for (let i = 0; i < vectorSteps; i++) plain.step()
    },
  }
}

function vectorStepsOf(count: number, games: number): number {
  return episodeSteps * Math.max(1, Math.round(count / games / episodeSteps))
}
