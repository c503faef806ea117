// What learning takes of the backend's memory is known before anything is trained.
import { describe, expect, it } from 'vitest'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createJointReplay } from '../../src/replay/joint-replay.ts'
import { layer, type Overrides } from '../../src/run/config/config.ts'
import { storedBeside } from '../../src/run/experience.ts'
import { gameOf } from '../../src/run/find-game.ts'
import { learningNeed, roughBytes } from '../../src/run/learning-memory.ts'
import { planRun } from '../../src/run/plan.ts'
import { createRunMembers } from '../../src/run/roster.ts'
import { createRun } from '../../src/run/run.ts'

const rows = 512
const base: Overrides = {
  scenario: { id: 'simple_spread', agents: 6 },
  learner: { batch: rows, updateAfter: rows },
  network: { hidden: [32, 32] },
}

async function planned(given: Overrides, isMasked = false) {
  const { config, definition, players } = await planRun(layer(base, given))
  const game = gameOf(config, definition)()
  const agents = isMasked ? game.agents.map(agent => ({ ...agent, isMasked })) : game.agents
  const replay = {
    capacity: rows,
    memorySteps: config.network.memorySteps,
    ...storedBeside(agents, players, config),
  }
  return { config, players, agents, replay }
}

/** Bytes after every learner has learnt once from a batch of the run's own size. */
async function bytesTaken({ config, players, agents, replay }: Awaited<ReturnType<typeof planned>>): Promise<number> {
  const backend = await createSimdBackend()
  const batch = createJointReplay(backend, agents, replay).createBatch(rows)
  batch.present.data.fill(1)
  const view = { size: rows, batches: () => ({ batch: () => batch, learnt() {}, abandon() {} }) }
  const { roster, learners } = createRunMembers(players, config, { backend, agents, now: () => 0, replay: () => view })
  for (const learner of learners.values()) while (!learner.advance(roster).endsRound);
  const { bytes } = backend.memory!
  backend.dispose()
  return bytes
}

describe('the memory that learning wants', () => {
  it.each<[string, Overrides, boolean?]>([
    ['maddpg', {}],
    ['ddpg', { learner: { algorithm: 'ddpg' } }],
    ['masac', { learner: { algorithm: 'masac' } }],
    ['mad4pg', { learner: { algorithm: 'mad4pg' }, network: { hidden: [64] } }],
    ['shared networks', { learner: { shareParameters: true } }],
    ['sub-policies', { learner: { subPolicies: 3 } }],
    ['inferred policies', { learner: { inferPolicies: true } }],
    ['a memory', { network: { memory: 16, memorySteps: 8 } }],
    ['action masks', { learner: { algorithm: 'masac', inferPolicies: true } }, true],
  ])('is foretold from small batches: %s', async (_, given, isMasked) => {
    const plan = await planned(given, isMasked)
    const taken = await bytesTaken(plan)
    const { fixed, perRow } = (await learningNeed(plan.players, plan.config, plan.agents, plan.replay))!
    expect(Math.abs(fixed + rows * perRow - taken)).toBeLessThan(0.02 * taken)
    expect(roughBytes(plan.players, plan.config, plan.agents)).toBeGreaterThan(taken)
  })

  it('is refused where batches do not fit, before anything is trained, with what would', async () => {
    const refused = createRun({
      scenario: { id: 'simple_spread', agents: 24 },
      learner: { batch: 131_072, updateAfter: 131_072 },
      replay: { capacity: 131_072 },
      network: { hidden: [16] },
    })
    await expect(refused).rejects.toThrow(
      /^learner\.batch: batches of 131,072 transitions and the networks of 24 agents want [\d,]+ bytes; .* choose learner\.batch of at most [\d,]+/,
    )
  })
})
