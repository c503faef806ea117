// An earlier run, wired again from its folder: its settings, and its own copy of a scenario file.
import pc from 'picocolors'
import { layer } from '../config.ts'
import { createRun, type Overrides, openRunFolder, type Run, type RunFolder } from '../index.ts'

/** The run as its folder describes it, with `overrides` on top; nothing learnt is restored yet. Says when its scenario file changed. */
export async function openRun(path: string, overrides: Overrides = {}): Promise<{ run: Run; folder: RunFolder }> {
  const { folder, config } = openRunFolder(path)
  const run = await createRun(layer(config as Overrides, overrides), folder.scenarioFile)
  if (run.source?.note) console.error(`${pc.yellow('note:')} ${run.source.note}`)
  return { run, folder }
}
