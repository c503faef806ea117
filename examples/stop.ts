// Stops when an evaluation is good enough: the run is done then, and a resume with more episodes goes on.
import { createRun, isDone, train } from 'marlstrom'
import { filter, lastValueFrom } from 'rxjs'

const run = await createRun({
  scenario: { id: 'simple' },
  learner: { algorithm: 'ppo', rolloutSteps: 100, learningRate: 0.003 },
  run: { episodes: 20_000, games: 8, evaluateEvery: 100 },
})

const events$ = train(run, { stopWhen: ({ evaluation }) => evaluation.teams.agent!.mean > -5.5 })
const last = await lastValueFrom(events$.pipe(filter(event => event.type === 'evaluation')))

const { mean, standardError } = last.evaluation.teams.agent!
console.log(
  `done: ${isDone(run)}, ${mean.toFixed(1)} ± ${standardError.toFixed(1)} after ${last.trainingEpisodes} episodes`,
)
