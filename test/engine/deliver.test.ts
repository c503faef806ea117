// Joint steps go into the replay buffer, then to the learners, on their way.
import { EMPTY, from, NEVER, of, Subject, take, throwError } from 'rxjs'
import { describe, expect, it, onTestFinished } from 'vitest'
import { deliver } from '../../src/engine/deliver.ts'
import { createSimdBackend } from '../../src/nn/simd/backend.ts'
import { createJointReplay } from '../../src/replay/joint-replay.ts'
import type { JointStep } from '../../src/types.ts'
import { agentsOf, numberedSteps } from '../support/joint-steps.ts'
import { observed } from '../support/observed.ts'

describe('deliver', () => {
  const agents = agentsOf([2, 1])
  const steps = numberedSteps(agents, 3, 4)
  const nobody = { take() {} }
  const emptyReplay = async (capacity = 100) => {
    const backend = await createSimdBackend()
    onTestFinished(() => backend.dispose())
    return createJointReplay(backend, agents, { capacity, games: 3 })
  }

  it('does nothing without steps, and ends when they end', async () => {
    const replay = await emptyReplay()
    expect(observed(NEVER.pipe(deliver(replay, nobody)))).toMatchObject({ values: [], completed: false })
    expect(observed(EMPTY.pipe(deliver(replay, nobody)))).toMatchObject({ values: [], completed: true })
    expect(replay.size).toBe(0)
  })

  it('inserts every step before it passes the same record on', async () => {
    const replay = await emptyReplay()
    const sizes: number[] = []
    const passed: JointStep[] = []
    from(steps)
      .pipe(deliver(replay, nobody))
      .subscribe(step => {
        passed.push(step)
        sizes.push(replay.size)
      })
    expect(sizes).toEqual([3, 6, 9, 12])
    passed.forEach((step, i) => {
      expect(step).toBe(steps[i])
    })
  })

  it('hands every step to the learners once the buffer holds it, and needs no buffer', async () => {
    const replay = await emptyReplay()
    const seen: [number, number][] = []
    const rounds = { take: ({ step }: JointStep) => void seen.push([step, replay.size]) }
    observed(from(steps.slice(0, 2)).pipe(deliver(replay, rounds)))
    const [first, second] = steps
    expect(seen).toEqual([
      [first!.step, 3],
      [second!.step, 6],
    ])
    observed(from(steps).pipe(deliver(null, rounds)))
    expect(seen).toHaveLength(2 + steps.length)
  })

  it('passes on an error from above', async () => {
    expect(observed(throwError(() => 'gone').pipe(deliver(await emptyReplay(), nobody))).errors).toEqual(['gone'])
  })

  it('makes an error of the buffer the error of the stream', () => {
    const full = {
      insert() {
        throw new RangeError('out of memory')
      },
    }
    const seen = observed(of(steps[0]!).pipe(deliver(full, nobody)))
    expect(seen.errors).toEqual([new RangeError('out of memory')])
    expect(seen.values).toEqual([])
  })

  it('inserts no more when it is left', async () => {
    const replay = await emptyReplay()
    observed(from(steps).pipe(deliver(replay, nobody), take(2)))
    expect(replay.size).toBe(6)
    const source = new Subject<JointStep>()
    observed(source.pipe(deliver(replay, nobody))).subscription.unsubscribe()
    expect(source.observed).toBe(false)
  })
})
