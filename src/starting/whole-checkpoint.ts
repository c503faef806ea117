// Which checkpoint a run continues from: the newest undamaged one, or one whose damaged replay rows are left out; what is damaged is reported.
import { FileError, isUnreadable } from '../errors.ts'
import type { RunFolder } from '../experiment/run-folder.ts'
import type { Saved } from '../types.ts'

export interface GoOnOptions {
  /** Renames checkpoints that are damaged, so that nobody takes them for the newest. */
  readonly setAside: boolean
  /** Leaves out the rows of the replay buffer that cannot be read. */
  readonly withoutDamagedRows?: boolean | undefined
  /** Is told what is damaged, and what becomes of it. */
  readonly note: (sentence: string) => void
}

/**
 * The checkpoint that a run goes on from, read in whole. `remark` says where rows were left out: the run is not the one that it
 * would have been.
 * @throws FileError when there is none.
 */
export function readToGoOn(
  folder: RunFolder,
  { setAside, withoutDamagedRows = false, note }: GoOnOptions,
): { readonly saved: Saved; readonly remark: string | null } {
  const episodes = withoutDamagedRows ? newestItself(folder, setAside, note) : newestWhole(folder, setAside, note)
  const remark = withoutDamagedRows ? leftOut(folder, episodes, note) : null
  if (remark !== null) note(remark)
  return { saved: folder.readCheckpoint(undefined, episodes, { withoutDamagedRows }), remark }
}

/** To a checkpoint from before what is not to be learnt from; what became of later ones, in a sentence. */
export function goBack(folder: RunFolder, beforeStep: number | undefined): string | null {
  if (beforeStep === undefined) return null
  const aside = folder.setAsideAfter(beforeStep)
  if (aside.length === 0) return null
  return `goes back to environment step ${beforeStep} or before; what is later is set aside: ${aside.join(', ')}`
}

/**
 * Episodes of the newest checkpoint of which every byte is as it was written, rows of the replay buffer included.
 * @throws FileError when there is none, with the way to go on without the damaged rows if there is one.
 */
export function newestWhole(folder: RunFolder, setAside: boolean, note: GoOnOptions['note']): number {
  return newest(folder, setAside, note, episodes => folder.damageOf(episodes))
}

/** Episodes of the newest checkpoint that is whole itself, whatever became of the rows that it names. */
function newestItself(folder: RunFolder, setAside: boolean, note: GoOnOptions['note']): number {
  return newest(folder, setAside, note, episodes => {
    const damage = itsOwnDamage(folder, episodes)
    return damage instanceof FileError ? damage : null
  })
}

function newest(
  folder: RunFolder,
  setAside: boolean,
  note: GoOnOptions['note'],
  damageOf: (episodes: number) => FileError | null,
): number {
  const damaged: { episodes: number; error: FileError }[] = []
  for (const episodes of folder.checkpoints.toReversed()) {
    const error = damageOf(episodes)
    if (error !== null) {
      damaged.push({ episodes, error })
      continue
    }
    for (const { episodes: newer, error } of damaged) {
      const where = setAside ? `; it is now ${folder.setAside(newer)}` : ''
      note(`${error.message}${where}`)
    }
    if (damaged.length > 0) note(`going on from the checkpoint of episode ${episodes}`)
    return episodes
  }
  const first = damaged[0]?.error
  if (first === undefined) throw new FileError(folder.path, 'holds no checkpoint yet; train longer')
  throw new FileError(first.file, `${first.message.slice(first.file.length + 2)}; ${remedy(folder)}`)
}

/** What can be done where no checkpoint is whole. */
function remedy(folder: RunFolder): string {
  for (const episodes of folder.checkpoints.toReversed()) {
    const rows = itsOwnDamage(folder, episodes)
    if (rows instanceof FileError) continue
    return (
      `no checkpoint of the run is whole. Of the newest that is whole itself, of episode ${episodes}, ${described(rows)} are damaged or ` +
      'gone: --without-damaged-rows goes on from it without them. Its actors can be evaluated, watched and exported as they are'
    )
  }
  return 'no checkpoint of the run is whole, so it cannot be trained on'
}

type DamagedRows = ReturnType<RunFolder['damagedRowsOf']>

function itsOwnDamage(folder: RunFolder, episodes: number): FileError | DamagedRows {
  try {
    return folder.damagedRowsOf(episodes)
  } catch (error) {
    if (error instanceof FileError && !isUnreadable(error)) return error
    throw error
  }
}

/** null: no row is left out. */
function leftOut(folder: RunFolder, episodes: number, note: GoOnOptions['note']): string | null {
  const rows = folder.damagedRowsOf(episodes)
  if (rows.damaged.length === 0) return null
  for (const { error } of rows.damaged) note(error.message)
  return (
    `${described(rows)} of the replay buffer are left out at episode ${episodes}, since ${rows.damaged.length} of its files ` +
    `${rows.damaged.length === 1 ? 'is' : 'are'} damaged or gone; from here on the run has other bits than one that was never interrupted`
  )
}

/** `1,024 of 6,000 rows` */
function described({ damaged, of }: DamagedRows): string {
  const rows = damaged.reduce((sum, { rows }) => sum + rows, 0)
  return `${rows.toLocaleString('en-US')} of ${of.toLocaleString('en-US')} rows`
}
