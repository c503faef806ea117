// Draws every scenario as its scripted controllers play it: node scripts/scenario-pictures.mjs [scenario ...]
// Writes docs/scenarios/<id>.svg: agents with their index and way, landmarks, a ring around goals, and what was said.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createParticleGame, createRandom, scenarios } from '../dist/src/index.js'

const steps = 10
const side = 360
const extent = 1.2 // world units from the middle to the edge of a picture
const ink = '#30343b'
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
}

const ids = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
for (const id of ids.length > 0 ? ids : Object.keys(scenarios)) {
  writeFileSync(join(folder, `${id}.svg`), picture(play(id)))
}

/** A game after some steps, and where its agents have been: [steps + 1][agents][2]. */
function play(id) {
  const game = createParticleGame(scenarios[id], { rules: 'openai' })
  game.reset(createRandom(seeds[id] ?? 1, 'picture', id))
  const actions = game.agents.map(({ actionSpace }) => {
    const columns = actionSpace.reduce((sum, part) => sum + part.size, 0)
    return { rows: 1, columns, data: new Float32Array(columns) }
  })
  const positions = () => game.world.agents.map(({ position }) => [position.x, position.y])
  const way = [positions()]
  for (let step = 0; step < steps; step++) {
    for (const [agent, matrix] of actions.entries()) game.script(agent, matrix, 0)
    game.step(actions, 0)
    way.push(positions())
  }
  return { game, way }
}

function picture({ game, way }) {
  const { agents, landmarks, state } = game.world
  const goals = new Set([state.goal, ...agents.map(agent => agent.goal)].filter(Number.isInteger))
  const large = landmarks.filter(({ size }) => size > 0.1)
  const small = landmarks.filter(({ size }) => size <= 0.1)
  const parts = [
    ...large.map(drawArea),
    ...agents.map((agent, i) =>
      drawWay(
        agent,
        way.map(positions => positions[i]),
      ),
    ),
    ...agents.map(drawAgent),
    ...small.map(landmark => drawLandmark(landmark, goals.has(landmark.index))),
    ...agents.filter(({ speaks }) => speaks).map(drawUtterance),
  ]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${side} ${side}" width="${side}" height="${side}" role="img">`,
    `<title>${game.id}: ${scenarios[game.id].description}</title>`,
    `<rect x=".5" y=".5" width="${side - 1}" height="${side - 1}" rx="10" fill="#fbfbfc" stroke="#d5d9e0"/>`,
    `<g font-family="ui-sans-serif, system-ui, sans-serif" text-anchor="middle" dominant-baseline="central">`,
    ...parts,
    '</g>\n</svg>\n',
  ].join('\n')
}

/** Obstacles and forests. */
function drawArea({ position, size, color, collides }) {
  const [x, y] = place(position.x, position.y)
  const fill = rgb(color)
  const style = collides ? `fill="#8b919b"` : `fill="${fill}" fill-opacity=".45" stroke="${fill}"`
  return `<circle cx="${x}" cy="${y}" r="${length(size)}" ${style}/>`
}

function drawLandmark({ position, size, color }, isGoal) {
  const [x, y] = place(position.x, position.y)
  const r = length(Math.max(size, 0.05))
  const ring = isGoal
    ? `<circle cx="${x}" cy="${y}" r="${r + 5}" fill="none" stroke="#e0a100" stroke-width="2.5"/>`
    : ''
  const corners = `M${x} ${y - r}l${r} ${r} ${-r} ${r} ${-r} ${-r}z`
  return `<path d="${corners}" fill="${rgb(color)}" stroke="#fff"/>${ring}`
}

function drawWay({ team }, positions) {
  const points = positions.map(([x, y]) => place(x, y).join(',')).join(' ')
  const line = `fill="none" stroke="${colorOf(team)}" stroke-width="2" stroke-opacity=".45" stroke-linecap="round"`
  const [x, y] = place(...positions[0])
  return `<polyline points="${points}" ${line}/><circle cx="${x}" cy="${y}" r="2.5" fill="${colorOf(team)}" fill-opacity=".45"/>`
}

function drawAgent({ position, size, team, index }) {
  const [x, y] = place(position.x, position.y)
  const r = length(Math.max(size, 0.055))
  const disc = `<circle cx="${x}" cy="${y}" r="${r}" fill="${colorOf(team)}" fill-opacity=".9" stroke="#fff" stroke-width="1.5"/>`
  return `${disc}<text x="${x}" y="${y}" font-size="${Math.min(13, 1.35 * r).toFixed(1)}" fill="#fff">${index}</text>`
}

/** The loudest channel, in a bubble. */
function drawUtterance({ position, size, utterance }) {
  const [x, y] = place(position.x, position.y)
  const [left, top] = [x + length(Math.max(size, 0.055)) + 3, y - 26]
  const word = `“${utterance.indexOf(Math.max(...utterance))}”`
  const bubble = `<rect x="${left}" y="${top}" width="26" height="18" rx="6" fill="#fff" stroke="${ink}" stroke-opacity=".5"/>`
  return `${bubble}<text x="${left + 13}" y="${top + 9}" font-size="12" fill="${ink}">${word}</text>`
}

function colorOf(team) {
  return team === 'adversary' ? '#cf4446' : '#3569c9'
}

function place(x, y) {
  return [round(((x + extent) / (2 * extent)) * side), round(((extent - y) / (2 * extent)) * side)]
}

function length(size) {
  return round((size / (2 * extent)) * side)
}

function rgb(color) {
  return `rgb(${color.map(value => Math.round(255 * value)).join(' ')})`
}

function round(value) {
  return Math.round(10 * value) / 10
}
