// Drawings without a browser: what stands where, what moves, and that both are sound SVG.
import { describe, expect, it } from 'vitest'
import { scenarios } from '../../scenarios/index.ts'
import type { MarkovGame } from '../../src/envs/markov-game.ts'
import { createParticleGame } from '../../src/envs/particle-game.ts'
import { otherGames } from '../../src/games/index.ts'
import { actionWords } from '../../src/picture/action-words.ts'
import { dark, light } from '../../src/picture/colors.ts'
import { createRandom } from '../../src/random.ts'
import { drawMoment, drawMotion } from '../../src/render/drawing.ts'
import type { Take, TakenFrame } from '../../src/render/take.ts'
import { actionSize } from '../../src/spaces.ts'

const look = { width: 400, theme: light }

describe('a drawing of one moment', () => {
  it.each(Object.keys(scenarios))('%s: has a disc for every agent that can be seen, and its number', id => {
    const take = scripted(id, 10)
    const svg = drawMoment(take, 10, look)
    sound(svg)
    const numbers = [...svg.matchAll(/<text[^>]*>(\d+)<\/text>/g)].map(match => match[1])
    const agents = take.schema.entities.flatMap(({ agent }) => (agent === null ? [] : [String(agent)]))
    expect(numbers).toEqual(expect.arrayContaining(agents))
    expect(svg).not.toContain('<animate')
    expect(svg).toContain('step 10')
  })

  it('stands where the frame says, y up', () => {
    const take = scripted('simple', 3)
    take.frames[3]!.row.set([0.5, 0.25], take.schema.fields.find(field => field.name === 'position')!.offset)
    const { extent } = take.schema
    const [x, y] = [200 + (0.5 / extent) * 200, 200 - (0.25 / extent) * 200].map(value => Math.round(value * 10) / 10)
    expect(drawMoment(take, 3, look)).toContain(`translate(${x} ${y})`)
  })

  it('is between two frames where it is asked for', () => {
    const take = scripted('simple', 1)
    const { offset } = take.schema.fields.find(field => field.name === 'position')!
    take.frames[0]!.row.set([0, 0], offset)
    take.frames[1]!.row.set([0.4, 0], offset)
    const x = Math.round((200 + (0.2 / take.schema.extent) * 200) * 10) / 10
    expect(drawMoment(take, 0.5, look)).toContain(`translate(${x} 200)`)
  })

  it('names nothing that is markup', () => {
    const svg = drawMoment({ ...scripted('simple', 1), title: '<script>alert("x")</script>' }, 0, {
      ...look,
      theme: dark,
    })
    sound(svg)
    expect(svg).not.toContain('<script')
  })
})

describe('a drawing that moves', () => {
  it.each(['simple_tag', 'simple_reference', 'simple_world_comm'])('%s: has each place of each agent in order', id => {
    const take = scripted(id, 12)
    const svg = drawMotion(take, 1, look)
    sound(svg)
    const moving = [...svg.matchAll(/type="translate" values="([^"]*)"/g)].map(match => match[1]!.split(';'))
    expect(moving.length).toBeGreaterThanOrEqual(take.schema.entities.filter(({ kind }) => kind === 'agent').length)
    // Twelve steps, and the last picture stands for 1.2 seconds.
    for (const values of moving) expect(values).toHaveLength(25)
    expect(svg).toContain('dur="2.4s"')
  })

  it('jumps where an episode begins anew', () => {
    const [one, two] = [scripted('simple', 4), scripted('simple', 4)]
    const take: Take = { ...one, frames: [...one.frames, ...two.frames] }
    const [, values, times] = /type="translate" values="([^"]*)" keyTimes="([^"]*)"/.exec(drawMotion(take, 1, look))!
    const at = times!.split(';').map(Number)
    expect(values!.split(';')).toHaveLength(at.length)
    expect(at.filter((time, i) => time === at[i - 1])).toHaveLength(1)
    expect([at[0], at.at(-1)]).toEqual([0, 1])
  })

  it('shows an agent only while it is there', () => {
    const take = scripted('simple', 4)
    take.frames[3]!.row[take.schema.fields.find(field => field.name === 'present')!.offset] = 0
    expect(drawMotion(take, 10, look)).toContain('values="visible;visible;visible;hidden;visible')
  })
})

describe('a drawing of a grid', () => {
  const drawn = (id: string, at: number) => {
    const game = otherGames[id]!.create()
    game.reset(createRandom(1, 'drawing', id))
    const { schema } = game.frames!
    return drawMoment(playedBy(game, at, id), at, { ...look, width: 60 * schema.grid!.columns })
  }

  it('has walls, goals, things, levels, and what agents did, in words', () => {
    const corridor = drawn('switch', 3)
    sound(corridor)
    // Six cells of wall; a goal of each agent.
    expect(corridor.match(/<path d="M[^"]*" fill="#a3acbd"/)![0].match(/Z/g)).toHaveLength(6)
    expect(corridor.match(/fill-opacity="0.22"/g)).toHaveLength(2)
    expect(corridor).toContain('>east</text>')
    expect(drawn('foraging', 0)).toMatch(/>[12]<\/text>/)
    const shelves = drawn('warehouse', 1)
    sound(shelves)
    expect(shelves.match(/fill-opacity="0.85"/g)).toHaveLength(2)
    expect(shelves).not.toContain('>S3<')
  })

  it('shows in an animation which things stand out when', () => {
    const game = otherGames.warehouse!.create({ height: 2 })
    game.reset(createRandom(1, 'drawing'))
    const svg = drawMotion(playedBy(game, 60, 'warehouse'), 1, look)
    sound(svg)
    expect(svg).toContain('attributeName="visibility"')
  })
})

/** An episode as its scripted controllers play it. */
function scripted(id: string, steps: number): Take {
  const game = createParticleGame(scenarios[id]!, { rules: 'openai' })
  game.reset(createRandom(1, 'drawing', id))
  return playedBy(game, steps, id)
}

function playedBy(game: MarkovGame, steps: number, title: string): Take {
  const actions = game.agents.map(({ actionSpace }) => {
    const columns = actionSize(actionSpace)
    return { rows: 1, columns, data: new Float32Array(columns) }
  })
  const { schema, write } = game.frames!
  const frames: TakenFrame[] = []
  for (let step = 0; step <= steps; step++) {
    const row = new Float32Array(schema.size)
    write(row)
    const done = step === 0 ? new Float32Array(0) : actions.flatMap(({ data }) => [...data])
    frames.push({ step, row, words: actionWords(game.agents, done), anew: step === 0 })
    actions.forEach((matrix, agent) => void game.script!(agent, matrix, 0))
    game.step(actions, 0)
  }
  return { schema, frames, title }
}

/** Every element that is opened is closed, in order, and no number is missing. */
function sound(svg: string): void {
  const open: string[] = []
  for (const [, closing, name] of svg.matchAll(/<(\/?)([a-zA-Z]+)[^>]*>/g)) {
    if (closing === '/') expect(open.pop()).toBe(name)
    else open.push(name!)
  }
  expect(open).toEqual([])
  expect(svg).not.toMatch(/NaN|undefined|Infinity/)
}
