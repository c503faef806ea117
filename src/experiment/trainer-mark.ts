// Who trains in a run folder: the process leaves its id there while it works, and after it was killed.
import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** The file with the process id. */
export const trainerFile = 'trainer.pid'

/** Marks a run folder as being trained by this process; the function that comes back takes the mark away. */
export function markTrainer(folder: string): () => void {
  const file = join(folder, trainerFile)
  writeFileSync(file, String(process.pid))
  return () => rmSync(file, { force: true })
}

/** The process that trains, or trained until it was killed, in a folder; null: none. */
export function trainerOf(folder: string): number | null {
  try {
    return Number(readFileSync(join(folder, trainerFile), 'utf8'))
  } catch {
    return null
  }
}

/** Whether a process of this id runs on this machine. */
export function isAlive(id: number): boolean {
  // Of zero and less the system takes whole groups of processes.
  if (!(id > 0)) return false
  try {
    process.kill(id, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
