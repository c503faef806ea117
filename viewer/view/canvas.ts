// The canvas: as sharp as the screen, drawn again only when something has changed, and who is where on it.
import type { Camera, Point } from '../../src/picture/camera.ts'
import type { Theme } from '../../src/picture/colors.ts'
import { readingOf } from '../../src/picture/reading.ts'
import { drawScene } from '../game/drawing.ts'
import { Flashes } from '../game/flashes.ts'
import { type Looking, pictureAt } from '../page/watching.ts'
import type { Picture } from '../time/motion.ts'
import type { Viewpoint } from './lens.ts'
import { type Marks, noMarks, type Rays } from './marks.ts'

export interface GameCanvas {
  readonly canvas: HTMLCanvasElement
  /** Draws the picture of `now` (ms); gives the picture, or null when the one before still stands. */
  draw(now: number, theme: Theme): Picture | null
  /** The next picture is drawn whatever came before. */
  forget(): void
  /** Another game begins. */
  begin(): void
  /** The entity under a pixel; the nearest of several. */
  entityAt(at: Point, slack?: number): number | null
  /** The world's point under a pixel. */
  worldAt(at: Point): Point | null
}

export function createGameCanvas(canvas: HTMLCanvasElement, watching: Looking): GameCanvas {
  const context = canvas.getContext('2d', { alpha: false })!
  const flashes = new Flashes()
  let drawn: Picture | null = null
  let camera: Camera | null = null
  let standing = false
  let size = { width: 0, height: 0 }

  new ResizeObserver(([entry]) => {
    const { width, height } = entry!.contentRect
    size = { width, height }
    standing = false
  }).observe(canvas)

  const marksAt = (frame: Picture['frame'], now: number): Marks => {
    const { view, inspected, hidden } = watching
    const schema = view.schema!
    const entityOf = (agent: number) => schema.entities.findIndex(entity => entity.agent === agent)
    const inspection = inspected?.at(frame.number) ?? null
    const taken = Object.keys(view.state?.exhibition.taken ?? {})
    return {
      hidden,
      selected: inspected === null ? null : entityOf(inspected.agent),
      sees: inspection?.sees ?? null,
      rays:
        inspection === null ? [] : raysOf(schema.agents[inspection.agent]!.observationParts, inspection.observation),
      taken: new Set(taken.map(id => entityOf(schema.agents.findIndex(agent => agent.id === id)))),
      flashes: flashes.at(now),
    }
  }

  return {
    canvas,
    draw(now, theme) {
      const { schema } = watching.view
      if (schema === null || size.width === 0) return null
      const picture = pictureAt(watching, now)
      const sight = sightOf(watching, picture, size)
      const same = picture?.frame === drawn?.frame && picture?.moving === false
      if (standing && same && !watching.lens.gliding(sight)) return null
      const density = window.devicePixelRatio
      const [width, height] = [Math.round(size.width * density), Math.round(size.height * density)]
      // Setting the size clears the canvas, even to the same size.
      if (canvas.width !== width || canvas.height !== height) {
        canvas.width = width
        canvas.height = height
      }
      if (picture !== null) flashes.see(schema, picture.frame, now)
      camera = watching.lens.camera(sight, now)
      const marks = picture === null ? null : marksAt(picture.frame, now)
      drawScene(context, camera, density, schema, picture, theme, marks ?? noMarks)
      drawn = picture
      standing = picture?.moving !== true && (marks?.flashes.length ?? 0) === 0
      return picture
    },
    forget() {
      standing = false
    },
    begin() {
      flashes.forget()
      drawn = null
      standing = false
    },
    entityAt(at, slack = 4) {
      const { schema } = watching.view
      if (schema === null || drawn === null || camera === null) return null
      const reading = readingOf(schema)
      let [best, least] = [null as number | null, Infinity]
      schema.entities.forEach(({ size, kind }, i) => {
        const place = reading.place(drawn!.row, i)
        if (place === null) return
        const away = Math.hypot(camera!.x(place.x) - at.x, camera!.y(place.y) - at.y)
        // Agents lie on top of landmarks.
        const over = away - Math.max(6, size * camera!.scale) - slack
        const cost = away + (kind === 'agent' ? 0 : 1000)
        if (over <= 0 && cost < least) [best, least] = [i, cost]
      })
      return best
    },
    worldAt: ({ x, y }) => (camera === null ? null : { x: camera.worldX(x), y: camera.worldY(y) }),
  }
}

function sightOf(
  watching: Looking,
  picture: Picture | null,
  { width, height }: Pick<Viewpoint, 'width' | 'height'>,
): Viewpoint {
  const { view, lens, inspected } = watching
  const { entities, extent, grid } = view.schema!
  const reading = readingOf(view.schema!)
  const place = (entity: number) => (picture === null || entity < 0 ? null : reading.place(picture.row, entity))
  const followed =
    lens.mode === 'follow' && inspected !== null
      ? place(entities.findIndex(({ agent }) => agent === inspected.agent))
      : null
  const discs =
    // A grid is seen whole: everybody is in one of its cells.
    lens.mode !== 'fit' || grid !== undefined
      ? []
      : entities.flatMap(({ size }, i) => {
          const at = place(i)
          return at === null ? [] : [{ ...at, size }]
        })
  return { width, height, extent, discs, followed }
}

/** Parts of an observation that are distance sensors. */
function raysOf(
  parts: readonly { readonly name: string; readonly size: number; readonly reach?: number }[],
  observation: Float32Array,
): Rays[] {
  let offset = 0
  return parts.flatMap(({ size, reach }) => {
    const distances = observation.subarray(offset, (offset += size))
    return reach === undefined ? [] : [{ distances, reach }]
  })
}
