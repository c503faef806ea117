// The canvas: as sharp as the screen, and drawn again only when something has changed.

import type { Theme } from '../src/picture/colors.ts'
import type { FrameSchema } from '../src/stream/protocol.ts'
import { draw } from './drawing.ts'
import { element } from './elements.ts'
import type { Picture } from './motion.ts'

export interface Stage {
  draw(schema: FrameSchema, picture: Picture | null, theme: Theme): void
  /** The next picture is drawn whatever came before. */
  forget(): void
}

export function createStage(): Stage {
  const canvas = element<HTMLCanvasElement>('stage')
  const context = canvas.getContext('2d')!
  let drawn: Picture | null = null
  let standing = false

  new ResizeObserver(() => {
    standing = false
  }).observe(canvas)

  return {
    draw(schema, picture, theme) {
      if (standing && !picture?.moving && picture?.frame === drawn?.frame) return
      const density = window.devicePixelRatio
      const pixels = Math.round(canvas.clientWidth * density)
      // Setting the size clears the canvas, even to the same size.
      if (canvas.width !== pixels) canvas.width = canvas.height = pixels
      draw(context, pixels, density, schema, picture, theme)
      drawn = picture
      standing = !picture?.moving
    },
    forget() {
      standing = false
    },
  }
}
