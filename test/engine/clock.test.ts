// Clocks: as fast as possible with the event loop alive, in real time without lateness adding up, and step by step.
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { EMPTY, NEVER, Subject, take, tap, throwError } from 'rxjs'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { fastClock, realTimeClock, stepClock, type Tick } from '../../src/engine/clock.ts'
import { observed } from '../support/observed.ts'

const macrotasks = async (count: number) => {
  for (let i = 0; i < count; i++) await new Promise(resolve => setImmediate(resolve))
}

afterEach(() => {
  vi.useRealTimers()
})

describe('the fast clock', () => {
  it('ticks in macrotasks of their own, never at once', async () => {
    const seen = observed(fastClock(0))
    expect(seen.values).toHaveLength(0)
    await macrotasks(3)
    const early = seen.values.length
    expect(early).toBeGreaterThanOrEqual(2)
    expect(early).toBeLessThanOrEqual(4)
    await macrotasks(3)
    seen.subscription.unsubscribe()
    expect(seen.values.length).toBeGreaterThan(early)
  })

  it('does nothing when it is left before the first tick', async () => {
    const seen = observed(fastClock(0))
    seen.subscription.unsubscribe()
    await macrotasks(3)
    expect(seen.values).toHaveLength(0)
  })

  it('stops when it is left within a tick, and that tick has no more room', async () => {
    const rooms: boolean[] = []
    const seen = observed(fastClock(1e6).pipe(take(1)))
    const subscription = fastClock(1e6).subscribe(tick => {
      rooms.push(tick.take())
      subscription.unsubscribe()
      rooms.push(tick.take())
    })
    await macrotasks(4)
    expect(seen.values).toHaveLength(1)
    expect(seen.completed).toBe(true)
    expect(seen.values[0]!.take()).toBe(false)
    expect(rooms).toEqual([true, false])
  })

  it('has room in a tick until its milliseconds are used up', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const tick = await new Promise<Tick>(resolve => {
      let first = true
      const subscription = fastClock(8).subscribe(each => {
        if (!first) return subscription.unsubscribe()
        first = false
        resolve(each)
        expect(each.take()).toBe(true)
        vi.advanceTimersByTime(7.9)
        expect(each.take()).toBe(true)
        vi.advanceTimersByTime(0.2)
        expect(each.take()).toBe(false)
      })
    })
    expect(tick.take()).toBe(false)
  })

  it('has room for one step in a tick, however short', async () => {
    vi.useFakeTimers({ toFake: ['performance'] })
    const rooms = await new Promise<boolean[]>(resolve => {
      const subscription = fastClock(0).subscribe(tick => {
        vi.advanceTimersByTime(5)
        resolve([tick.take(), tick.take()])
        setImmediate(() => subscription.unsubscribe())
      })
    })
    expect(rooms).toEqual([true, false])
  })

  it('keeps timers and sockets served while every tick is filled with work', async () => {
    const server = createServer(socket => socket.pipe(socket)).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = connect((server.address() as { port: number }).port, '127.0.0.1')
    await once(socket, 'connect')
    const order: string[] = []
    const clock = fastClock(2).subscribe(tick => {
      while (tick.take());
      order.push('tick')
    })
    // Sockets are served once in every turn of the event loop.
    const turn = () => {
      order.push('turn')
      turning = setImmediate(turn)
    }
    let turning = setImmediate(turn)
    setTimeout(() => order.push('timer'), 0)
    socket.write('hello')
    await once(socket, 'data')
    clearImmediate(turning)
    clock.unsubscribe()
    socket.destroy()
    server.close()
    const count = (event: string) => order.filter(each => each === event).length
    expect(count('timer')).toBe(1)
    expect(order.slice(0, order.indexOf('timer')).filter(event => event === 'tick').length).toBeLessThanOrEqual(3)
    expect(count('tick')).toBeGreaterThan(0)
    expect(count('tick')).toBeLessThanOrEqual(count('turn') + 1)
  })

  it('ends with the error of what it drives', async () => {
    let calls = 0
    const seen = observed(
      fastClock(0).pipe(
        tap(() => {
          calls++
          throw new Error('boom')
        }),
      ),
    )
    await macrotasks(4)
    expect(seen.errors).toEqual([new Error('boom')])
    expect(calls).toBe(1)
  })

  it('starts anew for everyone who subscribes', async () => {
    const clock$ = fastClock(0).pipe(take(2))
    const [a, b] = [observed(clock$), observed(clock$)]
    await macrotasks(5)
    expect([a.values.length, b.values.length]).toEqual([2, 2])
  })
})

