// Joint steps go into the replay buffer on their way.
import { EMPTY, from, NEVER, of, Subject, take, throwError } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { store } from '../../src/engine/store.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createJointReplay } from '../../src/replay/joint-replay.ts'
import type { JointStep } from '../../src/types.ts'
import { agentsOf, numberedSteps } from '../support/joint-steps.ts'
import { observed } from '../support/observed.ts'

describe('store', () => {
  const agents = agentsOf([2, 1])
  const steps = numberedSteps(agents, 3, 4)
  const emptyReplay = async (capacity = 100) => {
    const backend = await createSimdBackend()
    onTestFinished(() => backend.dispose())
    return createJointReplay(backend, agents, { capacity, games: 3 })
  }

  it('does nothing without steps, and ends when they end', async () => {
    const replay = await emptyReplay()
    expect(observed(NEVER.pipe(store(replay)))).toMatchObject({ values: [], completed: false })
    expect(observed(EMPTY.pipe(store(replay)))).toMatchObject({ values: [], completed: true })
    expect(replay.size).toBe(0)
  })

  it('inserts every step before it passes the same record on', async () => {
    const replay = await emptyReplay()
    const sizes: number[] = []
    const passed: JointStep[] = []
    from(steps)
      .pipe(store(replay))
      .subscribe(step => {
        passed.push(step)
        sizes.push(replay.size)
      })
    expect(sizes).toEqual([3, 6, 9, 12])
    passed.forEach((step, i) => {
      expect(step).toBe(steps[i])
    })
  })

  it('passes on an error from above', async () => {
    expect(observed(throwError(() => 'gone').pipe(store(await emptyReplay()))).errors).toEqual(['gone'])
  })

  it('makes an error of the buffer the error of the stream', () => {
    const full = {
      insert() {
        throw new RangeError('out of memory')
      },
    }
    const seen = observed(of(steps[0]!).pipe(store(full)))
    expect(seen.errors).toEqual([new RangeError('out of memory')])
    expect(seen.values).toEqual([])
  })

  it('inserts no more when it is left', async () => {
    const replay = await emptyReplay()
    observed(from(steps).pipe(store(replay), take(2)))
    expect(replay.size).toBe(6)
    const source = new Subject<JointStep>()
    observed(source.pipe(store(replay))).subscription.unsubscribe()
    expect(source.observed).toBe(false)
  })
})
