// The page: what it hears becomes a view, the view becomes a picture, curves and words. Who speaks, a server or a game within the page
// itself, is the connector's affair.

import type { Frame, FrameSchema, ServerMessage } from '../src/stream/protocol.ts'
import type { Connector } from './connection.ts'
import { type Controls, createControls } from './controls.ts'
import { createDashboard } from './dashboard.ts'
import { Motion } from './motion.ts'
import { showCast, showView } from './panels.ts'
import { createStage } from './stage.ts'
import { emptyView, hear, lose, type View } from './state.ts'
import { onThemeChange, theme } from './theme.ts'

const NOTICE_MS = 6000

let view: View = emptyView
let notice: string | null = null
let noticeEnds: ReturnType<typeof setTimeout> | undefined
/** The words are to be written again. */
let stale = true

const motion = new Motion()
const stage = createStage()
const dashboard = createDashboard()

let controls: Controls

/** Brings the page to life. */
export function openPage(connect: Connector): void {
  const connection = connect({
    onMessage(message: ServerMessage) {
      const before = view.schema
      if (message.type === 'refused') remark(message.message)
      change(hear(view, message))
      if (message.type === 'welcome') welcome(before, message.schema)
    },
    onFrame(frame: Frame) {
      motion.push(frame, performance.now(), view.state?.exhibition.paused === true)
      dashboard.frame(frame)
      change({ ...view, frame })
    },
    onLost: () => change(lose(view)),
    onConfused(sentence: string) {
      remark(sentence, 'for good')
      change(lose(view))
    },
  })
  controls = createControls(connection.send, () => view)

  onThemeChange(dress)
  requestAnimationFrame(animate)
  publish()
}

/** Behind a fresh welcome there may be another run. The picture goes on only if it is of the same game. */
function welcome(before: FrameSchema | null, schema: FrameSchema): void {
  if (JSON.stringify(before) !== JSON.stringify(schema)) {
    motion.begin(schema)
    dashboard.begin(schema)
    view = { ...view, frame: null }
  }
  dress()
}

function dress(): void {
  if (view.schema) showCast(view.schema, theme())
  dashboard.dress(theme())
  stage.forget()
  stale = true
}

function change(next: View): void {
  view = next
  stale = true
  const { dataset } = document.body
  dataset.connected = String(view.link === 'open')
  dataset.ended = String(view.link === 'ended')
  if (view.state) {
    dataset.status = view.state.status
    dataset.paused = String(view.state.exhibition.paused)
  }
  if (view.frame) {
    dataset.episode = String(view.frame.episode)
    dataset.step = String(view.frame.step)
  }
}

function animate(now: number): void {
  if (view.schema) stage.draw(view.schema, motion.sample(now), theme())
  if (stale) {
    stale = false
    showView(view, notice)
    controls.show(view)
    if (view.state) dashboard.show(view.state)
  }
  requestAnimationFrame(animate)
}

function remark(sentence: string, stays?: 'for good'): void {
  notice = sentence
  stale = true
  clearTimeout(noticeEnds)
  if (stays) return
  noticeEnds = setTimeout(() => {
    notice = null
    stale = true
  }, NOTICE_MS)
}

/** For the browser's console, and for tests. */
function publish(): void {
  const look = {
    get frame() {
      return view.frame
    },
    get state() {
      return view.state
    },
  }
  Object.defineProperty(window, 'marlstrom', { value: Object.freeze(look) })
}
