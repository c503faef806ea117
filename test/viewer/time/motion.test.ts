import { describe, expect, it } from 'vitest'
import type { Frame, FrameSchema } from '../../../src/envs/frame.ts'
import { Motion } from '../../../viewer/time/motion.ts'
import { tinySchema } from '../../stream/tiny-stream.ts'

/** One entity at (x, 0). */
const line: FrameSchema = {
  ...tinySchema(),
  entities: tinySchema().entities.slice(0, 1),
  fields: [{ name: 'position', offset: 0, size: 2 }],
  size: 2,
}

function begun(schema = line): Motion {
  const motion = new Motion()
  motion.begin(schema)
  return motion
}

function frame(step: number, at = step, episode = 0): Frame {
  const none = new Float32Array(0)
  const unsaid = { number: step, at: 0, placed: false, rewards: none, returns: none, actions: none }
  return { ...unsaid, episode, step, restarted: step === 0, row: Float32Array.of(at, 0) }
}

/** Frames every 100 ms, pictures every 10 ms; where the entity is seen. */
function play(motion: Motion, frames: readonly Frame[], after = 1000): number[] {
  const seen: number[] = []
  for (let now = 0; now < 100 * frames.length + after; now += 10) {
    if (now % 100 === 0 && now / 100 < frames.length) motion.push(frames[now / 100]!, now, false)
    seen.push(motion.sample(now)!.row[0]!)
  }
  return seen
}

describe('motion', () => {
  it('shows nothing before the first frame', () => {
    expect(begun().sample(0)).toBeNull()
  })

  it('shows the only frame as it is, at once', () => {
    const motion = begun()
    motion.push(frame(0, 5), 0, false)
    expect(motion.sample(0)?.row[0]).toBe(5)
    expect(motion.sample(1000)).toMatchObject({ row: Float32Array.of(5, 0), moving: false })
  })

  it('is smooth on a straight way, and never behind the newest frame', () => {
    const seen = play(
      begun(),
      Array.from({ length: 30 }, (_, i) => frame(i)),
      0,
    )
    const strides = seen.slice(31).map((at, i) => at - seen[30 + i]!)
    expect(Math.min(...strides)).toBeGreaterThan(0.09)
    expect(Math.max(...strides)).toBeLessThan(0.11) // a steady one is 0.1
    seen.slice(30).forEach((at, i) => {
      expect(at).toBeGreaterThanOrEqual(Math.floor((i + 30) / 10) - 0.05)
    })
  })

  it('is where the frame is soon after a turn that nobody could expect', () => {
    const motion = begun()
    for (let step = 0; step < 10; step++) motion.push(frame(step), 100 * step, false)
    expect(motion.sample(999)!.row[0]).toBeCloseTo(9.99, 1)
    motion.push(frame(10, 8), 1000, false)
    expect(motion.sample(1000)!.row[0]).toBeCloseTo(10, 1)
    expect(motion.sample(1050)!.row[0]).toBeCloseTo(8, 0)
    expect(motion.sample(1140)!.row[0]).toBeCloseTo(8, 5)
  })

  it('does not overshoot who trembles on the spot', () => {
    const seen = play(
      begun(),
      Array.from({ length: 20 }, (_, i) => frame(i, i % 2)),
    )
    expect(Math.min(...seen)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...seen)).toBeLessThanOrEqual(1)
  })

  it('goes no farther than a step when nothing comes', () => {
    const motion = begun()
    for (let step = 0; step < 10; step++) motion.push(frame(step), 100 * step, false)
    expect(motion.sample(5000)).toMatchObject({ row: Float32Array.of(10, 0), moving: false })
  })

  it('goes back to the newest frame when the game has stopped', () => {
    const motion = begun()
    for (let step = 0; step < 10; step++) motion.push(frame(step), 100 * step, false)
    motion.settle(950)
    expect(motion.sample(950)!.row[0]).toBeCloseTo(9.5, 1)
    expect(motion.sample(1200)).toMatchObject({ row: Float32Array.of(9, 0), moving: false })
    motion.push(frame(10), 2000, true)
    expect(motion.sample(2400)).toMatchObject({ row: Float32Array.of(10, 0), moving: false })
  })

  it('goes the short way over an edge that wraps', () => {
    const motion = begun({ ...line, arena: { half: 1, edge: 'wrap' } })
    for (const [i, at] of [0.5, 0.7, 0.9].entries()) motion.push(frame(i, at), 100 * i, false)
    expect(motion.sample(300)!.row[0]).toBeCloseTo(-0.9, 2)
    motion.push(frame(3, -0.9), 300, false)
    expect(motion.sample(301)!.row[0]).toBeCloseTo(-0.9, 1)
  })

  it('cuts between episodes: nothing flies from the old place to the new', () => {
    const seen = play(begun(), [frame(0), frame(1), frame(2), frame(0, 100, 1), frame(1, 101, 1)])
    expect(seen.filter(at => at > 3 && at < 100)).toEqual([])
  })

  it('knows a new episode also when its first frame was skipped', () => {
    const seen = play(begun(), [frame(1), frame(2), frame(5, 100, 1), frame(6, 101, 1)])
    expect(seen.filter(at => at > 3 && at < 100)).toEqual([])
  })

  it('has a trail of this episode only, no longer than it is', () => {
    const motion = begun()
    play(motion, [frame(0), frame(1), frame(2), frame(0, 0, 1), frame(1, 1, 1), frame(2, 2, 1)])
    expect(motion.sample(5000)?.trail.map(it => it.episode)).toEqual([1, 1, 1])
    play(
      motion,
      Array.from({ length: 100 }, (_, i) => frame(i, i, 2)),
    )
    expect(motion.sample(50_000)?.trail).toHaveLength(25)
  })
})
