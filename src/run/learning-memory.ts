// What learning takes of a backend's memory, measured with small batches beforehand, and the refusal of what will not fit.

import { ConfigError, OutOfMemoryError } from '../errors.ts'
import type { Backend } from '../nn/backend.ts'
import { createSimdBackend } from '../nn/simd/backend.ts'
import { createRandom, type Random } from '../random.ts'
import { createJointReplay, type JointReplayConfig } from '../replay/joint-replay.ts'
import { bytesOfRows } from '../replay/row-chunks.ts'
import { rowLayout } from '../replay/row-layout.ts'
import type { ReplayView } from '../replay/view.ts'
import { actionSize } from '../spaces.ts'
import type { AgentSpec } from '../types.ts'
import type { RunConfig } from './config/config.ts'
import { type Settings, settingsOf, withSetting } from './config/team-settings.ts'
import { kernelOptions } from './kernels.ts'
import { learnersOf, type Players, playedAs } from './players.ts'
import { createRunMembers } from './roster.ts'

/** All that WebAssembly addresses. */
const addressed = 2 ** 32
/** Left for playing: what acts in the games, in evaluations and for viewers. */
const reserve = 2 ** 26
/** Runs whose batches cannot come near the limit are not measured. */
const surelyFits = 2 ** 29
/** Rows of the two batches that are measured; what more rows take is in proportion. */
const [fewRows, moreRows] = [32, 96]

/**
 * Where the transitions of a run lie: together with networks and batches, from where drawing them is quickest, or apart from them, in a
 * memory of their own, where one holds not both. Settings with which the run would be out of memory hours later are refused.
 * @throws ConfigError naming the setting, what it wants, and what would fit.
 */
export async function placeOfReplay(
  players: Players,
  config: RunConfig,
  agents: readonly AgentSpec[],
  replay: JointReplayConfig,
  learns = true,
): Promise<'together' | 'apart'> {
  const layout = rowLayout(agents, replay.extras, replay.stateParts, replay.gamesOfStep !== undefined)
  const bytes = 4 * layout.saved.columns
  const { capacity, games = 1 } = replay
  const limit = addressed - reserve
  if (capacity * bytes > limit) {
    throw new ConfigError(
      'replay.capacity',
      `${count(capacity)} transitions of ${count(bytes)} bytes want ${count(capacity * bytes)} bytes; WebAssembly addresses ` +
        `${count(addressed)} in all, so choose at most ${count(Math.floor(limit / bytes))}`,
    )
  }
  const stored = bytesOfRows(layout, capacity, games).most
  const rough = roughBytes(players, config, agents)
  if (rough < surelyFits && stored + rough <= limit) return 'together'

  const need = await learningNeed(players, config, agents, replay, learns)
  if (need === null) {
    throw new ConfigError(
      'scenario',
      `the networks of ${agents.length} agents whose critics see all of them do not fit into the ${count(addressed)} bytes that ` +
        `WebAssembly addresses; choose ${smaller(players, config)}`,
    )
  }
  const batch = largest(players, config, 'batch')
  const learning = need.fixed + batch * need.perRow
  if (learning <= limit) return learning + stored <= limit ? 'together' : 'apart'
  const rows = Math.floor((limit - need.fixed) / need.perRow)
  const remedy = rows >= 1 ? `learner.batch of at most ${count(rows)}, or ` : ''
  throw new ConfigError(
    'learner.batch',
    `batches of ${count(batch)} transitions and the networks of ${agents.length} agents want ${count(learning)} bytes; WebAssembly ` +
      `addresses ${count(addressed)} in all, so choose ${remedy}${smaller(players, config)}`,
  )
}

/** Bytes of the networks and all that is as large for any batch, and of each row of a batch; null: the networks alone do not fit. */
export async function learningNeed(
  players: Players,
  config: RunConfig,
  agents: readonly AgentSpec[],
  replay: JointReplayConfig,
  learns = true,
): Promise<{ readonly fixed: number; readonly perRow: number } | null> {
  try {
    const few = await bytesTaken(players, config, agents, replay, fewRows, learns)
    const more = await bytesTaken(players, config, agents, replay, moreRows, learns)
    const perRow = Math.ceil(Math.max(0, more - few) / (moreRows - fewRows))
    return { fixed: Math.max(0, few - fewRows * perRow), perRow }
  } catch (error) {
    if (error instanceof OutOfMemoryError) return null
    throw error
  }
}

