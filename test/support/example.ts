// Examples run as they stand, in this process.
import { join } from 'node:path'
import { expect, vi } from 'vitest'

export const examplesFolder = join(import.meta.dirname, '../../examples')

/** Runs one until it has printed a last line such as `ending`, and nothing on stderr. */
export async function expectExample(name: string, ending: RegExp): Promise<void> {
  const print = vi.spyOn(console, 'log').mockImplementation(() => {})
  const complain = vi.spyOn(console, 'error').mockImplementation(() => {})
  try {
    await import(join(examplesFolder, name))
    await vi.waitFor(() => expect(String(print.mock.lastCall?.[0])).toMatch(ending), {
      timeout: 240_000,
      interval: 50,
    })
    expect(complain).not.toHaveBeenCalled()
  } finally {
    vi.restoreAllMocks()
  }
}
