// The legend of a chart: every line with its dashes and its value; a press hides the line, another one brings it back.

export interface LegendLine {
  readonly name: string
  readonly color: string
  readonly dash: readonly number[]
}

/** Fills the legend; gives the places of the values. `toggle`: the line of this index was pressed. */
export function fillLegend(
  legend: HTMLElement,
  lines: readonly LegendLine[],
  hidden: ReadonlySet<string>,
  toggle: (line: number) => void,
): HTMLElement[] {
  const values: HTMLElement[] = []
  legend.replaceChildren(
    ...lines.map(({ name, color, dash }, i) => {
      const item = document.createElement('li')
      const press = document.createElement('button')
      const value = document.createElement('b')
      press.type = 'button'
      press.setAttribute('aria-pressed', String(!hidden.has(name)))
      press.title = 'Hide or show this line'
      press.addEventListener('click', () => {
        toggle(i)
        press.setAttribute('aria-pressed', String(!hidden.has(name)))
      })
      values.push(value)
      press.append(swatch(color, dash), name, value)
      item.append(press)
      return item
    }),
  )
  return values
}

function swatch(color: string, dash: readonly number[]): SVGElement {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  const stroke = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  svg.setAttribute('viewBox', '0 0 22 8')
  svg.setAttribute('aria-hidden', 'true')
  const attributes = {
    d: 'M1 4h20',
    stroke: color,
    'stroke-width': '2',
    'stroke-dasharray': dash.join(' '),
    fill: 'none',
  }
  for (const [name, value] of Object.entries(attributes)) stroke.setAttribute(name, value)
  svg.append(stroke)
  return svg
}
