// Frames for viewers: the newest wins, each sent when it is due.
import { concat, EMPTY, map, NEVER, of, Subject, take, throwError } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { frames } from '../../src/engine/frames.ts'
import type { Frame } from '../../src/envs/frame.ts'
import { observed } from '../support/observed.ts'

const frame = (step: number, restarted = false): Frame => ({
  number: step,
  at: 0,
  episode: 1,
  step,
  restarted,
  placed: false,
  rewards: new Float32Array(1),
  returns: new Float32Array(1),
  actions: new Float32Array(0),
  row: Float32Array.of(step),
})

describe('frames', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    vi.advanceTimersByTime(1000)
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  /** Emits frame n after n milliseconds, `count` of them; what came out when. */
  const stream = (rate: number, every: number, count: number, restarted: readonly number[] = []) => {
    const source = new Subject<Frame>()
    const from = performance.now()
    const sent: { at: number; step: number; restarted: boolean }[] = []
    source.pipe(frames(rate)).subscribe(f => {
      sent.push({ at: Math.round(performance.now() - from), step: f.step, restarted: f.restarted })
    })
    for (let n = 1; n <= count; n++) {
      vi.advanceTimersByTime(every)
      source.next(frame(n, restarted.includes(n)))
    }
    return { sent, source }
  }

  it('come from nothing and end with the source', () => {
    expect(observed(NEVER.pipe(frames(30)))).toMatchObject({ values: [], completed: false })
    expect(observed(EMPTY.pipe(frames(30)))).toMatchObject({ values: [], completed: true })
    expect(vi.getTimerCount()).toBe(0)
  })

  it('go on at once and all of them while they come slowly', () => {
    const { sent } = stream(10, 100, 4)
    expect(sent.map(({ at, step }) => [at, step])).toEqual([
      [100, 1],
      [200, 2],
      [300, 3],
      [400, 4],
    ])
  })

  it('are thinned to the rate while they come fast: the newest wins', () => {
    const { sent } = stream(10, 10, 45)
    expect(sent.map(({ at, step }) => [at, step])).toEqual([
      [10, 1],
      [110, 10],
      [210, 20],
      [310, 30],
      [410, 40],
    ])
  })

  it('never come faster than the rate, even after a pause', () => {
    const { sent, source } = stream(10, 10, 5)
    vi.advanceTimersByTime(1000)
    for (let n = 6; n < 40; n++) {
      source.next(frame(n))
      vi.advanceTimersByTime(10)
    }
    const gaps = sent.slice(1).map(({ at }, i) => at - sent[i]!.at)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(99)
  })

  it('carry a restart over from a frame that was dropped', () => {
    const { sent } = stream(10, 10, 30, [3, 25])
    expect(sent.map(({ step, restarted }) => [step, restarted])).toEqual([
      [1, false],
      [10, true],
      [20, false],
    ])
    vi.advanceTimersByTime(100)
    expect(sent.at(-1)).toMatchObject({ step: 30, restarted: true })
  })

  it('leave the source’s frames as they are', () => {
    const source = new Subject<Frame>()
    observed(source.pipe(frames(10)))
    const given = [frame(1), Object.freeze(frame(2, true)), Object.freeze(frame(3))]
    for (const each of given) source.next(each)
    vi.advanceTimersByTime(100)
    expect(given[2]!.restarted).toBe(false)
  })

  it('send the one that waits before they end', () => {
    const seen = observed(of(frame(1), frame(2), frame(3)).pipe(frames(10)))
    expect(seen.values.map(({ step }) => step)).toEqual([1, 3])
    expect(seen.completed).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('drop the one that waits on an error, and leave no timer behind', () => {
    const seen = observed(
      concat(
        of(frame(1), frame(2)),
        throwError(() => 'gone'),
      ).pipe(frames(10)),
    )
    expect(seen.errors).toEqual(['gone'])
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(1000)
    expect(seen.values.map(({ step }) => step)).toEqual([1])
  })

  it('end with the error of whoever uses them, sent at once or when due', () => {
    const boom = (at: number) =>
      map((f: Frame) => {
        if (f.step >= at) throw new Error('boom')
        return f
      })
    for (const at of [1, 2]) {
      const source = new Subject<Frame>()
      const seen = observed(source.pipe(frames(10), boom(at)))
      source.next(frame(1))
      source.next(frame(2))
      vi.advanceTimersByTime(200)
      expect(seen.errors).toEqual([new Error('boom')])
      expect(source.observed).toBe(false)
      expect(vi.getTimerCount()).toBe(0)
    }
  })

  it('leave no timer behind when they are left', () => {
    const source = new Subject<Frame>()
    const seen = observed(source.pipe(frames(10)))
    source.next(frame(1))
    source.next(frame(2))
    expect(vi.getTimerCount()).toBe(1)
    seen.subscription.unsubscribe()
    expect(vi.getTimerCount()).toBe(0)
    expect(source.observed).toBe(false)
    const one = observed(of(frame(1), frame(2)).pipe(frames(10), take(1)))
    vi.advanceTimersByTime(500)
    expect(one.values).toHaveLength(1)
    expect(vi.getTimerCount()).toBe(0)
  })
})
