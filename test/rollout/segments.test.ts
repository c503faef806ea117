// Segments: what networks saw in rollouts that are over stands in them side by side, row for row, however agents came and went.
import * as fc from 'fast-check'
import { expect, it } from 'vitest'
import { createRollout, type Rollout } from '../../src/rollout/rollout.ts'
import { createSegments, joined, type Segments } from '../../src/rollout/segments.ts'
import type { Trajectory } from '../../src/rollout/trajectory.ts'
import { copySaved } from '../../src/saved.ts'
import { actionSize } from '../../src/spaces.ts'
import type { AgentSpec, JointStep, Matrix } from '../../src/types.ts'
import { agentsOf, numberedSteps } from '../support/joint-steps.ts'
import { playRandomly } from '../support/random-play.ts'
import { matrixOf } from '../support/recorded-steps.ts'

interface Scene {
  readonly agents: readonly AgentSpec[]
  readonly games: number
  readonly steps: readonly JointStep[]
  readonly length: number
  readonly stateSize: number
}

/** Games whose agents wait, come and leave, with masks, states and memories; and games in which all are there from the first step on. */
const scenes: fc.Arbitrary<Scene> = fc.oneof(
  fc
    .record({
      seed: fc.nat(10_000),
      count: fc.integer({ min: 2, max: 3 }),
      games: fc.integer({ min: 1, max: 3 }),
      length: fc.integer({ min: 2, max: 7 }),
    })
    .map(({ seed, count, games, length }) => {
      const { vectorGame, steps } = playRandomly(
        { seed, agents: count, length: 9, chance: 0.2, masks: true },
        games,
        40,
      )
      const stateSize = vectorGame.games[0]!.stateParts!.reduce((sum, { size }) => sum + size, 0)
      return { agents: vectorGame.agents, games, steps, length, stateSize }
    }),
  fc
    .record({ games: fc.integer({ min: 1, max: 3 }), length: fc.integer({ min: 1, max: 6 }) })
    .map(({ games, length }) => {
      const agents = agentsOf([2, 2, 3])
      const steps = numberedSteps(agents, games, 30).map((step, t) => ({
        ...step,
        extras: agents.map((_, agent) => [{ name: 'memory', ...filled(games, 2, game => t + game / 8 + agent / 64) }]),
      }))
      return { agents, games, steps, length, stateSize: 0 }
    }),
)

/** Keeps the rollouts of a scene until so many are kept; of each rollout the trajectory of every agent, as it was. */
function keepAll(scene: Scene, most: number) {
  const { agents, games, steps, length, stateSize } = scene
  const members = agents.map((_, agent) => agent)
  const carries = () => [{ name: 'memory', size: 2 }]
  const rollout = createRollout({
    agents,
    games,
    members,
    watched: members,
    carries,
    stateSize,
    length: { steps: length },
  })
  const create = () => createSegments({ source: rollout.source, members, most, carries })
  const segments = create()
  const seen: (readonly Seen[])[] = []
  for (const step of steps) {
    rollout.add(step)
    if (!rollout.isComplete) continue
    segments.keep(rollout.source)
    seen.push(members.map(agent => seenIn(rollout, [agent], scene)))
    rollout.forget()
    if (seen.length === most) break
  }
  return { segments, seen, create, members }
}

type Seen = ReturnType<typeof seenIn>

/** What networks read of every sequence of a trajectory, row by row to its last row with somebody there. */
function seenIn(from: Rollout | Segments, of: readonly number[], { agents, stateSize }: Scene) {
  const trajectory = from.trajectory(of)
  const own = agents[of[0]!]!
  const mayBeAbsent = agents.some(agent => agent.mayBeAbsent === true)
  const column = (name: string, size: number, agent?: number) => rowsOf(copyOf(trajectory, name, size, agent))
  const columns = [
    column('observation', own.observationSize),
    ...agents.map((agent, i) => column('observation', agent.observationSize, i)),
    ...(own.isMasked === true ? [column('mask', actionSize(own.actionSpace))] : []),
    ...(stateSize > 0 ? [column('state', stateSize)] : []),
    ...(mayBeAbsent ? [column('memory', 2), ...agents.map((_, i) => column('present', 1, i))] : []),
  ]
  const first = matrixOf(trajectory.sequences, 2)
  const sequences = Uint32Array.from({ length: trajectory.sequences }, (_, sequence) => sequence)
  if (trajectory.steps > 0) trajectory.copyCarried('memory', sequences, first)
  return Array.from(sequences, sequence => {
    const rows = Array.from({ length: trajectory.steps }, (_, step) => step * trajectory.sequences + sequence)
    const there = rows.filter(row => trajectory.present[row] === 1)
    return {
      carried: there.length > 0 ? rowsOf(first)[sequence] : null,
      rows: there.map(row => [trajectory.stepOf(row), trajectory.restarted[row], columns.map(of => of[row])]),
    }
  })
}

