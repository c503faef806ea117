// FACMAC: actors of MADDPG whose critic is one of the team, mixed from a critic of each agent; all climb it together (Peng et al. 2021).
import { unsupportedSpaces } from '../agents/head.ts'
import { agentContexts } from '../learning/agent-context.ts'
import { defineAlgorithm, type TeamContext } from '../learning/algorithm.ts'
import { finiteLoss } from '../learning/finite-loss.ts'
import {
  discounting,
  optimisation,
  reparameterised,
  replayUpdates,
  sharing,
  targets,
  withDefaults,
} from '../learning/options.ts'
import { createTeamReward, teamRewards } from '../learning/team-reward.ts'
import { createMember, createParts } from '../maddpg/parts.ts'
import { choice, type OptionValues } from '../settings/option.ts'
import type { Batch } from '../types.ts'
import { createDecomposedCritic, type DecomposedCritic, learnInTurn, updateTargets } from './decomposed-critic.ts'
import { createMonotoneMixer } from './monotone-mixer.ts'
import { mixing } from './options.ts'
import { createGoals, type Side, sidesOverReplay, teamsOf, withoutCommonSteps } from './value-learner.ts'

/** Rates, clipping, penalty, noise of boxes and the mixer's width as in oxwhirl/facmac (facmac_pp.yaml), all else as of `maddpg`. */
const options = {
  ...withDefaults(optimisation, { learningRate: 0.01, clip: 0.5, clipBy: 'network' }),
  ...discounting,
  ...replayUpdates,
  ...withDefaults(targets, { copyTargets: true }),
  ...withDefaults(reparameterised, { logitPenalty: 1e-3, exploration: 'gaussian', explorationScale: 0.1 }),
  ...sharing,
  ...teamRewards,
  ...withDefaults(mixing, { mixerUnits: 64 }),
  mixer: {
    ...choice(
      ['monotone', 'unrestricted'],
      "monotone: no agent's gain is the team's loss, as in QMIX; unrestricted: it may be, as actors take no maximum over a value",
    ),
    changes: 'never',
  },
} as const

type FacmacSettings = OptionValues<typeof options>

/** Settings of MADDPG that FACMAC does without: its critics see their own agent alone, so there is no view to choose and no policy of others to infer. */
const fixed = {
  critic: 'local',
  normaliseRewards: false,
  inferPolicies: false,
  inferenceEntropy: 0,
  subPolicies: 1,
} as const

/**
 * Factored multi-agent centralised policy gradients (Peng et al. 2021): Q_tot(s, a) = mixer(Q_1(o_1, a_1), ..., Q_n(o_n, a_n); s). One loss of
 * the team, and a gradient of all its actors at once, where MADDPG leaves the others' actions as they were:
 *
 *     L = (Q_tot(s, a) - r - gamma Q_tot'(s', mu'(o')))^2
 *     grad J = sum_i grad mu_i(o_i) grad_{a_i} Q_tot(s, mu_1(o_1), ..., mu_n(o_n))
 *
 * Choices pass gradients as MADDPG's do (learner.estimator).
 */
export const facmac = defineAlgorithm({
  id: 'facmac',
  description: "FACMAC: deterministic actors climb the team's mixed critic together (Peng et al. 2021)",
  options,
  unsupported: agents => withoutCommonSteps(agents, unsupportedSpaces),
  createLearner(team, settings) {
    const all = agentContexts(team).map(context =>
      createDecomposedCritic(createParts(context, { ...settings, ...fixed })),
    )
    const members = all.map(({ parts }) => createMember(parts))
    const mixerSettings = { ...settings, learningRate: settings.criticLearningRate ?? settings.learningRate }
    const sides = teamsOf(team).map(
      (side, i): MixedSide => ({
        ...side,
        mixer: createMonotoneMixer(team, side.agents.length, mixerSettings, [
          side.name,
          i === 0 ? 'mixer' : `mixer${i}`,
        ]),
        reward: createTeamReward({ agents: team.agents, indices: side.agents }, settings),
      }),
    )
    const updateOf = (side: MixedSide) => {
      const agents = side.agents.map(index => all[team.indices.indexOf(index)]!)
      return createUpdate(team, settings, side, agents)
    }
    return sidesOverReplay(team, settings, members, sides, updateOf, () => {
      updateTargets(all)
      for (const { mixer } of sides) mixer.updateTargets(settings.tau)
    })
  },
})

type MixedSide = Side & { readonly mixer: ReturnType<typeof createMonotoneMixer> }

function createUpdate(
  { backend }: TeamContext,
  settings: FacmacSettings,
  side: MixedSide,
  agents: readonly DecomposedCritic[],
) {
  const { name, mixer } = side
  const { batch: rows, logitPenalty } = settings
  const [values, nextValues] = [backend.matrix(rows, agents.length), backend.matrix(rows, agents.length)]
  const slope = backend.matrix(rows, 1)
  const goals = createGoals(backend, settings, side)

  return (batch: Batch) => {
    // Critics and mixer: minimise (Q_tot(s, a) - y)^2 with y = r + gamma Q_tot'(s', a'), a' drawn from the target actors.
    agents.forEach((agent, i) => void agent.next(batch, nextValues, i))
    const target = goals.targets(batch, mixer.nextTotal(nextValues, batch))
    agents.forEach((agent, i) => void agent.taken(batch, values, i))
    const { gradient, criticLoss } = goals.gradient(batch, mixer.total(values, batch), target)
    const atValues = mixer.backward(gradient)
    learnInTurn(
      agents,
      ({ critic }) => critic.optimizer,
      (agent, i) => agent.learn(batch, atValues, i),
    )
    mixer.step()

    // Actors: maximise Q_tot(s, mu_1(o_1), ..., mu_n(o_n)) over the actions of all.
    const keys = agents.map(({ parts }) => parts.noise.next())
    agents.forEach((agent, i) => void agent.proposed(batch, keys[i]!, values, i))
    const { data: totals } = mixer.total(values, batch)
    const count = goals.present.reduce((sum, there) => sum + there, 0)
    let sum = 0
    for (let row = 0; row < rows; row++) {
      slope.data[row] = count === 0 ? 0 : -goals.present[row]! / count
      sum += slope.data[row]! * totals[row]!
    }
    const actorLoss = finiteLoss(sum, name, 'actor')
    const atProposed = mixer.slope(slope)
    learnInTurn(
      agents,
      ({ policy }) => policy.optimizer,
      (agent, i) => agent.climb(batch, keys[i]!, atProposed, i, logitPenalty / agents.length),
    )
    return { criticLoss, actorLoss }
  }
}
