// <marlstrom-stage src="ws://...">: the picture of the live page as an element for other people's pages. It watches and commands nothing.
import type { Subscription } from 'rxjs'
import { type Client, connect, emptyView, type View } from '../../src/client/connect.ts'
import { dark, light, type Theme } from '../../src/picture/colors.ts'
import { Inspections } from '../agents/inspections.ts'
import { theme as systemTheme } from '../page/theme.ts'
import type { Looking } from '../page/watching.ts'
import { FrameMemory } from '../time/frame-memory.ts'
import { Motion } from '../time/motion.ts'
import { Playhead } from '../time/playhead.ts'
import { createGameCanvas, type GameCanvas } from '../view/canvas.ts'
import { Lens } from '../view/lens.ts'
import { LAYERS } from '../view/marks.ts'

const STYLE = `
:host { display: block; position: relative; aspect-ratio: 1; }
:host([hidden]) { display: none; }
canvas { display: block; width: 100%; height: 100%; }
p { position: absolute; inset: auto 0 0; margin: 0; padding: 0.5em 0.75em; font: 0.875rem/1.4 system-ui, sans-serif;
  background: #1b2130e0; color: #fff; }
p[hidden] { display: none; }`

/** What the element can be told, see docs/streaming.md. */
const CONNECTING = ['src', 'session', 'rate']
const LOOKING = ['theme', 'labels', 'hide', 'view', 'agent']

/** Browsers ask that elements of one's own extend theirs. */
export class MarlstromStage extends HTMLElement {
  static readonly observedAttributes = [...CONNECTING, ...LOOKING]
  /** The connection while the element is in a page and has a `src`: for what else the page shows of the session. */
  client: Client | null = null
  private readonly looking: Looking
  private readonly picture: GameCanvas
  private readonly status = document.createElement('p')
  private subscriptions: Subscription[] = []
  private looked: Subscription | undefined
  private drawing = 0

  constructor() {
    super()
    const root = this.attachShadow({ mode: 'open' })
    const style = new CSSStyleSheet()
    style.replaceSync(STYLE)
    root.adoptedStyleSheets = [style]
    const canvas = document.createElement('canvas')
    canvas.setAttribute('role', 'img')
    canvas.part.add('canvas')
    this.status.part.add('status')
    this.status.setAttribute('role', 'status')
    root.append(canvas, this.status)
    this.looking = {
      view: emptyView,
      motion: new Motion(),
      past: new FrameMemory(),
      playhead: new Playhead(),
      lens: new Lens(),
      hidden: new Set(),
      inspected: null,
    }
    this.looking.lens.still = matchMedia('(prefers-reduced-motion: reduce)').matches
    this.picture = createGameCanvas(canvas, this.looking)
  }

  connectedCallback(): void {
    this.look()
    this.open()
    const draw = (now: number) => {
      this.picture.draw(now, this.theme)
      this.drawing = requestAnimationFrame(draw)
    }
    this.drawing = requestAnimationFrame(draw)
  }

  disconnectedCallback(): void {
    cancelAnimationFrame(this.drawing)
    this.close()
  }

  attributeChangedCallback(name: string): void {
    if (!this.isConnected) return
    if (LOOKING.includes(name)) this.look()
    else this.open()
  }

  private get theme(): Theme {
    const named = this.getAttribute('theme')
    return named === 'dark' ? dark : named === 'light' ? light : systemTheme()
  }

  private open(): void {
    this.close()
    const src = this.getAttribute('src')
    if (src === null) {
      this.say('The attribute src is missing: the address of a stream, ws://127.0.0.1:8120/stream')
      return
    }
    const rate = this.hasAttribute('rate') ? Number(this.getAttribute('rate')) : undefined
    try {
      const client = connect(src, { session: this.getAttribute('session') ?? undefined, role: 'viewer', rate })
      this.client = client
      this.follow(client)
    } catch (error) {
      this.say((error as Error).message)
    }
  }

  private follow(client: Client): void {
    const { looking, picture } = this
    this.subscriptions = [
      client.view$.subscribe(view => {
        const paused = view.state?.exhibition.paused === true
        if (paused && looking.view.state?.exhibition.paused === false) looking.motion.settle(performance.now())
        looking.view = view
        this.say(statusOf(view))
      }),
      client.schema$.subscribe(schema => {
        looking.motion.begin(schema)
        picture.begin()
        picture.canvas.setAttribute('aria-label', `The game, seen from above: ${schema.agents.length} agents`)
        this.look()
      }),
      client.arrivals$.subscribe(frame => {
        if (!frame.past) looking.motion.push(frame, performance.now(), looking.view.state?.exhibition.paused === true)
      }),
    ]
  }

  /** What of the picture is shown, and of whom. */
  private look(): void {
    const { looking, client } = this
    const hide = (this.getAttribute('hide') ?? '').split(/[\s,]+/)
    looking.hidden.clear()
    for (const layer of LAYERS) if (hide.includes(layer)) looking.hidden.add(layer)
    if (this.getAttribute('labels') === 'off') looking.hidden.add('names')
    const view = this.getAttribute('view')
    looking.lens.choose(view === 'fit' || view === 'follow' ? view : 'fixed')
    const agent = looking.view.schema?.agents.findIndex(({ id }) => id === this.getAttribute('agent')) ?? -1
    this.looked?.unsubscribe()
    const inspected = agent < 0 ? null : new Inspections(agent)
    looking.inspected = inspected
    if (inspected !== null) {
      this.looked = client?.inspect(agent).subscribe(inspection => {
        if (inspected.add(inspection)) this.picture.forget()
      })
    }
    this.picture.forget()
  }

  private close(): void {
    for (const subscription of [...this.subscriptions, this.looked]) subscription?.unsubscribe()
    this.client?.close()
    this.client = null
  }

  private say(sentence: string | null): void {
    this.status.hidden = sentence === null
    if (this.status.textContent !== sentence) this.status.textContent = sentence
  }
}

if (!customElements.get('marlstrom-stage')) customElements.define('marlstrom-stage', MarlstromStage)

/** What stands under the picture; null: nothing needs to be said. */
function statusOf({ link, farewell, problem }: View): string | null {
  if (link === 'open') return null
  if (link === 'ended') return farewell ?? 'The session has ended.'
  return problem ?? (link === 'lost' ? 'The connection is lost. Trying to come back \u2026' : 'Connecting \u2026')
}
