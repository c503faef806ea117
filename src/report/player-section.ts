// The player of a replay as it stands in the page: a canvas, its controls, and the recorded episodes as data.
import { type Child, jsonData, type Markup, tag } from '../picture/markup.ts'
import type { MeasuredRun } from './measured-run.ts'

/** One player; the script of the page brings it to life. Without script, the words say what would be there. */
export function replayPlayer(id: string, method: string, { replay, name, seed }: MeasuredRun): Markup {
  const head = tag('h4', {}, `${method}, seed ${seed}`)
  if (replay === null) return tag('div', { class: 'replay' }, head, tag('p', {}, 'This game cannot be drawn.'))
  const labels = replay.episodes.map(
    ({ frames, cut }, i) => `Episode ${i + 1}: ${frames - 1} steps${cut ? ', cut' : ''}`,
  )
  return tag(
    'div',
    { class: 'replay', 'data-replay': id, role: 'group', 'aria-label': `Replay: ${method}, seed ${seed}` },
    head,
    tag('canvas', { role: 'img', 'aria-label': `Episodes played by ${name}`, width: 400, height: 400 }),
    tag(
      'div',
      { class: 'controls' },
      tag('button', { type: 'button', class: 'play', disabled: true }, 'Play'),
      tag('input', {
        type: 'range',
        class: 'scrub',
        min: 0,
        max: 0,
        step: 1,
        value: 0,
        'aria-label': 'Step',
        disabled: true,
      }),
      tag('output', { class: 'step' }, ''),
    ),
    tag(
      'div',
      { class: 'controls' },
      select(
        'episode',
        'Episode',
        labels.map((label, i) => [String(i), label]),
      ),
      select(
        'speed',
        'Speed',
        [0.25, 0.5, 1, 2, 4].map(speed => [String(speed), `${speed}×`]),
        '1',
      ),
    ),
    tag('p', { class: 'returns' }),
    tag('script', { type: 'application/json' }, jsonData(replay)),
  )
}

function select(
  name: string,
  label: string,
  options: readonly (readonly [string, string])[],
  chosen = options[0]?.[0],
): Child {
  return tag(
    'label',
    {},
    `${label} `,
    tag(
      'select',
      { class: name, disabled: true },
      options.map(([value, words]) => tag('option', { value, selected: value === chosen }, words)),
    ),
  )
}
