// The folder of a new run, with all that the run needs to be opened again.
import { createRunFolder, type RunFolder } from '../experiment/run-folder.ts'
import type { TrainerLock } from '../experiment/trainer-lock.ts'
import type { Run } from '../run/run.ts'

/** Writes the run's settings, the code of users and the teams of earlier runs that play along. @throws ConfigError as `createRunFolder` */
export function keepRun(run: Run, path: string, lock?: TrainerLock): RunFolder {
  const folder = createRunFolder(path, run.config, lock)
  if (run.source !== null) folder.keepScenario(run.source.code)
  for (const [team, { source }] of run.files) folder.keepPlayer(team, source.code)
  for (const { team, config, saved, files } of run.opponents) {
    const code = [...files].map(([of, { source }]) => [of, source.code] as const)
    folder.keepOpponent(team, config, saved, new Map(code))
  }
  return folder
}
