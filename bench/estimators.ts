// What an update round of simple_spread costs with each estimator of discrete actions, against the soft one in the same run.
import { type Benchmark, takeTurns } from './figure.ts'
import { createRound } from './update-round.ts'

const shape = { agents: 3, hidden: 64, transitions: 50_000 }
const others = [
  { name: 'straightThrough', learner: { estimator: 'straightThrough' } },
  { name: 'gumbelRao', learner: { estimator: 'gumbelRao' } },
  { name: 'gapped', learner: { estimator: 'gapped' } },
]

export const estimators: Benchmark = {
  name: 'estimators',
  description: 'one update round on one thread with each estimator of discrete actions',
  async run(report) {
    const soft = await createRound(shape, 1)
    const rounds = [soft]
    for (const { learner } of others) rounds.push(await createRound(shape, 1, { learner }))
    const [base, ...seconds] = (await takeTurns(
      25,
      rounds.map(round => round.run),
    )) as [number, ...number[]]
    report({ name: 'estimators/soft', value: base * 1000, unit: 'ms' })
    others.forEach(({ name }, i) => {
      const value = seconds[i]! * 1000
      report({ name: `estimators/${name}`, value, unit: 'ms', against: 'soft', ratio: base / seconds[i]! })
    })
    for (const round of rounds) round.dispose()
  },
}
