// Tables of text: many rows look as few do, and take no longer for each.
import { describe, expect, it } from 'vitest'
import { tableText } from '../../../src/cli/terminal/print-table.ts'

const head = ['run', 'return']
const row = (i: number) => [`run ${i} of 一番 🚀`, String(-i)]
const rows = (count: number) => Array.from({ length: count }, (_, i) => row(i))

describe('a table', () => {
  it('of a thousand rows is one table: a border above, below, and under the names', () => {
    const lines = tableText(head, rows(1000), 1, false).split('\n')
    expect(lines).toHaveLength(1004)
    expect(lines.filter(line => line.includes('─'))).toHaveLength(3)
    expect(new Set(lines.map(line => [...line].filter(c => '│┌┬┐├┼┤└┴┘'.includes(c)).length))).toEqual(new Set([3]))
    for (const i of [0, 99, 100, 101, 999]) expect(lines[3 + i]).toContain(`│ ${row(i)[0]} `)
    expect(lines.join()).not.toContain('…')
  })

  it('looks the same where its last rows are in another block', () => {
    const short = tableText(head, rows(100), 1, false).split('\n')
    const long = tableText(head, [...rows(100), row(5)], 1, false).split('\n')
    expect(long.slice(0, 103)).toEqual(short.slice(0, 103))
    expect([long[103], long[104]]).toEqual([short[8], short[103]])
  })

  it('without rows has its names', () => {
    expect(tableText(head, [], 1, false)).toContain('return')
  })
})
