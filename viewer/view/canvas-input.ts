// What fingers and mouse do in the picture: select an agent, put things elsewhere, move the view.
import type { Point } from '../../src/picture/camera.ts'
import { forbidden } from '../page/state.ts'
import { isPlayback, type Watching } from '../page/watching.ts'
import type { GameCanvas } from './canvas.ts'
import { listenTo } from './gestures.ts'

/** A dragged thing is put down at most this often. */
const DRAG_MS = 60
/** How far beside a thing a finger still takes it along. */
const FINGER_PIXELS = 14

export function listenToCanvas(watching: Watching, gameCanvas: GameCanvas): void {
  let carried: number | null = null
  let put = 0
  const mayMove = () => watching.playhead.live && forbidden(watching.view) === null && !isPlayback(watching.view)
  const place = (at: Point) => {
    const world = gameCanvas.worldAt(at)
    if (carried === null || world === null) return
    put = performance.now()
    watching.ask({ type: 'drag', entity: carried, position: [world.x, world.y] })
  }
  listenTo(gameCanvas.canvas, {
    press(at) {
      const entity = gameCanvas.entityAt(at)
      watching.select(entity === null ? null : (watching.view.schema!.entities[entity]!.agent ?? null))
    },
    grab(at, byFinger) {
      carried = mayMove() ? gameCanvas.entityAt(at, byFinger ? FINGER_PIXELS : 0) : null
      return carried !== null
    },
    carry(at, done) {
      if (done || performance.now() - put > DRAG_MS) place(at)
      if (done) carried = null
    },
    pan(right, down) {
      watching.lens.panBy(right, down)
      watching.touch()
    },
    zoom(factor, at) {
      watching.lens.zoomBy(factor, at)
      watching.touch()
    },
    hover(at) {
      const entity = at === null ? null : gameCanvas.entityAt(at, 0)
      const agent = entity !== null && watching.view.schema!.entities[entity]!.agent !== null
      gameCanvas.canvas.style.cursor = entity === null ? 'grab' : mayMove() ? 'move' : agent ? 'pointer' : 'grab'
      gameCanvas.canvas.title = entity === null ? '' : watching.view.schema!.entities[entity]!.id
    },
  })
}
