// A run as far as it acts: it plays as the one that is trained, without a message for what lies in shared memory.
import { expect, it, onTestFinished } from 'vitest'
import type { Overrides } from '../../src/index.ts'
import { createActingRun } from '../../src/run/acting-run.ts'
import { tinyRun } from '../support/tiny-config.ts'

const observation = { rows: 1, columns: 18, data: new Float32Array(18).fill(0.5) }

it('follows the learners of a training and takes over what a whole run saved', async () => {
  const run = await tinyRun()
  const acting = await createActingRun(run.config as unknown as Overrides)
  onTestFinished(() => acting.dispose())
  const outputs = (of: Pick<typeof acting, 'roster'>) => [...of.roster[0]!.actor.distribution(observation).data]
  // Both are made from the seed.
  expect(outputs(acting)).toEqual(outputs(run))
  const saved = run.roster[0]!.save()
  const [network] = run.roster[0]!.actor.networks
  for (const at of network!.parameters.keys()) network!.parameters[at]! += at % 2 === 0 ? 0.1 : -0.2
  expect(outputs(acting)).not.toEqual(outputs(run))
  acting.follow(0, saved)
  expect(outputs(acting)).toEqual(outputs(run))
  for (const at of network!.parameters.keys()) network!.parameters[at]! -= 0.05
  acting.restore(run.save())
  expect(outputs(acting)).toEqual(outputs(run))
})
