// A scenario file with a brake: while it is held, episodes take so long that no training comes to its end before the test lets go.
import { rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from './command.ts'

export interface BrakedScenario {
  /** The scenario file: `simple` but for the brake, which changes no bit of what is learnt. */
  readonly file: string
  /** Each process that trains it plays `freeEpisodes` quickly from then on, and every later one waits for a tenth of a second. */
  hold(): void
  release(): void
}

/** Signals are heard between two episodes, also while the brake is held. */
export function brakedScenario(freeEpisodes = 60): BrakedScenario {
  const folder = temporaryFolder()
  const [file, held] = [join(folder, 'braked.ts'), join(folder, 'held')]
  writeFileSync(file, scenario(held, freeEpisodes))
  return { file, hold: () => writeFileSync(held, ''), release: () => rmSync(held) }
}

function scenario(held: string, freeEpisodes: number): string {
  return `
import { existsSync } from 'node:fs'
import { defineScenario, scenarios } from 'marlstrom'

const never = new Int32Array(new SharedArrayBuffer(4))
let episodes = 0

export const braked = defineScenario({
  ...scenarios.simple,
  id: 'braked',
  reset(moment) {
    if (++episodes > ${freeEpisodes} && existsSync(${JSON.stringify(held)})) Atomics.wait(never, 0, 0, 100)
    scenarios.simple.reset(moment)
  },
})
`
}
