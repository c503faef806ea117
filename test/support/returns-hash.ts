// SHA-256 over the returns of a training: one number that changes with any bit of what is played or learnt.
import { createHash } from 'node:crypto'
import { lastValueFrom } from 'rxjs'
import { train } from '../../src/experiment/trainer.ts'
import type { Overrides } from '../../src/run/config/config.ts'
import { createRun } from '../../src/run/run.ts'

/** Trains to the end; hexadecimal. Returns are hashed episode by episode as float64 numbers, one for each agent. */
export async function returnsHash(settings: Overrides): Promise<string> {
  const run = await createRun(settings)
  const hash = createHash('sha256')
  const { add } = run.returns
  run.returns.add = episode => {
    const { buffer, byteOffset, byteLength } = episode.returns
    hash.update(Buffer.from(buffer, byteOffset, byteLength))
    add(episode)
  }
  try {
    await lastValueFrom(train(run))
  } finally {
    run.dispose()
  }
  return hash.digest('hex')
}
