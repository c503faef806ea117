// What zod found wrong with a value, in the words of this house.
import type { z } from 'zod'

/** `expected number, got "fast"`; the issue has its input (`reportInput`). */
export function describeIssue(issue: z.core.$ZodIssue): string {
  const expected = issue.message.replace(/^Invalid (input|option): /, '').replace(/, received .*$/, '')
  const got = typeof issue.input === 'number' ? issue.input : JSON.stringify(issue.input)
  return `${expected[0]!.toLowerCase()}${expected.slice(1)}, got ${got}`
}
