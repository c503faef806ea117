import { describe, expect, it } from 'vitest'
import { landmarksOf, legendOf } from '../../../viewer/page/legend.ts'
import { gridSchema, knowingSchema, tinySchema } from '../../stream/tiny-stream.ts'

describe('the legend', () => {
  const texts = (schema: Parameters<typeof legendOf>[0]) => legendOf(schema, []).map(({ text }) => text)

  it('names everything that the picture shows, and nothing else', () => {
    expect(texts(knowingSchema())).toEqual([
      ...['agent_0', 'agent_1', 'adversary_0', 'guard_0 (scripted)', '1 solid landmark', '1 landmark'],
      ...['goal of an agent', 'utterance', '2 walls', 'arena edge'],
    ])
    expect(texts(tinySchema(1, 0))).toEqual(['agent_0'])
  })

  it('names the things of a grid by their kind, the cells that mean something, and walls', () => {
    const entries = legendOf(gridSchema(), ['blue', 'red', 'red'])
    expect(entries.map(({ mark, text, color }) => [mark, text, color])).toEqual([
      ['disc', 'agent_0', 'blue'],
      ['diamond', '1 food', 'red'],
      ['square', '1 box', 'red'],
      ['cell', 'goal', 'rgb(0 102 204)'],
      ['wall', 'wall', undefined],
      ['level', 'level', undefined],
    ])
  })

  it('counts landmarks, and leaves out what is a mark of an agent', () => {
    const schema = tinySchema(1, 0)
    const landmark = { kind: 'landmark', agent: null, team: null, size: 0.3, collides: false } as const
    const ids = ['cell_0', 'cell_1', 'forest_0', 'landmark_0', 'landmark_1', 'agent_0_0', 'agent_0_1']
    const entities = [...schema.entities, ...ids.map(id => ({ ...landmark, id })), { ...landmark, id: 'word', size: 0 }]
    expect(texts({ ...schema, entities })).toEqual(['agent_0', '5 landmarks'])
    expect(landmarksOf({ entities }).map(({ id }) => id)).toEqual(ids.slice(0, 5))
  })

  it('names teams where there are many agents', () => {
    expect(texts(tinySchema(40, 0))).toEqual(['39 agent', '1 adversary'])
  })

  it('shows agents and scripted ones in their colours', () => {
    const entries = legendOf(knowingSchema(), ['blue', 'blue', 'red', 'grey', '', ''])
    expect(entries.slice(0, 4).map(({ color, sign }) => [color, sign])).toEqual([
      ['blue', '0'],
      ['blue', '1'],
      ['red', '2'],
      ['grey', undefined],
    ])
  })
})