/** What a memory of its own holds after every learner has learnt once from a batch of so many rows; not all of them need do so to tell. */
async function bytesTaken(
  players: Players,
  config: RunConfig,
  agents: readonly AgentSpec[],
  replay: JointReplayConfig,
  rows: number,
  learns: boolean,
): Promise<number> {
  const backend = await createSimdBackend({ threads: 1, ...kernelOptions(config.run, learns) })
  // Drawing the weights of a hundred networks takes seconds; any weights will do.
  let weight = 0
  const quick: Random = {
    ...createRandom(1),
    between(low, high) {
      weight = (weight + 0.618) % 1
      return low + (high - low) * weight
    },
  }
  const measured: Backend = { ...backend, network: (spec, _, workspace) => backend.network(spec, quick, workspace) }
  try {
    const batch = createJointReplay(backend, agents, { ...replay, capacity: rows }).createBatch(rows)
    batch.present.data.fill(1)
    const small = withSetting(config, 'batch', rows)
    /** By team that learns from it, of what kind the agent of each update of a round is. */
    const fromReplay = new Map<string, string[]>()
    const played = playedAs(players)
    /** Gives everybody who asks the same batch. */
    const view: ReplayView = {
      size: rows,
      batches(turns) {
        for (const { agent, subPolicy } of turns) {
          const { team, observationSize, actionSpace } = agents[agent]!
          const learning = played.get(team) ?? team
          const kind = JSON.stringify([team, observationSize, actionSpace, subPolicy])
          fromReplay.set(learning, [...(fromReplay.get(learning) ?? []), kind])
        }
        return { batch: () => batch, learnt() {}, abandon() {} }
      },
    }
    const { roster, learners } = createRunMembers(players, small, {
      backend: measured,
      agents,
      stateParts: replay.stateParts,
      now: () => 0,
      replay: () => view,
    })
    let further = 0
    for (const [team, kinds] of fromReplay) {
      // Learners have one workspace: once each kind of agent and two more have learnt, the others take what one more of them takes.
      const last = Math.max(...kinds.map(kind => kinds.indexOf(kind)))
      const updates = Math.min(kinds.length, last + 3)
      for (let update = 0; update < updates - 1; update++) learners.get(team)!.advance(roster)
      const before = bytesOf(backend)
      learners.get(team)!.advance(roster)
      further += (kinds.length - updates) * (bytesOf(backend) - before)
    }
    return bytesOf(backend) + further
  } finally {
    backend.dispose()
  }
}

/** More than batches and networks can take, whatever the algorithm, told without building anything. */
export function roughBytes(players: Players, config: RunConfig, agents: readonly AgentSpec[]): number {
  const { network } = config
  const joint = agents.reduce(
    (sum, { observationSize, actionSpace }) => sum + observationSize + actionSize(actionSpace),
    0,
  )
  // An inferred policy is a network of its own, for every other agent.
  const networks = settingsOfAll(players, config).some(({ inferPolicies }) => inferPolicies === true)
    ? agents.length
    : 1
  const widths = [network, network.actor, network.critic].map(({ hidden = [] }) => hidden)
  const widest = Math.max(...widths.map(layers => layers.reduce((sum, size) => sum + size, 0)))
  const units = networks * (widest + 8 * network.memory)
  const steps = network.memory > 0 ? network.memorySteps + 1 : 1
  const batch = largest(players, config, 'batch')
  const perLearner = batch * steps * (joint + units + 64) + 8 * (joint + units + 64) * (units + 64)
  return 4 * 8 * agents.length * largest(players, config, 'subPolicies') * perLearner
}

/** The largest value of a setting among the teams that learn; 1: none has it. */
function largest(players: Players, config: RunConfig, name: string): number {
  return Math.max(...settingsOfAll(players, config).map(settings => Number(settings[name] ?? 1)))
}

function settingsOfAll(players: Players, config: RunConfig): Settings[] {
  return [...learnersOf(players)].map(([team, algorithm]) => settingsOf(algorithm, config, team))
}

/** Settings under which learning takes less, of those that are not chosen yet. */
function smaller(players: Players, config: RunConfig): string {
  const all = settingsOfAll(players, config)
  const open = (name: string, chosen: unknown) => all.some(own => Object.hasOwn(own, name) && own[name] !== chosen)
  return [
    ...(open('critic', 'local')
      ? ["learner.critic=state or local (critics that see the world's own state, or their own agent alone)"]
      : []),
    ...(open('shareParameters', true)
      ? ['learner.shareParameters=true (networks in common for agents of one team)']
      : []),
    'fewer agents',
    'a smaller learner.batch',
  ].join(', or ')
}

function bytesOf({ memory }: Backend): number {
  return memory?.bytes ?? 0
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}
