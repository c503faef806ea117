// --checkpoint: which checkpoint of a run plays.
import { type Command, InvalidArgumentError } from 'commander'

/** Adds `--checkpoint`. */
export function addCheckpointOption(command: Command): Command {
  return command.option(
    '--checkpoint <which>',
    'last; best (see run.keepBest); or the episodes of one that is kept',
    text => {
      if (text === 'last' || text === 'best') return text
      if (/^\d+$/.test(text)) return Number(text)
      throw new InvalidArgumentError(`Expected last, best or a number of episodes, got '${text}'.`)
    },
  )
}
