import { describe, expect, it } from 'vitest'
import type { Frame } from '../../src/envs/frame.ts'
import { Motion } from '../../viewer/motion.ts'

function frame(step: number, episode = 0, at = step): Frame {
  const none = new Float32Array(0)
  return { episode, step, restarted: step === 0, rewards: none, returns: none, row: Float32Array.of(at) }
}

/** Frames every 100 ms, pictures every 10 ms; what is seen of the only number. */
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
    expect(new Motion().sample(0)).toBeNull()
  })

  it('shows the only frame as it is', () => {
    const motion = new Motion()
    motion.push(frame(0, 0, 5), 0, false)
    expect(motion.sample(0)).toMatchObject({ row: Float32Array.of(5), moving: false })
    expect(motion.sample(1000)).toMatchObject({ row: Float32Array.of(5), moving: false })
  })

  it('is smooth: no picture jumps, and it ends where the game stands', () => {
    const seen = play(
      new Motion(),
      Array.from({ length: 30 }, (_, i) => frame(i)),
    )
    const strides = seen.slice(1).map((at, i) => at - seen[i]!)
    expect(Math.min(...strides)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...strides)).toBeLessThan(0.2) // a steady one is 0.1
    expect(seen.at(-1)).toBe(29)
  })

  it('stands still less than a third of the time when frames come unevenly', () => {
    const motion = new Motion()
    const seen: number[] = []
    let sent = 0
    for (let now = 0; now < 6000; now += 10) {
      const due = 100 * sent + (sent % 2) * 40
      if (now >= due) motion.push(frame(sent++), now, false)
      seen.push(motion.sample(now)!.row[0]!)
    }
    const standing = seen.slice(301).filter((at, i) => at === seen[300 + i]).length
    expect(standing).toBeLessThan(seen.slice(301).length / 3)
  })

  it('cuts between episodes: nothing flies from the old place to the new', () => {
    const seen = play(new Motion(), [frame(0), frame(1), frame(2), frame(0, 1, 100), frame(1, 1, 101)])
    expect(seen.filter(at => at > 2 && at < 100)).toEqual([])
    expect(seen.at(-1)).toBe(101)
  })

  it('knows a new episode also when its first frame was skipped', () => {
    const seen = play(new Motion(), [frame(1), frame(2), frame(5, 1, 100), frame(6, 1, 101)])
    expect(seen.filter(at => at > 2 && at < 100)).toEqual([])
  })

  it('has a trail of this episode only, no longer than it is', () => {
    const motion = new Motion()
    play(motion, [frame(0), frame(1), frame(2), frame(0, 1), frame(1, 1), frame(2, 1)])
    expect(motion.sample(5000)?.trail.map(it => it.episode)).toEqual([1, 1, 1])
    play(
      motion,
      Array.from({ length: 100 }, (_, i) => frame(i, 2)),
    )
    expect(motion.sample(50_000)?.trail).toHaveLength(25)
  })

  it('does not replay what a hidden page has missed', () => {
    const motion = new Motion()
    motion.push(frame(0), 0, false)
    motion.sample(0)
    for (let step = 1; step <= 50; step++) motion.push(frame(step), 100 * step, false)
    expect(motion.sample(5000)?.row[0]).toBeGreaterThanOrEqual(49)
  })

  it('keeps its pace through the single steps of a paused game', () => {
    const motion = new Motion()
    for (let step = 0; step < 20; step++) motion.push(frame(step), 100 * step, false)
    motion.sample(1900)
    motion.push(frame(20), 2700, true)
    motion.push(frame(21), 3500, true)
    motion.sample(3500)
    expect(motion.sample(4000)).toMatchObject({ row: Float32Array.of(21), moving: false })
  })
})
