// A form for the options of the scenario, made from what they are: whole numbers, numbers, choices, yes or no.
import type { SessionState } from '../../src/stream/protocol.ts'
import { element } from '../page/elements.ts'
import type { Watching } from '../page/watching.ts'
import { type Allowed, readOption } from './option-values.ts'

type Exhibition = SessionState['exhibition']

export interface OptionsForm {
  show(exhibition: Exhibition): void
}

export function createOptionsForm(watching: Watching): OptionsForm {
  const form = element<HTMLFormElement>('options-form')
  let made: Exhibition['optionsAllowed'] | null = null
  let shown: Exhibition['options'] | null = null

  form.addEventListener('submit', event => {
    event.preventDefault()
    const now = watching.view.state?.exhibition
    if (!now) return
    const options: Record<string, unknown> = {}
    for (const option of now.optionsAllowed) {
      const value = readOption(option, writtenIn(form, option))
      if (JSON.stringify(value) !== JSON.stringify(now.options[option.name])) options[option.name] = value
    }
    watching.playhead.goLive()
    if (Object.keys(options).length > 0) watching.ask({ type: 'options', options })
    else watching.remark('The game is played with these options already.')
  })

  return {
    show({ optionsAllowed, options }) {
      element('control-options').hidden = optionsAllowed.length === 0
      if (optionsAllowed !== made) {
        made = optionsAllowed
        shown = null
        element('options').replaceChildren(...optionsAllowed.map(fieldOf))
      }
      if (options === shown) return
      shown = options
      for (const { name, kind } of optionsAllowed) {
        const field = form.elements.namedItem(name) as HTMLInputElement
        const value = options[name]
        if (kind === 'flag') field.checked = value === true
        else field.value = value === null || value === undefined ? '' : String(value)
      }
    },
  }
}

function writtenIn(form: HTMLFormElement, { name, kind }: Allowed): string {
  const field = form.elements.namedItem(name) as HTMLInputElement
  return kind === 'flag' ? String(field.checked) : field.value
}

function fieldOf(option: Allowed): HTMLElement {
  const { name, kind, description, min, max, choices } = option
  const label = document.createElement('label')
  label.title = description
  const text = document.createElement('span')
  text.textContent = name
  const field = choices === undefined ? document.createElement('input') : document.createElement('select')
  field.name = name
  if (field instanceof HTMLSelectElement) field.replaceChildren(...choices!.map(each => new Option(each, each)))
  else if (kind === 'flag') field.type = 'checkbox'
  else if (kind === 'numbers') field.type = 'text'
  else {
    field.type = 'number'
    field.step = kind === 'count' || kind === 'optionalCount' ? '1' : 'any'
    if (min !== undefined) field.min = String(min)
    if (max !== undefined) field.max = String(max)
    if (kind.startsWith('optional')) field.placeholder = 'none'
  }
  label.append(text, field)
  return label
}
