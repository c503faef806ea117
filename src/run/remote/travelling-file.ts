// A user's scenario file on its way to other machines: its code as it is played, known by its hash.
import { createHash } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Overrides, RunConfig } from '../config/config.ts'
import { planRun, type RunPlan } from '../plan.ts'

/** SHA-256 in hex. */
export function hashOfFile(code: string): string {
  return createHash('sha256').update(code).digest('hex')
}

/** The plan of a run whose settings are complete; `code`: of its scenario, null: it ships with marlstrom. */
export async function planOfCode(
  config: RunConfig | Readonly<Record<string, unknown>>,
  code: string | null,
): Promise<RunPlan> {
  const overrides = config as unknown as Overrides
  if (code === null) return await planRun(overrides)
  const folder = mkdtempSync(join(tmpdir(), 'marlstrom-'))
  try {
    const scenarioFile = join(folder, 'scenario.mjs')
    writeFileSync(scenarioFile, code)
    return await planRun(overrides, { scenarioFile, opponentFolder: () => undefined })
  } finally {
    rmSync(folder, { recursive: true })
  }
}