it('has the rows of all rollouts, a lane for each segment and game', () => {
  fc.assert(
    fc.property(scenes, fc.integer({ min: 1, max: 4 }), (scene, most) => {
      const { segments, seen, members } = keepAll(scene, most)
      expect(segments.count).toBe(seen.length)
      for (const agent of members) expect(seenIn(segments, [agent], scene)).toEqual(seen.flatMap(of => of[agent]!))
    }),
    { numRuns: 30 },
  )
})

it('goes on with the same ones after save and restore, also where there is room for more, and is empty once forgotten', () => {
  fc.assert(
    fc.property(scenes, fc.integer({ min: 0, max: 3 }), (scene, further) => {
      const { segments, create, members } = keepAll(scene, 2)
      const other = create()
      other.restore(copySaved(segments.save()))
      expect(copySaved(other.save())).toEqual(copySaved(segments.save()))
      for (const agent of members) expect(seenIn(other, [agent], scene)).toEqual(seenIn(segments, [agent], scene))
      const partly = keepAll(scene, 2 + further)
      const copy = partly.create()
      copy.restore(copySaved(partly.segments.save()))
      for (const agent of members) {
        expect(seenIn(copy, [agent], scene)).toEqual(seenIn(partly.segments, [agent], scene))
      }
      segments.forget()
      expect(segments.count).toBe(0)
      expect(segments.trajectory([0]).rows).toBe(0)
    }),
    { numRuns: 30 },
  )
})

it('joins numbers of rows as trajectories stand side by side', () => {
  // Two members and games: rows are step * 4 + member * 2 + game.
  const each = { members: 2, games: 2, size: 1 }
  expect([...joined([[0, 1, 2, 3, 4, 5, 6, 7], null, [10, 11, 12, 13]], each)]).toEqual(
    [0, 1, 0, 0, 10, 11, 2, 3, 0, 0, 12, 13, 4, 5, 0, 0, 0, 0, 6, 7, 0, 0, 0, 0], // biome-ignore format: two steps
  )
  expect([...joined([[1, 2, 3, 4], [5, 6, 7, 8]], { members: 2, games: 1, size: 2 })]).toEqual([1, 2, 5, 6, 3, 4, 7, 8]) // biome-ignore format: one line
  expect([...joined([[], []], { members: 2, games: 1, size: 0 })]).toEqual([])
})

it('refuses more than there is room for', () => {
  const agents = agentsOf([2])
  const rollout = createRollout({ agents, games: 1, members: [0], length: { steps: 1 } })
  const segments = createSegments({ source: rollout.source, members: [0], most: 1, carries: () => [] })
  rollout.add(numberedSteps(agents, 1, 1)[0]!)
  segments.keep(rollout.source)
  expect(() => segments.keep(rollout.source)).toThrow('segments: expected at most 1')
})

function copyOf(trajectory: Trajectory, name: string, size: number, agent?: number): Matrix {
  const to = matrixOf(trajectory.rows, size)
  trajectory.copy(name, Uint32Array.from({ length: trajectory.rows }, (_, row) => row), to, 0, agent) // biome-ignore format: one line
  return to
}

function rowsOf({ rows, columns, data }: Matrix): number[][] {
  return Array.from({ length: rows }, (_, row) => [...data.subarray(row * columns, (row + 1) * columns)])
}

function filled(rows: number, columns: number, number: (row: number) => number): Matrix {
  const matrix = matrixOf(rows, columns)
  for (let i = 0; i < matrix.data.length; i++) matrix.data[i] = number(Math.floor(i / columns)) + (i % columns) / 512
  return matrix
}

