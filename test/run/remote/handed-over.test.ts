// What of a liar was handed over: from the first trajectory that nobody played again to the last.
import { expect, it } from 'vitest'
import { createHandedOver } from '../../../src/run/remote/handed-over.ts'

it('names of each actor what begins with the first that was not played again, whatever was played again later', () => {
  const handedOver = createHandedOver(100)
  expect(handedOver.consequences('liar')).toContain('nothing of it was learnt from')
  for (const [number, isSeen] of [
    [4, true],
    [5, false],
    [6, true],
    [7, true],
  ] as const) {
    handedOver.add('liar', 2, number, isSeen)
    handedOver.add('liar', 3, number, true)
    handedOver.add('honest', 0, number, false)
  }
  expect(handedOver.consequences('liar')).toBe(
    'its trajectories 5 to 7 of actor 2 were handed over and may have been learnt from; to go on from before them: train --resume <run> --before-step 500',
  )
})
