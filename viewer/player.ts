// Plays the replays of a report: recorded episodes on a canvas, drawn as on the live page, with play, pause, scrub and speed.

import { blendOf } from '../src/picture/blend.ts'
import type { Replay, ReplayEpisode } from '../src/report/replay-data.ts'
import { draw } from './game/drawing.ts'
import { onThemeChange, theme } from './page/theme.ts'
import type { Picture } from './time/motion.ts'

/** World steps per second at speed 1, as on the live page. */
const STEPS_PER_SECOND = 10
const TRAIL = 24
/** What a replay does not keep of a frame. */
const unsaid = { number: 0, at: 0, placed: false, actions: new Float32Array(0) }

for (const root of document.querySelectorAll<HTMLElement>('[data-replay]')) bringToLife(root)

function bringToLife(root: HTMLElement): void {
  const find = <T extends HTMLElement>(selector: string) => root.querySelector<T>(selector)!
  const canvas = find<HTMLCanvasElement>('canvas')
  const button = find<HTMLButtonElement>('.play')
  const scrub = find<HTMLInputElement>('.scrub')
  const output = find<HTMLOutputElement>('.step')
  const which = find<HTMLSelectElement>('.episode')
  const speed = find<HTMLSelectElement>('.speed')
  const returns = find('.returns')
  const replay: Replay = JSON.parse(find('script').textContent ?? '')
  const { schema, agents } = replay
  const blend = blendOf(schema)
  const context = canvas.getContext('2d')!

  let episode = unpack(replay.episodes[0]!, schema.size, agents.length)
  /** Where we are among the frames; 3.5 is halfway from the fourth to the fifth. */
  let shown = 0
  let playing = false
  let before: number | null = null

  const show = () => {
    const last = episode.length - 1
    const reached = Math.floor(shown)
    const frame = episode[reached]!
    const next = episode[Math.min(reached + 1, last)]!
    const picture: Picture = {
      row: reached === shown ? frame.row : blend(frame.row, next.row, shown - reached),
      frame: {
        episode: 1,
        step: reached,
        restarted: reached === 0,
        ...unsaid,
        rewards: new Float32Array(agents.length),
        ...frame,
      },
      trail: episode.slice(Math.max(0, reached - TRAIL), reached + 1).map(({ row, returns }, i) => ({
        episode: 1,
        step: i,
        restarted: false,
        ...unsaid,
        rewards: new Float32Array(agents.length),
        row,
        returns,
      })),
      moving: playing,
    }
    const density = window.devicePixelRatio
    const pixels = Math.round(canvas.clientWidth * density)
    if (canvas.width !== pixels) canvas.width = canvas.height = pixels
    draw(context, pixels, density, schema, picture, theme())
    scrub.value = String(reached)
    output.textContent = `step ${reached} / ${last}`
    returns.textContent = `Return so far: ${agents.map((id, i) => `${id} ${frame.returns[i]!.toFixed(1)}`).join(' · ')}`
  }
  const tick = (now: number) => {
    if (!playing) return
    const passed = before === null ? 0 : Math.min(now - before, 250) / 1000
    before = now
    shown = Math.min(shown + passed * STEPS_PER_SECOND * Number(speed.value), episode.length - 1)
    if (shown === episode.length - 1) pause()
    show()
    requestAnimationFrame(tick)
  }
  const pause = () => {
    playing = false
    button.textContent = 'Play'
  }
  const play = () => {
    // At the end, once more from the beginning.
    if (shown >= episode.length - 1) shown = 0
    playing = true
    before = null
    button.textContent = 'Pause'
    requestAnimationFrame(tick)
  }

  button.addEventListener('click', () => {
    if (playing) pause()
    else play()
    show()
  })
  scrub.addEventListener('input', () => {
    pause()
    shown = Number(scrub.value)
    show()
  })
  which.addEventListener('change', () => {
    episode = unpack(replay.episodes[Number(which.value)]!, schema.size, agents.length)
    shown = 0
    before = null
    scrub.max = String(episode.length - 1)
    show()
  })
  onThemeChange(show)
  new ResizeObserver(show).observe(canvas)
  scrub.max = String(episode.length - 1)
  for (const control of [button, scrub, which, speed]) control.disabled = false
  show()
}

/** The pictures of an episode as they were recorded. */
function unpack(
  { frames, rows, returns }: ReplayEpisode,
  size: number,
  agents: number,
): { row: Float32Array; returns: Float32Array }[] {
  const [allRows, allReturns] = [numbersOf(rows), numbersOf(returns)]
  return Array.from({ length: frames }, (_, i) => ({
    row: allRows.subarray(i * size, (i + 1) * size),
    returns: allReturns.subarray(i * agents, (i + 1) * agents),
  }))
}

/** Little-endian float32 numbers in base64. */
function numbersOf(text: string): Float32Array {
  const bytes = Uint8Array.from(atob(text), letter => letter.charCodeAt(0))
  const view = new DataView(bytes.buffer)
  return Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true))
}