it('of whole rollouts has all of the latest ones, of each game the one that is asked for, also after save and restore', () => {
  fc.assert(
    fc.property(
      scenes,
      fc.integer({ min: 1, max: 3 }),
      fc.infiniteStream(fc.nat()),
      ({ agents, games, steps, length, stateSize }, most, numbers) => {
        const members = agents.map((_, agent) => agent)
        const carries = () => [{ name: 'memory', size: 2 }]
        const config = { agents, games, members, watched: members, carries, stateSize, length: { steps: length } }
        const rollout = createRollout(config)
        const create = () => createSegments({ source: rollout.source, members, most, carries, isWhole: true })
        const segments = create()
        const all: (readonly unknown[])[] = []
        /** Taken from what was saved after the third, and filled further. */
        const resumed = create()
        for (const step of steps) {
          rollout.add(step)
          if (!rollout.isComplete) continue
          segments.keep(rollout.source)
          if (all.length === 3) resumed.restore(copySaved(segments.save()))
          else resumed.keep(rollout.source)
          all.push(members.map(agent => everythingIn(rollout.trajectory([agent]), agents[agent]!)))
          rollout.forget()
        }
        if (all.length === 0) return
        expect(segments.count).toBe(Math.min(most, all.length))
        const copy = create()
        copy.restore(copySaved(segments.save()))
        for (const other of [copy, resumed]) expect(copySaved(other.save())).toEqual(copySaved(segments.save()))
        const chosen = Array.from({ length: games }, () => numbers.next().value % segments.count)
        // The segment of a place is the last that was put there.
        const kept = chosen.map(place => all.findLast((_, n) => n % most === place)!)
        for (const from of [segments, copy]) {
          for (const agent of members) {
            const found = everythingIn(from.trajectory([agent], chosen), agents[agent]!)
            expect(found).toEqual(found.map((_, game) => kept[game]![agent] && (kept[game]![agent] as unknown[])[game]))
          }
        }
      },
    ),
    { numRuns: 30 },
  )
})

/** By game, all that is known of an agent's rows to the last in which it was there, and what was carried into the first. */
function everythingIn(trajectory: Trajectory, agent: AgentSpec): unknown[] {
  const action = actionSize(agent.actionSpace)
  const names = { observation: agent.observationSize, nextObservation: agent.observationSize, action, ...(agent.isMasked === true ? { mask: action, nextMask: action } : {}) } // biome-ignore format: one line
  const columns = Object.entries(names).map(([name, size]) => rowsOf(copyOf(trajectory, name, size)))
  const { rewards, terminated, truncated, restarted } = trajectory
  return Array.from({ length: trajectory.lanes }, (_, lane) => {
    const first = matrixOf(1, 2)
    const rows = Array.from({ length: trajectory.steps }, (_, step) => step * trajectory.sequences + lane)
    const there = rows.filter(row => trajectory.present[row] === 1)
    if (there.length > 0) trajectory.copyCarried('memory', Uint32Array.of(lane), first)
    return [[...first.data], there.map(row => [trajectory.stepOf(row), rewards[row], terminated[row], truncated[row], restarted[row], columns.map(of => of[row])])] // biome-ignore format: one line
  })
}

it('of whole rollouts of different lengths saves nothing of those that gave way', () => {
  const agents = agentsOf([2])
  const steps = numberedSteps(agents, 2, 30)
  const sourceOf = (first: number, length: number) => {
    const rollout = createRollout({ agents, games: 2, members: [0], length: { steps: 9 } })
    for (const step of steps.slice(first, first + length)) rollout.add(step)
    return rollout.source
  }
  const create = () =>
    createSegments({ source: sourceOf(0, 1), members: [0], most: 2, carries: () => [], isWhole: true })
  const [whole, resumed] = [create(), create()]
  for (const [first, length] of [[0, 5], [5, 3], [8, 1]] as const) whole.keep(sourceOf(first, length)) // biome-ignore format: one line
  resumed.restore(copySaved(whole.save()))
  for (const segments of [whole, resumed]) segments.keep(sourceOf(9, 5))
  expect(copySaved(resumed.save())).toEqual(copySaved(whole.save()))
})
