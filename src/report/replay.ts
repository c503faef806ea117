// Episodes to watch within a report: the rows of their pictures, as text that a page can hold.
import type { Frame, PictureSchema } from '../envs/frame.ts'
import type { Replay, ReplayEpisode } from './replay-data.ts'

/** What one replay may take in the page. */
const mostBytes = 600_000

/**
 * Records whole episodes from a source of pictures, which begins each with a restarted one. A long episode is cut, and none
 * begins that would no longer fit.
 */
export function recordReplay(
  schema: PictureSchema,
  agents: readonly string[],
  next: () => Pick<Frame, 'restarted' | 'returns' | 'row'>,
  wanted: number,
): Replay {
  const rowBytes = 4 * (schema.size + agents.length)
  const most = Math.max(2, Math.floor(mostBytes / rowBytes))
  const episodes: ReplayEpisode[] = []
  let left = most
  let pending = next()
  while (episodes.length < wanted && left > 1) {
    const frames = [pending]
    for (pending = next(); !pending.restarted && frames.length < left; pending = next()) frames.push(pending)
    const cut = !pending.restarted
    // A part is worth keeping only where nothing else is.
    if (cut && episodes.length > 0) break
    episodes.push({
      frames: frames.length,
      rows: base64(frames.map(({ row }) => row)),
      returns: base64(frames.map(({ returns }) => returns)),
      cut,
    })
    left -= frames.length
  }
  return { schema, agents, episodes }
}

function base64(rows: readonly Float32Array[]): string {
  const bytes = Buffer.alloc(4 * rows.reduce((sum, row) => sum + row.length, 0))
  let at = 0
  for (const row of rows) for (const value of row) at = bytes.writeFloatLE(value, at)
  return bytes.toString('base64')
}
