// The picture of the timeline: a band for each episode, the reward of each moment as a ridge, bookmarks, the loop, the playhead.
import type { Theme } from '../../src/picture/colors.ts'
import type { Frame } from '../../src/stream/protocol.ts'
import type { Bookmark } from './bookmarks.ts'
import type { FrameMemory, Stretch } from './frame-memory.ts'

export interface Bar {
  readonly shown: Stretch
  /** What there is; before it nothing can be shown. */
  readonly whole: Stretch
  readonly position: number
  readonly past: FrameMemory
  readonly loop: Stretch | null
  readonly marks: readonly Bookmark[]
  readonly theme: Theme
}

/** One look into the past for so many pixels. */
const STRIDE = 2
const RIDGE = 0.62
/** Radius of the knob on the playhead. */
const HANDLE = 5

export function drawBar(canvas: HTMLCanvasElement, bar: Bar): void {
  const density = window.devicePixelRatio
  const [wide, high] = [canvas.clientWidth, canvas.clientHeight]
  if (wide === 0) return
  const [width, height] = [Math.round(wide * density), Math.round(high * density)]
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width
    canvas.height = height
  }
  const context = canvas.getContext('2d')!
  context.setTransform(density, 0, 0, density, 0, 0)
  context.clearRect(0, 0, wide, high)
  const { shown, theme, position, loop, marks } = bar
  const x = (number: number) => ((number - shown.from) / (shown.to - shown.from)) * wide
  const columns = look(bar, wide)
  drawEpisodes(context, columns, high, theme)
  drawRidge(context, columns, high, theme)
  if (loop !== null) {
    context.fillStyle = theme.teams[0]!
    context.globalAlpha = 0.16
    context.fillRect(x(loop.from), 0, Math.max(2, x(loop.to) - x(loop.from)), high)
    context.globalAlpha = 1
    context.fillRect(x(loop.from), 0, Math.max(2, x(loop.to) - x(loop.from)), 2)
  }
  context.fillStyle = theme.flash
  for (const { number } of marks) {
    if (number < shown.from || number > shown.to) continue
    context.beginPath()
    context.moveTo(x(number) - 4, 0)
    context.lineTo(x(number) + 4, 0)
    context.lineTo(x(number), 8)
    context.fill()
  }
  const at = Math.min(Math.max(x(position), HANDLE + 2), wide - HANDLE - 2)
  context.fillStyle = theme.ink
  context.fillRect(at - 1, HANDLE, 2, high)
  context.beginPath()
  context.arc(at, HANDLE + 1, HANDLE, 0, 2 * Math.PI)
  context.fill()
}

interface Column {
  readonly x: number
  readonly frame: Frame | null
  readonly reward: number
}

/** What the past knows of every few pixels; null where it was forgotten or never heard. */
function look({ shown, whole, past }: Bar, wide: number): Column[] {
  const columns: Column[] = []
  const perPixel = (shown.to - shown.from) / wide
  for (let x = 0; x <= wide; x += STRIDE) {
    const number = shown.from + x * perPixel
    const frame = number < whole.from ? undefined : past.at(number)
    // The nearest frame that is kept may be far away.
    const near = frame !== undefined && Math.abs(frame.number - number) <= Math.max(16, 2 * STRIDE * perPixel)
    columns.push({ x, frame: near ? frame : null, reward: near ? rewardOf(frame) : 0 })
  }
  return columns
}

const rewards = new WeakMap<Frame, number>()

/** Of all agents together. */
function rewardOf(frame: Frame): number {
  let sum = rewards.get(frame)
  if (sum === undefined) {
    sum = 0
    for (const reward of frame.rewards) if (Number.isFinite(reward)) sum += reward
    rewards.set(frame, sum)
  }
  return sum
}

function drawEpisodes(context: CanvasRenderingContext2D, columns: readonly Column[], high: number, theme: Theme): void {
  context.fillStyle = theme.line
  columns.forEach(({ x, frame }) => {
    if (frame === null) return
    context.globalAlpha = frame.episode % 2 === 0 ? 0.5 : 0.95
    context.fillRect(x, 0, STRIDE, high)
  })
  context.globalAlpha = 1
}

/** The sum of all rewards, from the least to the most that is shown. */
function drawRidge(context: CanvasRenderingContext2D, columns: readonly Column[], high: number, theme: Theme): void {
  const known = columns.filter(({ frame }) => frame !== null && !frame.restarted)
  if (known.length < 2) return
  let [least, most] = [Infinity, -Infinity]
  for (const { reward } of known) {
    least = Math.min(least, reward)
    most = Math.max(most, reward)
  }
  const y = (reward: number) => high - 2 - (most > least ? (reward - least) / (most - least) : 0.5) * high * RIDGE
  context.fillStyle = context.strokeStyle = theme.teams[0]!
  context.lineWidth = 1.25
  context.lineJoin = 'round'
  const outline = new Path2D()
  const area = new Path2D()
  let open = false
  let before: Column | null = null
  for (const column of columns) {
    if (column.frame === null) {
      if (open && before) area.lineTo(before.x, high)
      open = false
    } else if (!column.frame.restarted) {
      if (open) outline.lineTo(column.x, y(column.reward))
      else {
        outline.moveTo(column.x, y(column.reward))
        area.moveTo(column.x, high)
      }
      area.lineTo(column.x, y(column.reward))
      open = true
      before = column
    }
  }
  if (open && before) area.lineTo(before.x, high)
  context.globalAlpha = 0.18
  context.fill(area)
  context.globalAlpha = 0.9
  context.stroke(outline)
  context.globalAlpha = 1
}
