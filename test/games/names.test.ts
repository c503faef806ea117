// What games call their actions, numbers and things, so that pages show words and not indices.
import { describe, expect, it } from 'vitest'
import { demandGame } from '../../src/envs/validate-game.ts'
import { otherGames } from '../../src/games/index.ts'
import { readingOf } from '../../src/picture/reading.ts'
import { createRandom } from '../../src/random.ts'
import { partsOf } from '../../viewer/agents/action-parts.ts'

const { foraging, matrix_game } = otherGames

describe('names', () => {
  it('are those of directions, loading and levels in foraging', () => {
    const game = foraging!.create({ agents: 2, food: 2 })
    const [{ actionSpace, observationParts }] = game.agents as [(typeof game.agents)[number]]
    expect(partsOf(actionSpace, undefined)[0]!.names).toEqual(['none', 'north', 'south', 'west', 'east', 'load'])
    expect(observationParts.map(({ names }) => names)).toEqual([
      ['1: row', '1: column', '1: level', '2: row', '2: column', '2: level'],
      ['row', 'column', 'level'],
      ['row', 'column', 'level'],
    ])
  })

  it('are those of the choices in a matrix game, and none where the table is of your own', () => {
    const named = (options: Readonly<Record<string, unknown>>) =>
      partsOf(matrix_game!.create(options).agents[0]!.actionSpace, undefined)[0]!.names
    expect(named({})).toEqual(['cooperate', 'defect'])
    expect(named({ game: 'stag_hunt' })).toEqual(['stag', 'hare'])
    expect(
      named({
        payoffs: [
          [
            [1, 1],
            [0, 0],
            [2, 2],
          ],
        ],
      }),
    ).toEqual(['0'])
  })

  it.each([
    ['too few of them', { names: ['north'] }],
    ['a number for one', { names: ['none', 'north', 'south', 'west', 'east', 6] }],
  ])('are refused: %s', (_, names) => {
    const game = foraging!.create({})
    const agents = game.agents.map(agent => ({ ...agent, actionSpace: [{ ...agent.actionSpace[0]!, ...names }] }))
    expect(() => demandGame('foraging', { ...game, agents }, false)).toThrow("names of part 'move' must be 6 names")
    const parts = game.agents.map(agent => ({
      ...agent,
      observationParts: agent.observationParts.map(part => (part.name === 'self' ? { ...part, names: ['row'] } : part)),
    }))
    expect(() => demandGame('foraging', { ...game, agents: parts }, false)).toThrow(
      "names of part 'self' of agent_0 must be 3 names",
    )
  })
})

describe('what stands on things', () => {
  it('is the level of foragers and of food, until it is eaten', () => {
    const game = foraging!.create({ agents: 2, food: 2 })
    game.reset(createRandom(1, 'labels'))
    const { schema, write } = game.frames!
    const row = new Float32Array(schema.size)
    write(row)
    const reading = readingOf(schema)
    for (const [i, { kind }] of schema.entities.entries()) {
      if (kind === 'agent' || reading.place(row, i) !== null) expect(reading.label(row, i)).toMatch(/^[1-9]\d*$/)
      else expect(reading.label(row, i)).toBeNull()
    }
  })

  it('is what the two are paid in a matrix game, and what rows and columns mean', () => {
    const { schema } = matrix_game!.create({}).frames!
    const labels = Object.fromEntries(schema.entities.map(({ id, label }) => [id, label]))
    expect(labels).toMatchObject({ cell_0_0: '3, 3', cell_0_1: '0, 5', cell_1_0: '5, 0', cell_1_1: '1, 1' })
    expect(labels).toMatchObject({ row_0: 'cooperate', row_1: 'defect', column_0: 'cooperate', column_1: 'defect' })
  })
})
