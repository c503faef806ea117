// Conformance traces ("mpe-conformance/1"): recorded episodes of the published particle worlds, checked and typed.
import type { Rules } from './physics.ts'

/** Positions, velocities and utterances of all agents. */
export interface TraceState {
  readonly pos: readonly (readonly number[])[]
  readonly vel: readonly (readonly number[])[]
  readonly comm: readonly (readonly number[])[]
}

export interface TraceStep {
  /** Per agent: one whole number where the trace is discrete, else one row of numbers. */
  readonly actions: readonly (number | readonly number[])[]
  /** Per agent, in double precision. */
  readonly obs: readonly (readonly number[])[]
  readonly rewards: readonly number[]
  /** Before sharing; only the original records them. */
  readonly local_rewards?: readonly number[]
  readonly terminations: readonly boolean[]
  /** Absent where the reference has no time limit. */
  readonly truncations?: readonly boolean[]
  readonly state: TraceState
}

/** One recorded episode. */
export interface Trace {
  readonly id: string
  readonly scenario: string
  readonly action_mode: 'discrete' | 'continuous' | 'onehot' | 'soft'
  /** The constructor arguments of the reference. */
  readonly kwargs: Readonly<Record<string, unknown>>
  /** Choices that positions do not show. */
  readonly hidden: Readonly<Record<string, unknown>>
  readonly agents: readonly { readonly name: string; readonly obs_dim: number }[]
  readonly landmarks: readonly { readonly pos: readonly number[] }[]
  readonly initial: { readonly state: TraceState; readonly obs: readonly (readonly number[])[] }
  readonly steps: readonly TraceStep[]
}

/** Which published version a trace was recorded with. */
export function traceRules(trace: Trace): Rules {
  return trace.action_mode === 'onehot' || trace.action_mode === 'soft' ? 'openai' : 'mpe2'
}

/** The options of our scenario that the reference's arguments amount to: `N` is `agents`, `num_good` is `good`. */
export function traceOptions(trace: Trace): Record<string, unknown> {
  const options: Record<string, unknown> = {
    rules: traceRules(trace),
    actions: trace.action_mode === 'continuous' ? 'continuous' : 'discrete',
  }
  for (const [argument, value] of Object.entries(trace.kwargs)) options[optionName(argument)] = value
  if ('curriculum_stage' in trace.hidden) options.curriculumStage = trace.hidden.curriculum_stage
  return options
}

/** Checks parsed JSON. @throws TypeError naming the place, what is expected and what came. */
export function parseTrace(json: unknown): Trace {
  const trace = record('trace', json)
  if (trace.format !== 'mpe-conformance/1') fail('format', 'mpe-conformance/1', trace.format)
  for (const field of ['id', 'scenario']) if (typeof trace[field] !== 'string') fail(field, 'a string', trace[field])
  const modes = ['discrete', 'continuous', 'onehot', 'soft']
  if (!modes.includes(trace.action_mode as string)) fail('action_mode', `one of ${modes.join(', ')}`, trace.action_mode)
  record('kwargs', trace.kwargs)
  record('hidden', trace.hidden)
  const agents = list('agents', trace.agents)
  const sizes = agents.map((agent, i) => {
    const { name, obs_dim } = record(`agents[${i}]`, agent)
    if (typeof name !== 'string') fail(`agents[${i}].name`, 'a string', name)
    return number(`agents[${i}].obs_dim`, obs_dim)
  })
  list('landmarks', trace.landmarks).forEach((landmark, i) => {
    numbers(`landmarks[${i}].pos`, record(`landmarks[${i}]`, landmark).pos, 2)
  })
  const initial = record('initial', trace.initial)
  checkState('initial.state', initial.state, agents.length)
  checkRows('initial.obs', initial.obs, sizes)
  const steps = list('steps', trace.steps)
  if (steps.length === 0) fail('steps', 'at least one step', 'none')
  steps.forEach((step, k) => {
    checkStep(`steps[${k}]`, record(`steps[${k}]`, step), sizes, trace.action_mode === 'discrete')
  })
  return trace as unknown as Trace
}

function checkStep(path: string, step: Record<string, unknown>, sizes: readonly number[], discrete: boolean): void {
  list(`${path}.actions`, step.actions, sizes.length).forEach((action, i) => {
    if (discrete) number(`${path}.actions[${i}]`, action)
    else numbers(`${path}.actions[${i}]`, action)
  })
  checkRows(`${path}.obs`, step.obs, sizes)
  numbers(`${path}.rewards`, step.rewards, sizes.length)
  if (step.local_rewards !== undefined) numbers(`${path}.local_rewards`, step.local_rewards, sizes.length)
  flags(`${path}.terminations`, step.terminations, sizes.length)
  if (step.truncations !== undefined) flags(`${path}.truncations`, step.truncations, sizes.length)
  checkState(`${path}.state`, step.state, sizes.length)
}

function checkState(path: string, value: unknown, agents: number): void {
  const state = record(path, value)
  const pairs = new Array<number>(agents).fill(2)
  checkRows(`${path}.pos`, state.pos, pairs)
  checkRows(`${path}.vel`, state.vel, pairs)
  list(`${path}.comm`, state.comm, agents).forEach((utterance, i) => void numbers(`${path}.comm[${i}]`, utterance))
}

function checkRows(path: string, value: unknown, sizes: readonly number[]): void {
  list(path, value, sizes.length).forEach((row, i) => void numbers(`${path}[${i}]`, row, sizes[i]))
}

function record(path: string, value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) fail(path, 'an object', value)
  return value as Record<string, unknown>
}

function list(path: string, value: unknown, length?: number): unknown[] {
  if (!Array.isArray(value)) fail(path, 'a list', value)
  if (length !== undefined && value.length !== length) fail(path, `${length} entries`, `${value.length}`)
  return value
}

function numbers(path: string, value: unknown, length?: number): number[] {
  return list(path, value, length).map((item, i) => number(`${path}[${i}]`, item))
}

function number(path: string, value: unknown): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) fail(path, 'a number', value)
  return value
}

function flags(path: string, value: unknown, length: number): void {
  list(path, value, length).forEach((item, i) => {
    if (typeof item !== 'boolean') fail(`${path}[${i}]`, 'true or false', item)
  })
}

function fail(path: string, expected: string, got: unknown): never {
  const shown = typeof got === 'object' && got !== null ? (Array.isArray(got) ? 'a list' : 'an object') : String(got)
  throw new TypeError(`${path}: expected ${expected}, got ${shown}`)
}

function optionName(argument: string): string {
  if (argument === 'N') return 'agents'
  return argument.replace(/^num_/, '').replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}
