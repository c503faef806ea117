// Viewers grouped by the frame rate that they asked for: each group is served by one timer.
import { createPace, type ViewerPace } from './pace.ts'
import type { ViewerConnection } from './viewer-connection.ts'

export interface RateGroups {
  /** Serves a viewer at its rate from now on; also when its rate has changed. */
  add(viewer: ViewerConnection): void
  remove(viewer: ViewerConnection): void
  /** There is a new frame: every group is served when it is due. `flags` are those of the frame. */
  touch(flags: number): void
  stop(): void
}

interface Group {
  readonly viewers: Set<ViewerConnection>
  readonly pace: ViewerPace
  /** Flags of the frames since the group was served. */
  flags: number
}

export function createRateGroups(): RateGroups {
  const groups = new Map<number, Group>()
  const whereabouts = new Map<ViewerConnection, number>()

  function open(rate: number): Group {
    const viewers = new Set<ViewerConnection>()
    const pace = createPace(rate, () => {
      const { flags } = group
      group.flags = 0
      for (const viewer of viewers) viewer.showFrame(flags)
    })
    const group: Group = { viewers, pace, flags: 0 }
    groups.set(rate, group)
    return group
  }

  function remove(viewer: ViewerConnection): void {
    const rate = whereabouts.get(viewer)
    if (rate === undefined) return
    whereabouts.delete(viewer)
    const group = groups.get(rate)!
    group.viewers.delete(viewer)
    if (group.viewers.size > 0) return
    group.pace.stop()
    groups.delete(rate)
  }

  return {
    add(viewer) {
      remove(viewer)
      whereabouts.set(viewer, viewer.rate)
      const group = groups.get(viewer.rate) ?? open(viewer.rate)
      group.viewers.add(viewer)
    },
    remove,
    touch(flags) {
      for (const group of groups.values()) {
        group.flags |= flags
        group.pace.touch()
      }
    },
    stop() {
      for (const { pace } of groups.values()) pace.stop()
    },
  }
}
