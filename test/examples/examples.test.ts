import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { expectExample, examplesFolder as folder } from '../support/example.ts'

/** What the last line of each example says. */
const endings: Readonly<Record<string, RegExp>> = {
  'differentiate.ts': /^half v F v (\d\.\de-\d), KL divergence \1$/,
  'exact.ts': /^keep pace and end race wins 49\.54 % against the optimal policy$/,
  'evaluate.ts': /^random: -\d+\.\d ± \d\.\d$/,
  'parallel.ts': /^agent_0 got -\d+\.\d in 25 steps$/,
  'remember.ts': /^100% of the signs recalled six steps later$/,
  'simulate.ts': /^scripted controller: -1\d\d\.\d per agent per episode$/,
}

describe('examples', () => {
  it('stand in the guides as they are', () => {
    const guide = readFileSync(join(folder, '../docs/games-in-turns.md'), 'utf8')
    expect(guide).toContain(readFileSync(join(folder, 'exact.ts'), 'utf8'))
    const engine = readFileSync(join(folder, '../docs/engine.md'), 'utf8')
    for (const name of ['curriculum.ts', 'metric.ts', 'stop.ts']) {
      expect(engine).toContain(readFileSync(join(folder, name), 'utf8'))
    }
  })

  it.each(Object.entries(endings))('%s runs as it stands', expectExample)

  it('are all run, trainings in test/long/examples.test.ts, what streams in streaming.test.ts', () => {
    const programs = readdirSync(folder).filter(name => name.endsWith('.ts'))
    const trainings = ['curriculum.ts', 'metric.ts', 'stop.ts', 'train.ts', 'wandb.ts']
    expect(programs.sort()).toEqual([...Object.keys(endings), ...trainings, 'returns.ts'].sort())
  })
})
