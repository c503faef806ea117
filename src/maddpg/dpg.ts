// DPG, the deterministic policy gradient (Silver et al. 2014): up mean grad_a Q(o, a) grad mu(o), Q off-policy by what the policy would do, or on-policy by Sarsa.
import { unsupportedSpaces } from '../agents/head.ts'
import { ConfigError } from '../errors.ts'
import { defineAlgorithm } from '../learning/algorithm.ts'
import { groupUpdates, maddpgOptions, withDefaults } from '../learning/options.ts'
import { choice, flag, type OptionValues } from '../settings/option.ts'
import { actionSize } from '../spaces.ts'
import type { Batch, Matrix } from '../types.ts'
import { createCompatibleCritic } from './compatible-critic.ts'
import { criticSlope, fitCritic, targetValues, updateTarget } from './critic.ts'
import { actorGradient, criticGradient } from './losses.ts'
import { createCritic, type Parts, type PolicyUpdate } from './parts.ts'
import { currentInput, improveActor, nextInput, proposedInput, targetOf, updateTargetActor } from './steps.ts'
import { createTeamLearner } from './team.ts'

const options = {
  ...withDefaults(maddpgOptions, { exploration: 'gaussian', explorationScale: 0.2, copyTargets: true }),
  ...groupUpdates,
  experience: {
    ...choice(
      ['replay', 'latest'],
      'what is learnt from: replay, transitions drawn from the replay buffer; latest, the newest ones, a batch of them in each round',
    ),
    changes: 'never',
  },
  sarsa: {
    ...flag(
      false,
      'whether Q is learnt by what was done next (Sarsa), with experience=latest; false: by what the policy would do',
    ),
    changes: 'never',
  },
  compatible: {
    ...flag(
      false,
      "whether Q is linear in an action, along the policy's gradient (compatible); boxes alone, with experience=latest",
    ),
    changes: 'never',
  },
} as const

export const dpg = defineAlgorithm({
  id: 'dpg',
  description: 'deterministic policy gradient, off-policy by Q or on-policy by Sarsa (Silver et al. 2014)',
  options,
  critics: 'local',
  unsupported: unsupportedSpaces,
  createLearner(team, settings) {
    refuseTogether(settings)
    const latest = settings.experience === 'latest'
    const updateOf = settings.compatible ? compatibleUpdate : plainUpdate
    return createTeamLearner(team, { ...settings, latest }, 'local', parts => updateOf(parts, settings))
  },
})

/** @throws ConfigError for settings that exclude each other */
function refuseTogether({ compatible, experience, sarsa, groupUpdate, priority }: OptionValues<typeof options>): void {
  const refuse = (path: string, expected: string): never => {
    throw new ConfigError(`learner.${path}`, `expected ${expected}`)
  }
  if (compatible && groupUpdate) refuse('groupUpdate', 'false with learner.compatible=true, got true')
  if (experience === 'latest' && priority > 0) {
    refuse('priority', `0 with learner.experience=latest, which draws nothing, got ${priority}`)
  }
  if (experience === 'latest') return
  if (sarsa) refuse('experience', 'latest with learner.sarsa=true, as what was done next is what the policy does as long as it is new, got replay') // biome-ignore format: one line
  if (compatible) refuse('experience', 'latest with learner.compatible=true, as a line is true of actions near those of the policy, got replay') // biome-ignore format: one line
}

/** Where it is known what was done next, that instead of what policies would do. */
const whatWasDone = (batch: Batch) => ({ change: (agent: number, actions: Matrix) => takeDone(batch, agent, actions) })

type DpgSettings = Pick<OptionValues<typeof options>, 'sarsa'>

function plainUpdate(parts: Parts, { sarsa }: DpgSettings): PolicyUpdate {
  const critic = createCritic(parts)

  return (batch, roster, policy) => {
    // Critic: minimise (Q(o, a) - y)^2 with y = r + gamma Q(o', a'), a' = mu(o') or what was done next.
    const target = targetOf(
      parts,
      batch,
      targetValues(critic, nextInput(parts, batch, roster, sarsa ? whatWasDone(batch) : {})),
    )
    const now = currentInput(parts, batch)
    const criticFigures = fitCritic(critic, now, target, batch, parts.present)

    // Actor: up Q(o, mu(o)).
    const proposed = proposedInput(parts, now, batch, policy)
    const { actorLoss, gradient } = criticSlope(critic, proposed, parts.input.ownAction, parts.present)
    improveActor(parts, policy, gradient)
    updateTargetActor(parts, policy)
    updateTarget(critic)
    return { ...criticFigures, actorLoss }
  }
}

/** Q(o, a) = (a - mu(o)) grad mu(o)^T w + V(o), V a critic that sees zeros in place of the own action. */
function compatibleUpdate(parts: Parts, { sarsa }: DpgSettings): PolicyUpdate {
  const { index, agent, rows, workspace, present, policies, input } = parts
  const value = createCritic(parts)
  const compatible = createCompatibleCritic(parts, policies.policies[0]!.actor)
  const nothing = workspace.matrix(rows, actionSize(agent.actionSpace))
  const withoutOwn = (all: Matrix) => input.withOwnAction(all, nothing)
  parts.asked.value = (moment, actions, seen) => {
    const none = { rows: 1, columns: nothing.columns, data: new Float32Array(nothing.columns) }
    const v = value.network.act(seen.of(moment, j => (j === index ? none : actions[j]!))).data[0]!
    return v + compatible.at(moment.observations[index]!).advantages(actions[index]!)[0]!
  }

  return (batch, roster, policy) => {
    // Critic: minimise (Q(o, a) - y)^2 with y = r + gamma Q(o', a'); of what the policy does Q is V.
    const nextValues = targetValues(value, withoutOwn(nextInput(parts, batch, roster, sarsa ? whatWasDone(batch) : {})))
    if (sarsa && batch.nextActions !== undefined) {
      const { advantages } = compatible.at(batch.nextObservations[index]!)
      const ofDone = advantages(batch.nextActions[index]!)
      for (let row = 0; row < rows; row++) nextValues.data[row]! += batch.nextActed!.data[row]! * ofDone[row]!
    }
    const target = targetOf(parts, batch, nextValues)
    const values = value.network.forward(withoutOwn(currentInput(parts, batch)))
    const now = compatible.at(batch.observations[index]!)
    const q = { ...values, data: now.advantages(batch.actions[index]!).map((a, row) => a + values.data[row]!) }
    const criticFigures = criticGradient(agent.id, q, target, present, batch, value.gradient)
    value.network.backward(value.gradient)
    now.add(batch.actions[index]!, value.gradient)
    value.optimizer.step()

    // Actor: up grad mu (grad mu^T w), by w as it was.
    const { actorLoss } = actorGradient(agent.id, values, present, value.gradient)
    const gradient = now.slope.data.map((slope, i) => value.gradient.data[Math.floor(i / nothing.columns)]! * slope)
    improveActor(parts, policy, { ...now.slope, data: gradient })
    compatible.step()
    updateTargetActor(parts, policy)
    updateTarget(value)
    return { ...criticFigures, actorLoss }
  }
}

/** Writes what an agent did next over what its policy would do, where that is known. */
function takeDone({ nextActions, nextActed }: Batch, agent: number, { columns, data }: Matrix): void {
  if (nextActions === undefined || nextActed === undefined) return
  const done = nextActions[agent]!.data
  for (let row = 0; row < nextActed.rows; row++) {
    if (nextActed.data[row] === 0) continue
    for (let at = row * columns; at < (row + 1) * columns; at++) data[at] = done[at]!
  }
}
