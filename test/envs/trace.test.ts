// Conformance traces: damaged ones are refused, differing ones are told.
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { simple_spread } from '../../scenarios/simple_spread.ts'
import { parseTrace, type Trace, traceOptions } from '../../src/envs/trace.ts'
import { replayTrace } from '../../src/envs/trace-replay.ts'

const file = path.join(import.meta.dirname, '../fixtures/conformance/mpe2/simple_spread--discrete--N1-collide.json')
// biome-ignore lint/suspicious/noExplicitAny: the tests below break it in every way.
const fresh = (): any => JSON.parse(readFileSync(file, 'utf8'))
const broken = (damage: (trace: ReturnType<typeof fresh>) => void) => {
  const trace = fresh()
  damage(trace)
  return trace
}

describe('a damaged trace is refused', () => {
  it.each<[string, unknown]>([
    ['trace: expected an object, got null', null],
    ['trace: expected an object, got a list', []],
    ['format: expected mpe-conformance/1, got 2', broken(trace => void (trace.format = 2))],
    [
      'action_mode: expected one of discrete, continuous, onehot, soft, got x',
      broken(trace => void (trace.action_mode = 'x')),
    ],
    ['kwargs: expected an object, got undefined', broken(trace => void delete trace.kwargs)],
    ['agents[0].obs_dim: expected a number, got x', broken(trace => void (trace.agents[0].obs_dim = 'x'))],
    ['landmarks[0].pos: expected 2 entries, got 1', broken(trace => void trace.landmarks[0].pos.pop())],
    ['initial.state.pos: expected 1 entries, got 0', broken(trace => void trace.initial.state.pos.pop())],
    ['initial.obs[0]: expected 6 entries, got 5', broken(trace => void trace.initial.obs[0].pop())],
    ['steps: expected at least one step, got none', broken(trace => void (trace.steps = []))],
    ['steps[3].actions[0]: expected a number, got a list', broken(trace => void (trace.steps[3].actions = [[1]]))],
    ['steps[2].rewards[0]: expected a number, got null', broken(trace => void (trace.steps[2].rewards = [null]))],
    [
      'steps[0].terminations[0]: expected true or false, got 0',
      broken(trace => void (trace.steps[0].terminations = [0])),
    ],
    [
      'steps[1].state.vel[0][1]: expected a number, got x',
      broken(trace => void (trace.steps[1].state.vel[0][1] = 'x')),
    ],
  ])('%s', (message, trace) => {
    expect(() => parseTrace(trace)).toThrow(TypeError)
    expect(() => parseTrace(trace)).toThrow(message)
  })
})

describe('a trace that does not fit is told', () => {
  it.each<[string, (trace: ReturnType<typeof fresh>) => void]>([
    ['expected a whole number below 5, got 5', trace => void (trace.steps[0].actions = [5])],
    ['expected a whole number below 5, got -1', trace => void (trace.steps[0].actions = [-1])],
    ['number of agents: expected 1, got 2', trace => void (trace.kwargs.N = 2)],
    ["scenario.nuber: unknown option 'nuber'", trace => void (trace.kwargs.num_nuber = 2)],
    ['id of agent 0: expected agent_7, got agent_0', trace => void (trace.agents[0].name = 'agent_7')],
    ["expected a hook 'impose' for the hidden choices goal_landmark", trace => void (trace.hidden.goal_landmark = 1)],
  ])('%s', (message, damage) => {
    expect(() => replayTrace(simple_spread, parseTrace(broken(damage)))).toThrow(message)
  })
})

it('a difference in any number fails, with where and how much', () => {
  const result = (damage: (trace: ReturnType<typeof fresh>) => void) =>
    replayTrace(simple_spread, parseTrace(broken(damage))) // fresh each time
  expect(result(() => {})).toMatchObject({ passed: true, reason: null })
  expect(result(trace => void (trace.steps[4].state.pos[0][0] += 1e-8)).reason).toMatch(/^one step: state differs by/)
  expect(result(trace => void (trace.steps[4].obs[0][3] += 1e-8)).reason).toBe(
    'one step: observation differs by 1.00e-8',
  )
  expect(result(trace => void (trace.steps[4].rewards[0] += 1e-8)).reason).toBe('one step: reward differs by 1.00e-8')
  expect(result(trace => void (trace.steps[4].rewards[0] += 1e-10)).passed).toBe(true)
  expect(result(trace => void (trace.steps[4].truncations[0] = true)).reason).toBe(
    'one step: truncated of agent_0 at step 5: expected true, got false',
  )
  expect(result(trace => void (trace.steps[4].terminations[0] = true)).reason).toContain(
    'terminated of agent_0 at step 5',
  )
})

it("the reference's arguments become our options", () => {
  const trace = {
    action_mode: 'continuous',
    kwargs: { N: 4, num_agent_neighbors: null, num_good: 2, local_ratio: 0.5, max_cycles: 9 },
    hidden: { curriculum_stage: 1 },
  } as unknown as Trace
  expect(traceOptions(trace)).toEqual({
    rules: 'mpe2',
    actions: 'continuous',
    agents: 4,
    agentNeighbors: null,
    good: 2,
    localRatio: 0.5,
    maxCycles: 9,
    curriculumStage: 1,
  })
})
