// Draws every scenario, and the grid games, as their scripted controllers play them: node scripts/scenario-pictures.mjs [scenario ...]
// Writes docs/scenarios/<id>.svg: ten steps of an episode, as the live page draws them.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createRandom, games, scenarios } from '../dist/src/index.js'
import { actionWords } from '../dist/src/picture/action-words.js'
import { light } from '../dist/src/picture/colors.js'
import { drawMoment } from '../dist/src/render/drawing.js'
import { actionSize } from '../dist/src/spaces.js'

const steps = 10
/** Games on grids, and the steps after which there is something to see. */
const grids = { foraging: 4, switch: 4, warehouse: 40 }
const folder = join(import.meta.dirname, '../docs/scenarios')
/** Episodes in which much is going on and little is covered. */
const seeds = {
  simple: 9,
  simple_adversary: 94,
  simple_crypto: 3,
  simple_push: 15,
  simple_reference: 157,
  simple_speaker_listener: 8,
  simple_spread: 32,
  simple_tag: 96,
  simple_world_comm: 147,
  foraging: 3,
  warehouse: 2,
}

const ids = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
for (const id of ids.length > 0 ? ids : [...Object.keys(scenarios), ...Object.keys(grids)]) {
  const picture = drawMoment(play(id), grids[id] ?? steps, { width: 360, theme: light })
  // For whoever hears the picture instead of seeing it.
  const described = picture.replace('</title>', `</title><desc>${games[id].description}</desc>`)
  writeFileSync(join(folder, `${id}.svg`), described)
}

/** The first steps of an episode. */
function play(id) {
  const game = games[id].create(id in grids ? {} : { rules: 'openai' })
  game.reset(createRandom(seeds[id] ?? 1, 'picture', id))
  const actions = game.agents.map(({ actionSpace }) => {
    const columns = actionSize(actionSpace)
    return { rows: 1, columns, data: new Float32Array(columns) }
  })
  const { schema, write } = game.frames
  const frames = []
  for (let step = 0; step <= (grids[id] ?? steps); step++) {
    const row = new Float32Array(schema.size)
    write(row)
    const done = step === 0 ? [] : actions.flatMap(({ data }) => [...data])
    frames.push({ step, row, words: actionWords(game.agents, done), anew: step === 0 })
    for (const [agent, matrix] of actions.entries()) game.script(agent, matrix, 0)
    game.step(actions, 0)
  }
  return { schema, frames, title: `${id} · scripted` }
}
