// An actor: a network from one agent's observation to its action, with the head that makes the action.
import type { Backend } from '../nn/backend.ts'
import { type Activation, type MlpOptions, mlp, type Network } from '../nn/network.ts'
import { setPlacesOf } from '../nn/sets.ts'
import type { NoiseKey, Random } from '../random.ts'
import type { AgentSpec, Matrix, Observations } from '../types.ts'
import { type Carried, feedForwardBody } from './body.ts'
import { setForbidden } from './choice-columns.ts'
import { createHead, type Head, type HeadConfig } from './head.ts'
import { alone, createIdentification, type Identity, identityColumns } from './identity.ts'
import { createRecords } from './records.ts'
import { recurrentBody, withMemory } from './recurrent-body.ts'

export type { Carried } from './body.ts'

export interface ActorConfig extends HeadConfig {
  readonly hidden: readonly number[]
  readonly activation: Activation
  /** Where hidden layers are normalised: before their activation (or true), or after it; default: nowhere. */
  readonly layerNorm?: MlpOptions['layerNorm']
  /** Whether observations are normalised row by row by a layer of their own; default: no. */
  readonly inputNorm?: boolean
  /** Whether observations are standardised by means and deviations that the learner keeps; default: no. */
  readonly normaliseObservations?: boolean
  /** Gains of orthogonal weights; default: Xavier uniform. */
  readonly orthogonal?: MlpOptions['orthogonal']
  /** Units of the layers that every piece of a set in an observation goes through; default: as many as the first hidden layer has. */
  readonly setUnits?: MlpOptions['setUnits']
  /** Units of a recurrent layer before the outputs; default: 0, none. */
  readonly memory?: number
}

/** What acts: all agents may read it. Where observations come with a mask, it never does what that does not allow. */
export interface Actor {
  /** What it carries from step to step, block by block of columns; its policy declares them. */
  readonly carries: readonly Carried[]
  /**
   * Sampled actions [batch, actionSize]; keeps nothing. `forWhat`: acting, or learning from them, as from those of target actors, whose bits
   * are those of `forward` (Network.act and .infer); default: acting.
   */
  sample(observations: Observations, noise: NoiseKey, forWhat?: 'acting' | 'learning'): Matrix
  /**
   * The same for learning, by the outputs of its last call where these observations have been drawn as often then (Batch.drawn), unless
   * `forget` was called since. Absent: nothing is kept.
   */
  sampleKept?(observations: Observations, noise: NoiseKey, drawn: number): Matrix
  /** Its network has moved. */
  forget?(): void
  /** The best guess, without chance. */
  greedy(observations: Observations): Matrix
  /** [batch, actionSize] The same as people read it: probabilities of choices, means of boxes. */
  probabilities(observations: Observations): Matrix
  /** [batch, actionSize] The values of the alternatives of which it takes the best; absent: it does not act by values. */
  actionValues?(observations: Observations): Matrix
  /** [batch, size] What its last `sample` leaves behind under a name, asked for at once: `logProbability`, `drawn` (records.ts). Absent: nothing. */
  recorded?(name: string): Matrix
  /**
   * [batch, head inputs] What its actions are drawn from: logits, those of alternatives that are not allowed too; of boxes means, then log
   * deviations if it has any. Keeps nothing.
   */
  distribution(observations: Observations): Matrix
  /** What it is made of: one network, or one per sub-policy. */
  readonly networks: readonly Network[]
  /** Each of its sub-policies as an actor of its own; absent: it has none. */
  readonly subPolicies?: readonly Actor[]
  /** The games that it acts in, all at once, a row each; absent: any number of rows. */
  readonly games?: number
  /** Who it is among the agents that share its networks, which see a one-hot of its number behind the observation; default: alone. */
  readonly identity?: Identity
}

/** An actor with one network, which learns. */
export interface LearningActor extends Actor {
  readonly network: Network
  /** Sampled actions; keeps what `backward` needs; the mask of the observations must stay as it is until then. */
  forward(observations: Observations, noise: NoiseKey): Matrix
  /** [rows, head inputs] What the head read at the last `forward`: logits, means, log deviations. */
  readonly outputs: Matrix
  /**
   * Leads the gradient at the actions of the last `forward` into the network's gradients, and adds the gradient of
   * penalty * mean(outputs^2) over all that the head reads, to which rows where `present` is 0 add nothing. `outputGradient`: a
   * further gradient at the outputs, as an entropy has one. The gradient of a logit whose alternative was not allowed is exactly 0,
   * whatever is added.
   */
  backward(actionGradient: Matrix, penalty: number, present: Float32Array, outputGradient?: Matrix): void
}

/** What an actor has to know of an agent. Sets in its observation are pooled; without its parts it is read as it stands. */
export type ActorAgent = Pick<AgentSpec, 'observationSize' | 'actionSpace'> &
  Partial<Pick<AgentSpec, 'observationParts'>>

