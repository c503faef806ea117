// The last whole line of a file, whatever its length and its end.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { lastLine } from '../../src/catalogue/last-line.ts'
import { tempFolder } from '../support/temp-folder.ts'

function fileOf(text: string): string {
  const file = join(tempFolder(), 'metrics.jsonl')
  writeFileSync(file, text)
  return file
}

it.each([
  ['one line', '{"a":1}\n', { a: 1 }],
  ['several', '{"a":1}\n{"a":2}\n', { a: 2 }],
  ['a torn end', '{"a":1}\n{"a":2}\n{"a":', { a: 2 }],
  ['an end without a newline, which may be torn', '{"a":1}\n{"a":2}', { a: 1 }],
  ['nothing', '', null],
  ['half a line', '{"a":', null],
  ['more than is read at first', `${'{"a":1}\n'.repeat(5000)}{"a":2}\n`, { a: 2 }],
  ['a line that is longer than that', `{"a":1}\n${JSON.stringify({ a: 3, long: 'x'.repeat(40_000) })}\n`, { a: 3 }],
  ['letters of several bytes at the cut', `${'{"a":"ä€"}\n'.repeat(3000)}{"a":4}\n`, { a: 4 }],
])('of %s', (_, text, expected) => {
  const found = lastLine(fileOf(text))
  if (expected === null) expect(found).toBeNull()
  else expect(found).toMatchObject(expected)
})

it('that has a key is found behind later ones that have not', () => {
  const file = fileOf(`{"a":1,"loss":7}\n{"a":2,"loss":8}\n${'{"a":3}\n'.repeat(5000)}`)
  expect(lastLine(file, 'loss')).toEqual({ a: 2, loss: 8 })
  expect(lastLine(file, 'other')).toBeNull()
})

it.each(['no json\n', '{"a":1}\n[1]\n', 'null\n'])('that is no object is an error: %j', text => {
  expect(() => lastLine(fileOf(text))).toThrow(SyntaxError)
})
