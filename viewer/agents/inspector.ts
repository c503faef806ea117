// The inspector: observation by name, action probabilities, parts of the reward and expected value of the selected agent.
import type { Theme } from '../../src/picture/colors.ts'
import type { FrameAgent, StreamedInspection } from '../../src/stream/protocol.ts'
import { Chart } from '../charts/charts.ts'
import { element, write, writeOrHide } from '../page/elements.ts'
import { forbidden } from '../page/state.ts'
import { shownNumber, type Watching } from '../page/watching.ts'
import { amount } from '../page/words.ts'
import { type ActionNumbers, partsOf } from './action-parts.ts'
import { notAllowed } from './allowed.ts'
import { type BarRow, type Bars, createBars } from './bars.ts'
import type { ManualControl } from './manual-control.ts'
import { createPictures, layersOf } from './shaped-part.ts'

export interface Inspector {
  /** Another game, or other colours. */
  begin(theme: Theme): void
  show(): void
}

/** Frames of the Q value's history. */
const HISTORY = 300

export function createInspector(watching: Watching, manual: ManualControl): Inspector {
  const choice = element<HTMLSelectElement>('agent-choice')
  const take = element<HTMLButtonElement>('take')
  const parts = createBars(element('parts'))
  const values = new Chart(element('values'), null, { x: '', empty: 'No value is known.' })
  let actions: { part: ActionNumbers; bars: Bars }[] = []
  let observed: { size: number; show(numbers: Float32Array): void }[] = []
  let made: FrameAgent | null = null

  choice.addEventListener('change', () => watching.select(choice.value === '' ? null : Number(choice.value)))
  take.addEventListener('click', () => {
    if (watching.inspected !== null) manual.toggle(watching.inspected.agent)
  })

  function make(agent: FrameAgent): void {
    const { rules } = watching.view.state?.exhibition.options ?? {}
    for (const place of ['action', 'observation']) element(place).replaceChildren()
    actions = partsOf(agent.actionSpace, rules).map(part => ({ part, bars: createBars(section('action', part.title)) }))
    observed = agent.observationParts.map(part => ({ size: part.size, show: observedPart(part) }))
  }

  function showInspection(agent: FrameAgent, now: StreamedInspection, acted: Float32Array): void {
    const { actionValues } = now
    // Values of alternatives are shown on one scale: around 0, as far as the largest.
    const largest = Math.max(1e-6, ...Array.from(actionValues ?? [], Math.abs).filter(Number.isFinite))
    for (const { part, bars } of actions) {
      const rows: BarRow[] = part.names.map((name, i) => ({
        name,
        value: (actionValues ?? now.probabilities)[part.offset + i]!,
        chosen: part.kind === 'choice' && isLargest(acted, part, i),
        ...(now.mask?.[part.offset + i] === 0 ? { forbidden: notAllowed } : {}),
      }))
      const [least, most] = actionValues === undefined ? [part.low, part.high] : [-largest, largest]
      bars.show(rows, least, most, value =>
        part.kind === 'choice' && actionValues === undefined ? `${(100 * value).toFixed(0)} %` : amount(value),
      )
    }
    let offset = 0
    for (const { size, show } of observed) show(now.observation.subarray(offset, (offset += size)))
    const paid = Object.entries(now.rewardParts)
    element('parts-section').hidden = paid.length === 0
    const most = Math.max(1e-6, ...paid.map(([, value]) => Math.abs(value)).filter(Number.isFinite))
    parts.show(
      paid.map(([name, value]) => ({ name, value })),
      -most,
      most,
      amount,
    )
    element('value-section').hidden = now.value === null
    if (now.value === null) return
    write('value', amount(now.value))
    const history = watching.inspected!.values(now.number - HISTORY, now.number)
    values.show({ x: history.map(({ number }) => number - now.number), y: [history.map(({ value }) => value)] })
    element('values').setAttribute('aria-label', `Q value of ${agent.id}: now ${amount(now.value)}`)
  }

  return {
    begin(theme) {
      const { schema } = watching.view
      if (schema === null) return
      const none = new Option('choose an agent', '')
      choice.replaceChildren(none, ...schema.agents.map(({ id }, i) => new Option(id, String(i))))
      made = null
      values.begin([{ agents: [0], name: 'Q', color: theme.teams[0]! }], theme)
    },
    show() {
      const { view, inspected, playhead } = watching
      const agent = inspected === null ? undefined : view.schema?.agents[inspected.agent]
      const number = shownNumber(watching)
      const now = inspected?.at(number) ?? null
      choice.value = inspected === null ? '' : String(inspected.agent)
      element('inspector').hidden = agent === undefined || now === null
      writeOrHide('agent-hint', hintOf(agent, now, playhead.live))
      take.hidden = agent === undefined
      const holder = agent === undefined ? undefined : view.state?.exhibition.taken[agent.id]
      const mine = inspected !== null && manual.agent === inspected.agent
      const reason = forbidden(view) ?? (holder !== undefined && !mine ? 'Another viewer controls it.' : null)
      take.disabled = reason !== null
      take.title = reason ?? 'Move it yourself (T)'
      take.textContent = mine ? 'Let go' : 'Take over'
      if (agent === undefined || now === null) return
      if (agent !== made) make((made = agent))
      showInspection(agent, now, now.action)
    },
  }
}

function hintOf(agent: FrameAgent | undefined, now: StreamedInspection | null, live: boolean): string | null {
  if (agent === undefined)
    return 'Click an agent in the picture, or choose one here, to see what it sees, wants and expects.'
  if (now !== null) return null
  return live ? 'Waiting for the next frame \u2026' : 'Nobody looked into this agent at that moment.'
}

/** What shows a part of the observation: pictures where it has a shape, else bars. */
function observedPart(part: FrameAgent['observationParts'][number]): (numbers: Float32Array) => void {
  const { name, names: own, size, shape } = part
  const layers = layersOf(part)
  const extent = layers === null ? String(size) : shape!.join(' \u00d7 ')
  const place = section('observation', `${name}${size > 1 ? ` \u00b7 ${extent}` : ''}`)
  if (layers !== null) {
    const pictures = createPictures(place, layers)
    return numbers => pictures.show(numbers)
  }
  const bars = createBars(place)
  const names = own ?? (size === 1 ? [''] : size === 2 ? ['x', 'y'] : Array.from({ length: size }, (_, i) => String(i)))
  return numbers => {
    const values = Array.from(numbers)
    const most = Math.max(1, ...values.map(Math.abs).filter(Number.isFinite))
    bars.show(
      values.map((value, i) => ({ name: names[i]!, value })),
      -most,
      most,
      amount,
    )
  }
}

/** A place for bars under a small head. */
function section(within: string, title: string): HTMLElement {
  const place = element(within)
  const head = document.createElement('h4')
  const bars = document.createElement('div')
  head.textContent = title
  bars.className = 'bars'
  place.append(head, bars)
  return bars
}

function isLargest(row: Float32Array, { offset, names }: ActionNumbers, i: number): boolean {
  const own = row[offset + i]!
  return own > 0 && names.every((_, j) => row[offset + j]! <= own)
}
