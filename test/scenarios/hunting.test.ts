// simple_tag and simple_world_comm in hand-placed situations: catches, the edge, food, forests, limited sight, ends.
import { describe, expect, it } from 'vitest'
import { outside, simple_tag } from '../../scenarios/simple_tag.ts'
import { simple_world_comm } from '../../scenarios/simple_world_comm.ts'
import { placedGame, playEpisodes, seen } from './playing.ts'

describe('simple_tag', () => {
  // Prey 0 is caught by predators 0 and 1, prey 1 by nobody and 0.05 beyond the edge; predator 2 is far away.
  const options = { good: 2, obstacles: 0 }
  const state = {
    positions: [
      [0, 0.1],
      [0, -0.1],
      [-0.9, -0.5],
      [0, 0],
      [0.95, 0],
    ],
    velocities: [
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 0],
      [0, 1],
    ],
  }
  const still = { ...state, velocities: state.positions.map(() => [0, 0]) }

  it('all predators are paid for every catch, prey for its own, and for leaving the arena', () => {
    const game = placedGame(simple_tag, options, still)
    expect([...game.rewards]).toEqual([20, 20, 20, -20, expect.closeTo(-0.5, 12)])
    expect(game.measure!()).toEqual({ touches: 2 })
  })

  it('prices the edge as published', () => {
    const price = (x: number) => outside({ x, y: 0 })
    expect([0.89, 0.95, 1, 1.5, 3].map(price)).toEqual([0, expect.closeTo(0.5, 12), 1, Math.E, 10])
    expect(outside({ x: -1, y: -1 })).toBe(2)
  })

  it('shows the velocities of prey, with a place for every neighbour when sight is limited', () => {
    const all = seen(placedGame(simple_tag, options, state), 0)
    expect(all.preyVelocities).toHaveLength(4)
    const few = seen(placedGame(simple_tag, { ...options, agentNeighbors: 3 }, still), 0)
    expect(few.others).toEqual([0, -0.1, 0, -0.2, 0.95, -0.1].map(value => expect.closeTo(value, 12)))
    expect(few.preyVelocities).toHaveLength(6)
    const many = seen(placedGame(simple_tag, { ...options, agentNeighbors: 6, landmarkNeighbors: 1 }, still), 3)
    expect(many.others!.slice(8)).toEqual([0, 0, 0, 0])
    expect(many.landmarks).toEqual([0, 0])
  })

  it('ends when all prey is caught at once, if asked to', () => {
    const one = { good: 1, obstacles: 0 }
    const caught = { positions: still.positions.slice(0, 4) }
    expect(placedGame(simple_tag, { ...one, terminateOnSuccess: true }, caught).terminated[0]).toBe(1)
    expect(placedGame(simple_tag, one, caught).terminated[0]).toBe(0)
    expect(placedGame(simple_tag, { ...options, terminateOnSuccess: true }, still).terminated[0]).toBe(0)
  })

  it.each([
    [{}, 4, 1.3],
    [{ curriculum: true }, 2, 0.65],
    [{ curriculum: true, curriculumStage: 1 }, 3, 0.975],
    [{ curriculum: true, curriculumStage: 2 }, 4, 1.3],
    [{ curriculumStage: 1 }, 4, 1.3],
  ])('%o: the prey accelerates by %d up to %d, predators as ever', (stage, acceleration, maxSpeed) => {
    const { agents } = placedGame(simple_tag, stage, {}).world
    expect(agents[3]!.acceleration).toBeCloseTo(acceleration, 12)
    expect(agents[3]!.maxSpeed).toBeCloseTo(maxSpeed, 12)
    expect(agents[0]).toMatchObject({ acceleration: 3, maxSpeed: 1 })
  })

  it('the prey runs better than it is hunted: the speeds are what they are', () => {
    const chased = playEpisodes(simple_tag, {}, 'scripted', 200, { agent: 'noop' })
    const running = playEpisodes(simple_tag, {}, 'scripted', 200)
    expect(running.figures.touches).toBeLessThan(0.4 * chased.figures.touches!)
  })
})

describe('simple_world_comm', () => {
  // Landmarks: one obstacle far away, food at (0, 0) and (1, 0), forests around (-0.5, 0) and (0.5, 0.8).
  const landmarks = [
    [3, 3],
    [0, 0],
    [1, 0],
    [-0.5, 0],
    [0.5, 0.8],
  ]
  // Leader and adversary 0 outside, adversary 1 in the first forest, adversary 2 in the second; agent 0 in the first
  // forest, agent 1 on food outside.
  const state = {
    landmarks,
    positions: [
      [0.9, -0.9],
      [-0.9, -0.9],
      [-0.3, 0],
      [0.5, 0.8],
      [-0.6, 0],
      [0, 0.01],
    ],
  }
  const game = (options: Record<string, unknown> = {}) => placedGame(simple_world_comm, options, state)
  const hidden = (values: readonly number[]) =>
    Array.from({ length: values.length / 2 }, (_, i) => values[2 * i] === 0 && values[2 * i + 1] === 0)

  it('hides those in a forest from those who are not in it, but not from the leader', () => {
    const world = game()
    expect(hidden(seen(world, 0).others!)).toEqual([false, false, false, false, false])
    expect(hidden(seen(world, 1).others!)).toEqual([false, true, true, true, false])
    expect(hidden(seen(world, 2).others!)).toEqual([true, true, true, false, true])
    expect(hidden(seen(world, 4).others!)).toEqual([true, true, false, true, true])
    expect(seen(world, 2).forests).toEqual([1, -1])
    expect(seen(world, 5).forests).toEqual([-1, -1])
  })

  it.each([
    ['mpe2', -1],
    ['openai', 1],
  ])('%s: prey is paid for food, and by the distance to it times %d', (rules, sign) => {
    const { rewards } = game({ rules })
    expect(rewards[4]).toBeCloseTo(sign * 0.05 * 0.6, 12)
    expect(rewards[5]).toBeCloseTo(2 + sign * 0.05 * 0.01, 12)
    expect(rewards[3]).toBeCloseTo(-0.1 * Math.hypot(0.5, 0.79), 12)
  })

  it('pays all adversaries for every catch', () => {
    const positions = state.positions.map((position, i) => (i === 2 ? [-0.52, 0] : position))
    const caught = placedGame(simple_world_comm, {}, { ...state, positions })
    expect(caught.rewards[4]).toBeCloseTo(-5 - 0.05 * 0.6, 12)
    expect(caught.rewards[0]).toBeCloseTo(5 - 0.1 * Math.hypot(0.9, 0.91), 12)
    expect(caught.measure!()).toEqual({ touches: 1, eaten: 1, hidden: 1 })
  })

  it('lets the leader say where prey hides, and the pack go there', () => {
    const world = placedGame(simple_world_comm, {}, { ...state, positions: state.positions.with(5, [0.6, 0.8]) })
    const say = { rows: 1, columns: 9, data: new Float32Array(9) }
    world.script!(0, say, 0)
    expect([...say.data.subarray(5)]).toEqual([0, 1, 0, 0])
    world.place({ utterances: world.world.agents.map((_, i) => (i === 0 ? [0, 1, 0, 0] : [0, 0, 0, 0])) })
    const move = { rows: 1, columns: 5, data: new Float32Array(5) }
    world.script!(1, move, 0) // from (-0.9, -0.9) to (-0.5, 0): up
    expect([...move.data]).toEqual([0, 0, 0, 0, 1])
  })
})
