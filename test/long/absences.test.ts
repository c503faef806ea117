// Every algorithm with each way to learn in a game with masks, whose agents wait, come late, leave and return.
import { describe, it } from 'vitest'
import type { Overrides } from '../../src/run/config/config.ts'
import { algorithms } from '../../src/run/run.ts'
import { expectResumable } from '../support/resumable.ts'
import { learnsFromReplay, mayBeLocal, needsCommonSteps, sharesParameters } from '../support/tiny-roster.ts'

const always: Readonly<Record<string, Overrides>> = {
  'own steps': {},
  'steps of the game': { learner: { discountPer: 'gameStep' } },
  'masks alone': { scenario: { absences: false } },
  'absences alone': { scenario: { masks: false } },
  'parameters in common': { scenario: { alike: true }, learner: { shareParameters: true } },
}
const overReplay: Readonly<Record<string, Overrides>> = {
  'a critic of the state': { learner: { critic: 'state' } },
  'a local critic, drawn by TD error': { learner: { critic: 'local', priority: 0.6 } },
  'one batch for a round, over three own steps': { learner: { draws: 'round', returnSteps: 3 } },
  'no value beyond the time limit': { learner: { timeLimit: 'terminate' } },
  'memory, sub-policies and parameters in common': {
    scenario: { alike: true },
    learner: { subPolicies: 2, shareParameters: true, returnSteps: 2 },
    network: { memory: 4, memorySteps: 3 },
  },
}
const overRollouts: Readonly<Record<string, Overrides>> = {
  'a value of the state': { learner: { baseline: 'value', critic: 'state' } },
  'a value of its own observation': { learner: { baseline: 'value', critic: 'local', timeLimit: 'bootstrap' } },
  'memory and a value of all observations': {
    learner: { baseline: 'value', critic: 'joint', timeLimit: 'bootstrap' },
    network: { memory: 4 },
  },
}
/** V is a setting of some, and all that others have. */
const withoutBaseline = ({ learner, ...rest }: Overrides): Overrides => {
  const { baseline: _, ...others } = (learner ?? {}) as Record<string, unknown>
  return { ...rest, learner: others }
}
const cases = Object.entries(algorithms).flatMap(([id, algorithm]) =>
  Object.entries({ ...always, ...(learnsFromReplay(algorithm) ? overReplay : overRollouts) })
    .filter(([, { learner = {} }]) => sharesParameters(algorithm) || !('shareParameters' in learner))
    .filter(([, { learner = {} }]) => mayBeLocal(algorithm) || !('critic' in learner && learner.critic === 'local'))
    .filter(([, { scenario = {} }]) => !needsCommonSteps(algorithm) || scenario.absences === false)
    .map(([way, settings]) => ({
      id,
      way,
      settings: Object.hasOwn(algorithm.options, 'baseline') ? settings : withoutBaseline(settings),
    })),
)

describe.each(cases)('$id: $way', ({ id, settings }) => {
  it('trains without a fault, and goes on to the bit', async () => {
    await expectResumable(id, settings)
  })
})
