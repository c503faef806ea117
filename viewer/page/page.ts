// The page: what its client hears is drawn as picture, charts and text. What the client is connected to, a server or a game within the
// page itself, is the client's affair.
import type { Subscription } from 'rxjs'
import type { Client, Welcomed } from '../../src/client/client.ts'
import type { View } from '../../src/client/view.ts'
import type { StreamedFrame } from '../../src/stream/protocol.ts'
import { Inspections } from '../agents/inspections.ts'
import { createInspector } from '../agents/inspector.ts'
import { createManualControl } from '../agents/manual-control.ts'
import { createPad } from '../agents/pad.ts'
import { createDashboard } from '../charts/dashboard.ts'
import { createControl } from '../control/control.ts'
import { createSaveMenu } from '../save/save-menu.ts'
import { Bookmarks } from '../time/bookmarks.ts'
import { FrameMemory } from '../time/frame-memory.ts'
import { createHistoryRequests } from '../time/history-requests.ts'
import { Motion, type Picture } from '../time/motion.ts'
import { Playhead } from '../time/playhead.ts'
import { createTimeline } from '../time/timeline.ts'
import { createTransport } from '../time/transport.ts'
import { createGameCanvas } from '../view/canvas.ts'
import { listenToCanvas } from '../view/canvas-input.ts'
import { Lens } from '../view/lens.ts'
import { createViewTools } from '../view/view-tools.ts'
import { createDelays } from './delays.ts'
import { element, localStore } from './elements.ts'
import { listenToKeys } from './keyboard.ts'
import { createLink } from './link.ts'
import { PagePace } from './pace.ts'
import { pageKeys } from './page-keys.ts'
import { showLegend, showView } from './panels.ts'
import { listenToTabs, openTab } from './tabs.ts'
import { onThemeChange, theme } from './theme.ts'
import { keptTime, type Watching } from './watching.ts'

const NOTICE_MS = 6000

/** Brings the page to life. */
export function openPage(client: Client): void {
  let notice: string | null = null
  let noticeEnds: ReturnType<typeof setTimeout> | undefined
  /** The words are to be written again. */
  let stale = true
  let before = performance.now()
  /** What is heard of the selected agent. */
  let looking: Subscription | undefined

  const watching: Watching = {
    view: client.view,
    motion: new Motion(),
    past: new FrameMemory(),
    playhead: new Playhead(),
    lens: new Lens(),
    hidden: new Set(),
    bookmarks: new Bookmarks('', null),
    inspected: null,
    async ask(question) {
      const refusal = await client.ask(question)
      if (refusal) remark(refusal)
      return refusal === null
    },
    remark,
    touch() {
      stale = true
      gameCanvas.forget()
    },
    select(agent) {
      if (agent !== null && watching.view.schema?.agents[agent] === undefined) return
      watching.inspected = agent === null ? null : new Inspections(agent)
      if (watching.lens.mode === 'follow' && agent === null) watching.lens.choose('fixed')
      if (agent !== null) openTab('agent')
      look()
      watching.touch()
    },
  }
  const { motion, past, playhead } = watching
  watching.lens.still = matchMedia('(prefers-reduced-motion: reduce)').matches
  const gameCanvas = createGameCanvas(element<HTMLCanvasElement>('stage'), watching)
  const transport = createTransport(watching)
  const timeline = createTimeline(watching, transport)
  const tools = createViewTools(watching, watching.touch)
  const dashboard = createDashboard()
  const manual = createManualControl(watching)
  const inspector = createInspector(watching, manual)
  const control = createControl(watching)
  const pad = createPad(watching, manual)
  const history = createHistoryRequests(watching)
  const delays = createDelays()
  const pace = new PagePace()
  const link = createLink(watching)

  client.view$.subscribe(change)
  client.welcomes$.subscribe(welcome)
  client.arrivals$.subscribe(onFrame)
  client.remarks$.subscribe(sentence => remark(sentence))

  listenToCanvas(watching, gameCanvas)
  listenToTabs(watching.touch)
  listenToKeys(pageKeys(watching, { transport, tools, manual }), manual.key)
  createSaveMenu(gameCanvas.canvas, () => `${watching.view.state?.run.scenario}-${link.moment()}`, remark)
  onThemeChange(dress)
  requestAnimationFrame(animate)
  link.publish(delays)

  function onFrame(frame: StreamedFrame): void {
    past.add(frame)
    if (frame.past) {
      timeline.forget()
      return
    }
    const now = performance.now()
    motion.push(frame, now, watching.view.state?.exhibition.paused === true)
    delays.came(frame)
    dashboard.frame(frame)
    if (!history.asking) link.arrive()
  }

  /** Behind a fresh welcome there may be another run. The picture goes on only if it is of the same game. */
  function welcome({ before: known, resumed }: Welcomed): void {
    const { schema, session } = watching.view
    const sameGame = JSON.stringify(known.schema) === JSON.stringify(schema)
    const sameRun = known.session?.began === session!.began && known.session?.id === session!.id
    if (!sameGame || !sameRun) {
      past.clear()
      playhead.goLive()
      watching.bookmarks = new Bookmarks(`marlstrom ${session!.id}`, localStore())
    }
    if (!sameGame) {
      motion.begin(schema!)
      dashboard.begin(schema!)
      gameCanvas.begin()
      control.begin()
      const selected = known.schema?.agents[watching.inspected?.agent ?? -1]?.id ?? link.agent
      const agent = schema!.agents.findIndex(({ id }) => id === selected)
      watching.inspected = agent < 0 ? null : new Inspections(agent)
    }
    if (!resumed || !sameRun) void history.begin(link.wanted).then(link.arrive)
    look()
    dress()
    inspector.begin(theme())
  }

  function look(): void {
    const { inspected } = watching
    looking?.unsubscribe()
    looking =
      inspected === null
        ? undefined
        : client.inspect(inspected.agent).subscribe(inspection => {
            if (inspected.add(inspection)) watching.touch()
          })
  }

  function dress(): void {
    if (watching.view.schema) showLegend(watching.view.schema, theme())
    dashboard.dress(theme())
    inspector.begin(theme())
    timeline.forget()
    watching.touch()
  }

  function change(next: View): void {
    const paused = next.state?.exhibition.paused === true
    if (paused && watching.view.state?.exhibition.paused === false) motion.settle(performance.now())
    if (next.link === 'refused' && watching.view.link !== 'refused') remark(next.problem!, 'for good')
    watching.view = next
    stale = true
    link.tell()
  }

  function animate(now: number): void {
    if (playhead.advance(now - before, keptTime(watching))) watching.touch()
    const picture: Picture | null = gameCanvas.draw(now, theme())
    const rate = picture === null ? null : pace.picture(now - before, now)
    if (rate !== null) client.rate(rate)
    before = now
    if (picture !== null && playhead.live) delays.drawn(picture.frame)
    if (stale) {
      stale = false
      showView(watching.view, notice)
      tools.show()
      inspector.show()
      control.show()
      pad.show()
      if (watching.view.state) dashboard.show(watching.view.state)
      history.wish()
      link.write()
      timeline.show(theme())
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
}
