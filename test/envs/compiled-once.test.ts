// Games that take turns in one world are compiled and stay so: the engine does not compile the same functions again and again, in vain, on the cores that others need.
import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

/** Plays so many steps of 16 games: everybody pushes to the right. */
const program = `
  const from = async (file, name) => (await import('${resolve(import.meta.dirname, '../../dist/src')}/' + file))[name]
  const [createVectorGame, createRandom] = [await from('envs/vector-game.js', 'createVectorGame'), await from('random.js', 'createRandom')]
  const create = (await from('run/find-game.js', 'gameOf'))({ scenario: { id: 'simple_tag' } })
  const vectorGame = createVectorGame({ create, games: 16, random: game => createRandom(1, 'game', game), keptSteps: 2 })
  for (let step = 0; step < 1500; step++) {
    for (const { columns, data } of vectorGame.next.actions) for (let at = 1; at < data.length; at += columns) data[at] = 1
    vectorGame.advance()
  }
  console.log('played')`

it('functions of games whose world.state begins with whole numbers', async () => {
  const args = ['--trace-opt', '--input-type=module', '-e', program]
  const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 1e8 })
  expect(stdout).toContain('played')
  expect(stdout).toContain('completed optimizing')
  const inVain = stdout.split('\n').filter(line => /aborted optimizing.*deprecated/.test(line))
  // One that was under way when a shape changed is no loss: what never ends had dozens here.
  expect(inVain.length, inVain.join('\n')).toBeLessThan(8)
})
