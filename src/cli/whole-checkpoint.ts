// Which checkpoint a run goes on from: the newest that is whole; what is damaged is named, never passed over in silence.
import pc from 'picocolors'
import { FileError, type RunFolder } from '../index.ts'
import { printError } from './print.ts'

/**
 * Episodes of the newest checkpoint of which every byte is as it was written. Damaged newer ones are said on stderr, and renamed if
 * `setAside`, so that nobody takes them for the newest.
 * @throws FileError when there is none.
 */
export function newestWhole(folder: RunFolder, setAside: boolean): number {
  const damaged: { episodes: number; error: FileError }[] = []
  for (const episodes of folder.checkpoints.toReversed()) {
    const error = folder.damageOf(episodes)
    if (error !== null) {
      damaged.push({ episodes, error })
      continue
    }
    for (const { episodes: newer, error } of damaged) {
      const where = setAside ? `; it is now ${folder.setAside(newer)}` : ''
      printError(`${pc.yellow('note:')} ${error.message}${where}`)
    }
    if (damaged.length > 0) printError(`${pc.yellow('note:')} going on from the checkpoint of episode ${episodes}`)
    return episodes
  }
  const first = damaged[0]?.error
  if (first === undefined) throw new FileError(folder.path, 'holds no checkpoint yet; train longer')
  throw new FileError(
    first.file,
    `${first.message.slice(first.file.length + 2)}; no checkpoint of the run is whole, so it cannot be trained on. Where only the replay ` +
      'buffer is damaged, its actors can still be evaluated, watched and exported',
  )
}
