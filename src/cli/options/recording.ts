// --record: what is watched is kept as a recording while it is played.
import type { Command } from 'commander'

/** Adds `--record`. */
export function addRecordOption(command: Command): Command {
  return command.option(
    '--record [file]',
    'keep the game that is watched as a recording (MCAP); default: <run>/recordings/<time>.mcap, or <scenario>-<time>.mcap here',
  )
}
