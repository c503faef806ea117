// Foraging plays the same bits as before it was a grid game: what is seen, paid, drawn and saved, so that old runs and recordings go on.
import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import type { GameDefinition } from '../../src/envs/game-definition.ts'
import { fingerprint } from '../../src/fingerprint.ts'
import { foraging } from '../../src/games/foraging.ts'
import { createRandom } from '../../src/random.ts'

/** 40 episodes, by turns of chance and of the scripted controller. */
function playedBits(definition: GameDefinition, options: Record<string, unknown>): string {
  const game = definition.create(options)
  const hash = createHash('sha256')
  const chance = createRandom(3, 'actions')
  const actions = game.agents.map(() => ({ rows: 1, columns: 6, data: new Float32Array(6) }))
  const picture = new Float32Array(game.frames!.schema.size)
  for (let seed = 0; seed < 40; seed++) {
    game.reset(createRandom(seed, 'test'))
    for (let over = false; !over; ) {
      game.frames!.write(picture)
      hash.update(picture).update(game.rewards).update(game.terminated).update(fingerprint(game.save()).toString())
      for (const [agent, { observationSize }] of game.agents.entries()) {
        const row = new Float64Array(observationSize)
        game.observe(agent, row)
        hash.update(row)
      }
      over = game.truncated || game.terminated[0] === 1
      for (const [agent, matrix] of actions.entries()) {
        matrix.data.fill(0)
        if (seed % 2 === 0) game.script!(agent, matrix, 0)
        else matrix.data[chance.integer(6)] = 1
      }
      if (!over) game.step(actions, 0)
    }
  }
  return hash.digest('hex').slice(0, 16)
}

it.each([
  [{}, '63eec482d7f88f9a'],
  [{ agents: 4, food: 4, size: 9, sight: 2, agentLevel: 3 }, 'a87cb76eaceb2a82'],
  [{ agents: 3, cooperative: true, size: 6 }, '083f445725030ea9'],
])('%o', (options, bits) => {
  expect(playedBits(foraging, options)).toBe(bits)
})
