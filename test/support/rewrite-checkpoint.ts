// A checkpoint with other content, sealed anew: what a program of another mind could have written.
import { readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { readSafetensors } from '../../src/experiment/safetensors.ts'
import { encodeSealed } from '../../src/experiment/write-safetensors.ts'

export function rewriteCheckpoint(file: string, change: (content: ReturnType<typeof readSafetensors>) => void): void {
  const content = readSafetensors(file)
  change(content)
  writeFileSync(file, Buffer.concat(encodeSealed(content.tensors, content.metadata).pieces))
}

/** The file of a run's newest checkpoint. */
export function newestCheckpoint(run: string): string {
  return join(run, 'checkpoints', readdirSync(join(run, 'checkpoints')).sort().at(-1)!)
}