/** Where the numbers of an actor stand that nobody needs once they were used; default: in places of its own. */
export interface ActorWorkspace {
  /** Of what acts: one actor at a time. */
  readonly acting: Backend
  /** Of what learns: from a `forward` to its `backward`. */
  readonly learning: Backend
  readonly identification: { readonly acting: Backend; readonly learning: Backend }
  /** Whether it keeps its outputs for others that ask about the same observations. Default: no. */
  readonly keepsOutputs?: boolean
}

/**
 * An actor for an agent, with weights drawn from a stream, or with a network that other agents have already. One that is not alone is
 * told apart by a one-hot behind its observation.
 */
export function createActor(
  backend: Backend,
  agent: ActorAgent,
  config: ActorConfig,
  from: Random | Network,
  identity: Identity = alone,
  workspace: ActorWorkspace = ownWorkspace(backend),
): LearningActor {
  const head = createHead(workspace.acting, agent.actionSpace, config)
  const learningHead = createHead(workspace.learning, agent.actionSpace, config)
  const { hidden, activation, memory = 0 } = config
  const inputs = agent.observationSize + identityColumns(identity)
  const sets = setPlacesOf(agent.observationParts ?? [])
  const standardised = config.normaliseObservations === true ? agent.observationSize : 0
  // The deviations of clipped boxes are parameters of their own (openai/baselines ppo2).
  const constant = head.distribution.parts.flatMap(({ kind, place: { output, size } }) =>
    kind === 'box' && config.boxes === 'clipped' ? [{ from: output + size, to: output + 2 * size }] : [],
  )
  const plain = mlp(inputs, hidden, head.inputs, activation, { ...config, sets, standardised, constant })
  const gates = config.orthogonal === undefined ? {} : { orthogonal: 1 }
  const spec = memory > 0 ? withMemory(plain, memory, gates) : plain
  const network = 'parameters' in from ? from : workspace.acting.network(spec, from)
  const told = {
    inferring: createIdentification(workspace.identification.acting, identity),
    learning: createIdentification(workspace.identification.learning, identity),
  }
  const body = memory > 0 ? recurrentBody(backend, network, told) : feedForwardBody(backend, network, told, identity)
  const records = createRecords(workspace.acting, head.distribution)
  let outputs: Matrix
  /** What was allowed at the last `forward`. */
  let mask: Matrix | undefined
  return {
    carries: body.carries,
    identity,
    network,
    networks: [network],
    sample(observations, noise, forWhat = 'acting') {
      const drawnFrom = forWhat === 'acting' ? body.act(observations) : body.infer(observations)
      const actions = head.sample(drawnFrom, noise, observations.mask)
      records.keep(drawnFrom, actions, noise, observations.mask)
      return actions
    },
    ...(workspace.keepsOutputs === true ? keeping(backend, body.infer, head.sample) : {}),
    recorded: records.of,
    greedy: observations => head.greedy(body.act(observations), observations.mask),
    probabilities: observations => head.probabilities(body.act(observations), observations.mask),
    ...(config.actionValues === true ? { actionValues: body.act } : {}),
    distribution: body.infer,
    forward(observations, noise) {
      outputs = body.forward(observations)
      mask = observations.mask
      return learningHead.sample(outputs, noise, mask)
    },
    get outputs() {
      return outputs
    },
    backward(actionGradient, penalty, present, outputGradient) {
      const gradient = learningHead.gradient(actionGradient)
      const scale = (2 * penalty) / outputs.data.length
      for (let row = 0, i = 0; row < outputs.rows; row++) {
        for (let c = 0; c < outputs.columns; c++, i++) gradient.data[i]! += scale * present[row]! * outputs.data[i]!
      }
      if (outputGradient !== undefined) addTo(gradient, outputGradient)
      if (mask !== undefined) {
        for (const { kind, place } of head.distribution.parts) {
          if (kind !== 'box') setForbidden(gradient, mask, place, 0)
        }
      }
      body.backward(gradient)
    },
  }
}

function keeping(
  backend: Backend,
  infer: (observations: Observations) => Matrix,
  sample: Head['sample'],
): Required<Pick<Actor, 'sampleKept' | 'forget'>> {
  let kept: { readonly of: Observations; readonly drawn: number } | null = null
  let outputs: Matrix | undefined
  return {
    sampleKept(observations, noise, drawn) {
      if (kept?.of !== observations || kept.drawn !== drawn) {
        const now = infer(observations)
        if (outputs?.data.length !== now.data.length) outputs = backend.matrix(now.rows, now.columns)
        outputs.data.set(now.data)
        kept = { of: observations, drawn }
      }
      return sample(outputs!, noise, observations.mask)
    },
    forget() {
      kept = null
    },
  }
}

function ownWorkspace(backend: Backend): ActorWorkspace {
  return { acting: backend, learning: backend, identification: { acting: backend, learning: backend } }
}

function addTo(sum: Matrix, { data }: Matrix): void {
  for (let i = 0; i < data.length; i++) sum.data[i]! += data[i]!
}
