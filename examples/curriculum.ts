// A curriculum: the prey becomes faster whenever the hunters have learnt to catch it.
import { createEpisodeTracker, createRun, defineOperator, type Saved, train } from 'marlstrom'
import { tap } from 'rxjs'

const curriculum = (goal: number) =>
  defineOperator({
    name: 'curriculum',
    options: { goal },
    create({ agents, games, options }) {
      const tracker = createEpisodeTracker(games, agents.length)
      let stage = 0
      let mean = 0 // return of a hunter, about the last 100 episodes
      return {
        operator: tap(step => {
          for (const { returns } of tracker.add(step)) {
            mean += (returns[0]! - mean) / 100
            if (mean < options.goal || stage === 2) continue
            stage++
            mean = 0
          }
        }),
        gameOptions: () => ({ curriculumStage: stage }),
        figures: () => ({ stage, mean }),
        save: () => ({ tracker: tracker.save(), stage, mean }),
        restore(saved) {
          const state = saved as { tracker: Saved; stage: number; mean: number }
          tracker.restore(state.tracker)
          ;({ stage, mean } = state)
        },
      }
    },
  })

const run = await createRun({
  scenario: { id: 'simple_tag', curriculum: true },
  team: { agent: 'random' },
  learner: { algorithm: 'ppo', rolloutSteps: 100 },
  run: { preset: 'modern-ppo', episodes: 8_000, games: 32, logEvery: 800 },
})

train(run, { operators: [curriculum(20)] }).subscribe({
  next(event) {
    if (event.type !== 'metrics') return
    const { episodes, 'operator/curriculum/stage': stage, 'operator/curriculum/mean': mean } = event.line
    console.log(`episode ${episodes}: stage ${stage}, return ${mean!.toFixed(1)}`)
  },
  error: console.error,
})