describe('the real-time clock', () => {
  const start = 5000
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    vi.advanceTimersByTime(start)
  })
  /** When each tick came, in milliseconds since the subscription, while every tick works for `busy(n)` milliseconds. */
  const times = (rate: number, span: number, busy: (tick: number) => number = () => 0) => {
    const from = performance.now()
    const at: number[] = []
    const clock = realTimeClock(rate).subscribe(() => {
      at.push(performance.now() - from)
      const work = busy(at.length)
      if (work > 0) vi.advanceTimersByTime(work)
    })
    while (performance.now() - from < span) vi.advanceTimersByTime(1)
    clock.unsubscribe()
    return at
  }

  it('ticks at its rate', () => {
    expect(times(10, 450)).toEqual([100, 200, 300, 400])
    expect(times(40, 101)).toEqual([25, 50, 75, 100])
  })

  it('does not add up lateness', () => {
    expect(times(10, 450, () => 30)).toEqual([100, 200, 300, 400])
    // The second tick takes longer than a period: the third is late, the fourth on time again.
    expect(times(10, 650, tick => (tick === 2 ? 150 : 0)).map(Math.round)).toEqual([100, 200, 350, 400, 500, 600])
  })

  it('goes on from now when it fell behind by more than a quarter of a second', () => {
    const late = times(10, 1500, tick => (tick === 2 ? 1000 : 0)).map(Math.round)
    expect(late.slice(0, 2)).toEqual([100, 200])
    expect(late[2]).toBe(1300)
    expect(late[3]).toBe(1400)
  })

  it('has room for one step in a tick', () => {
    const rooms: boolean[] = []
    realTimeClock(10)
      .pipe(take(2))
      .subscribe(tick => rooms.push(tick.take(), tick.take()))
    vi.advanceTimersByTime(300)
    expect(rooms).toEqual([true, false, true, false])
  })

  it('leaves no timer behind when it is left, before or within a tick', () => {
    const seen = observed(realTimeClock(10))
    seen.subscription.unsubscribe()
    expect(vi.getTimerCount()).toBe(0)
    const two = observed(realTimeClock(10).pipe(take(2)))
    vi.advanceTimersByTime(1000)
    expect(two.values).toHaveLength(2)
    expect(vi.getTimerCount()).toBe(0)
  })

  it('ends with the error of what it drives', () => {
    const boom = () => {
      throw new Error('boom')
    }
    const seen = observed(realTimeClock(10).pipe(tap(boom)))
    vi.advanceTimersByTime(500)
    expect(seen.errors).toEqual([new Error('boom')])
    expect(vi.getTimerCount()).toBe(0)
  })
})

describe('the step clock', () => {
  it('gives one tick with room for one step per request', () => {
    const requests = new Subject<string>()
    const seen = observed(stepClock(requests))
    expect(seen.values).toHaveLength(0)
    requests.next('a')
    requests.next('b')
    expect(seen.values.map(tick => [tick.take(), tick.take()])).toEqual([
      [true, false],
      [true, false],
    ])
    requests.complete()
    expect(seen.completed).toBe(true)
  })

  it('passes on silence, the end and errors', () => {
    expect(observed(stepClock(NEVER))).toMatchObject({ values: [], errors: [], completed: false })
    expect(observed(stepClock(EMPTY))).toMatchObject({ values: [], completed: true })
    expect(observed(stepClock(throwError(() => 'gone'))).errors).toEqual(['gone'])
  })

  it('lets go of the requests when it is left', () => {
    const requests = new Subject<string>()
    observed(stepClock(requests)).subscription.unsubscribe()
    expect(requests.observed).toBe(false)
  })
})
