import { describe, expect, it } from 'vitest'
import { legendOf } from '../../../viewer/page/legend.ts'
import { knowingSchema, tinySchema } from '../../stream/tiny-stream.ts'

describe('the legend', () => {
  const texts = (schema: Parameters<typeof legendOf>[0]) => legendOf(schema, []).map(({ text }) => text)

  it('names everything that the picture shows, and nothing else', () => {
    expect(texts(knowingSchema())).toEqual([
      ...['agent_0', 'agent_1', 'adversary_0', 'guard_0 (scripted)', '1 solid landmark', '1 landmark'],
      ...['goal of an agent', 'utterance', '2 walls', 'arena edge'],
    ])
    expect(texts(tinySchema(1, 0))).toEqual(['agent_0'])
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
