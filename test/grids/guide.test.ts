// docs/grids.md: the game that it shows is the one that `marlstrom new --grid` writes, keeps what a game promises, and is played well.
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { gridTemplate } from '../../src/authoring/grid-template.ts'
import { loadScenario } from '../../src/authoring/load-scenario.ts'
import { checkGame, describeProblem } from '../../src/envs/check-game.ts'
import { createRandom } from '../../src/random.ts'
import { tempFolder } from '../support/temp-folder.ts'

const guide = readFileSync(join(import.meta.dirname, '../../docs/grids.md'), 'utf8')
const [shown] = [...guide.matchAll(/^```ts\n([\s\S]*?)^```/gm)].map(match => match[1]!)

it('shows what is written', () => {
  expect(shown).toBe(gridTemplate('orchard'))
  expect(shown!.split('\n').length).toBeLessThan(80)
})

it('works as it stands', async () => {
  const file = join(tempFolder(), 'orchard.ts')
  writeFileSync(file, shown!)
  const { definition } = await loadScenario(file)
  expect(checkGame(definition).problems.map(describeProblem)).toEqual([])
  const game = definition.create()
  const actions = game.agents.map(() => ({ rows: 1, columns: 6, data: new Float32Array(6) }))
  for (let seed = 0; seed < 20; seed++) {
    game.reset(createRandom(seed, 'test'))
    for (let n = 0; n < 40 && game.terminated.includes(0); n++) {
      for (const [agent, row] of actions.entries()) game.script!(agent, row, 0)
      game.step(actions, 0)
    }
    // All fruit is picked within the time that it takes to cross the garden a few times.
    expect([...game.terminated]).toEqual([1, 1])
  }
})
