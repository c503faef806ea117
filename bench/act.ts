// Microseconds of acting: every agent's actor and head over the observations of all games.
import { actAll } from '../src/engine/simulate.ts'
import { createRun } from '../src/run/run.ts'
import { type Benchmark, takeTurns } from './figure.ts'

const rounds = 2000

export const act: Benchmark = {
  name: 'act',
  description: 'three trained agents act once in every game',
  async run(report) {
    for (const games of [32, 1]) {
      const { policies, vectorGame } = await createRun({ scenario: { id: 'simple_spread' }, run: { games } })
      const [seconds] = (await takeTurns(10, [
        () => {
          for (let i = 0; i < rounds; i++) actAll(policies, vectorGame)
        },
      ])) as [number]
      const name = games === 32 ? 'act/simple_spread' : `act/simple_spread/games-${games}`
      report({ name, value: (seconds / rounds) * 1e6, unit: 'us' })
    }
  },
}
