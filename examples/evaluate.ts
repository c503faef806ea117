// Trains briefly, then compares the trained actors with chance over 200 episodes without learning.
import { createRun, evaluate, evaluationOf, train } from 'marlstrom'
import { lastValueFrom } from 'rxjs'

const run = await createRun({
  scenario: { id: 'simple_spread' },
  run: { episodes: 200 },
  learner: { updateAfter: 1_000, batch: 64 },
})
await lastValueFrom(train(run))

for (const policy of ['trained', 'random'] as const) {
  const { returns } = evaluate(evaluationOf(run, policy, 'sample', 200))
  console.log(`${policy}: ${returns.agent_0!.mean.toFixed(1)} ± ${returns.agent_0!.standardError.toFixed(1)}`)
}
