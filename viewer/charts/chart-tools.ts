// How a chart is looked at: smoothed or not, on a logarithmic axis, and back from a stretch that was zoomed into.
import { SMOOTHINGS, type Smoothing } from './smoothing.ts'

export interface ChartLook {
  smoothing: Smoothing
  logarithmic: boolean
}

export interface ChartTools {
  readonly look: ChartLook
  /** Whether there is a zoom to come back from. */
  zoomed(is: boolean): void
}

/** Puts the tools into the chart's title. `changed`: the look is another; `whole`: all is to be seen again. */
export function createChartTools(
  title: HTMLElement,
  name: string,
  { changed, whole }: { changed(): void; whole(): void },
): ChartTools {
  const look: ChartLook = { smoothing: 'none', logarithmic: false }
  const tools = document.createElement('div')
  const back = button('Whole', `Whole: show all of ${name}`, whole)
  const log = button(
    'log',
    `log: logarithmic axis for ${name}; where values are not above 0, logarithmic away from 0`,
    () => {
      look.logarithmic = !look.logarithmic
      log.setAttribute('aria-pressed', String(look.logarithmic))
      changed()
    },
  )
  const smoothing = document.createElement('select')
  smoothing.setAttribute('aria-label', `Smoothing of ${name}`)
  smoothing.title = 'Smoothing: an exponential moving average; faint: the values themselves'
  smoothing.replaceChildren(
    ...Object.entries(SMOOTHINGS).map(([each, weight]) => new Option(weight === 0 ? 'raw' : `smooth ${weight}`, each)),
  )
  smoothing.addEventListener('change', () => {
    look.smoothing = smoothing.value as Smoothing
    changed()
  })
  back.hidden = true
  log.setAttribute('aria-pressed', 'false')
  tools.className = 'chart-tools'
  tools.append(back, log, smoothing)
  title.querySelector('h2')!.after(tools)
  return { look, zoomed: is => void (back.hidden = !is) }
}

function button(text: string, label: string, pressed: () => void): HTMLButtonElement {
  const made = document.createElement('button')
  made.type = 'button'
  made.className = 'small'
  made.textContent = text
  made.setAttribute('aria-label', label)
  made.title = label
  made.addEventListener('click', pressed)
  return made
}
