// What a hook throws is told with the hook, the agent, the game, the episode, the step and the seed.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { lastValueFrom } from 'rxjs'
import { expect, it } from 'vitest'
import { describeError } from '../../src/authoring/error-place.ts'
import { GameError } from '../../src/errors.ts'
import { evaluate } from '../../src/experiment/evaluate.ts'
import { train } from '../../src/experiment/trainer.ts'
import { createRun, evaluationOf } from '../../src/run/run.ts'
import { writeGame } from '../support/game-files.ts'
import { tempFolder } from '../support/temp-folder.ts'

/** A scenario of two agents and 25 steps, which counts the steps of every game by itself. */
function writeScenario(reward: string, reset = ''): string {
  const file = join(tempFolder(), 'gather.ts')
  writeFileSync(
    file,
    `import { defineScenario, many } from 'marlstrom'

let begun = 0
export const gather = defineScenario({
  id: 'gather', version: 1, description: 'one of its hooks throws',
  options: {},
  world: () => ({ agents: many(2, i => ({ id: \`agent_\${i}\` })), state: { game: -1, steps: 0, episodes: 0 } }),
  reset({ world, random }) {
    const { state } = world
    // The first reset of a world is the framework's own, while the game is made.
    if (++state.episodes === 2) state.game = begun++
    state.steps = 0
    ${reset}
    for (const { position } of world.agents) position.set(random.between(-1, 1), 0)
  },
  beforeRewards: ({ world }) => void world.state.steps++,
  observe: ({ agent, see }) => see.vector('position', agent.position),
  reward({ agent, world: { state } }) {
    ${reward}
    return -agent.position.x
  },
})
`,
  )
  return file
}

const settings = {
  learner: { batch: 8, updateAfter: 1e6 },
  network: { hidden: [4] },
  run: { seed: 7, games: 3, episodes: 1000, summaryEpisodes: 0, tensorboard: false },
}

async function failing(file: string): Promise<string> {
  const run = await createRun({ ...settings, scenario: { id: file } })
  try {
    const error = await lastValueFrom(train(run)).catch((error: unknown) => error)
    expect(error).toBeInstanceOf(Error)
    return describeError(error)
  } finally {
    run.dispose()
  }
}

it('in training', async () => {
  const file = writeScenario(
    "if (state.game === 1 && state.episodes === 4 && state.steps === 18 && agent.index === 1) null!['x']",
  )
  // beforeRewards has counted the reset too; two whole rounds of three games have finished.
  expect(await failing(file)).toMatch(/reward of agent_1 threw TypeError: .*; game 1, episode 7, step 17, seed 7$/)
})

it('where an episode begins', async () => {
  const file = writeScenario('', "if (state.game === 2 && state.episodes === 3) throw new Error('no room')")
  expect(await failing(file)).toMatch(/reset threw Error: no room; game 2, episode 2, step 0, seed 7$/)
})

it('as a reward that is no number, which only the framework can see', async () => {
  const file = writeScenario('if (state.game === 0 && state.episodes === 3 && state.steps === 4) return NaN')
  expect(await failing(file)).toMatch(
    /gather: reward of agent_0 is not finite .*must be a finite number, got NaN.*; game 0, episode 4, step 3, seed 7$/,
  )
})

it('in an evaluation, by a method of a game', async () => {
  const file = writeGame(
    tempFolder(),
    'told',
    "game.measure = () => { if (steps === 3) throw new RangeError('too far'); return { told: 1 } }",
  )
  const run = await createRun({ ...settings, scenario: { id: file } })
  try {
    let thrown: unknown
    try {
      evaluate({ ...evaluationOf(run, 'trained', 'greedy', 50), seed: 11 })
    } catch (error) {
      thrown = error
    }
    expect(thrown).toBeInstanceOf(GameError)
    expect(describeError(thrown)).toMatch(
      /measure threw RangeError: too far; evaluation, game 0, episode 1, step 3, seed 11$/,
    )
  } finally {
    run.dispose()
  }
})
