import { describe, expect, it } from 'vitest'
import { Playhead } from '../../../viewer/time/playhead.ts'
import { windowAt } from '../../../viewer/time/time-window.ts'

const kept = { from: 100, to: 200 }

describe('the playhead', () => {
  it('is live until somebody looks back', () => {
    const head = new Playhead()
    expect(head.advance(1000, kept)).toBe(false)
    expect(head.live).toBe(true)
    head.seek(150, kept)
    expect([head.live, head.position, head.advance(1000, kept), head.position]).toEqual([false, 150, false, 150])
  })

  it('plays ten steps a second, by its speed, and is live again at the end', () => {
    const head = new Playhead()
    head.seek(150, kept)
    head.playing = true
    head.speed = 2
    head.advance(500, kept)
    expect(head.position).toBe(160)
    head.advance(5000, kept)
    expect([head.live, head.playing]).toEqual([true, false])
  })

  it('plays a loop over and over', () => {
    const head = new Playhead()
    head.setLoop({ from: 120, to: 130 })
    const seen: number[] = []
    for (let i = 0; i < 40; i++) {
      head.advance(100, kept)
      seen.push(head.position!)
    }
    expect([Math.min(...seen), Math.max(...seen), seen.filter(at => at === 120).length]).toEqual([120, 129, 4])
    head.goLive()
    expect(head.loop).toBeNull()
  })

  it('stays among the frames that are kept', () => {
    const head = new Playhead()
    head.seek(20, kept)
    expect(head.position).toBe(100)
    head.advance(0, { from: 110, to: 210 })
    expect(head.position).toBe(110)
  })
})

describe("the timeline's window", () => {
  const all = { from: 0, to: 1000 }
  it('ends at the newest frame for who is there', () => {
    expect(windowAt(100, all, 1000, { from: 880, to: 980 })).toEqual({ from: 900, to: 1000 })
    expect(windowAt(5000, all, 1000, null)).toEqual(all)
  })

  it('stays where somebody looks, and moves no farther than it must', () => {
    const window = windowAt(100, all, 500, { from: 450, to: 550 })
    expect(window).toEqual({ from: 450, to: 550 })
    const left = windowAt(100, all, 440, window)
    expect(left.from).toBeLessThan(440)
    expect(left.to).toBeGreaterThan(440)
    expect(windowAt(100, all, 0, window).from).toBe(0)
  })
})
