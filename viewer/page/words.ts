// Formats numbers, times and states for the page.
import type { SessionState } from '../../src/stream/protocol.ts'

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 })
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 2 })

/** 12,345; from ten millions on 12.35M. */
export function count(value: number): string {
  return Math.abs(value) < 1e7 ? whole.format(value) : compact.format(value)
}

/** 12,345 or, where it matters, 3.4. */
export function rate(value: number): string {
  return value > 0 && value < 10 ? value.toFixed(1) : count(value)
}

/** A reward, a return or a figure of learning with as many digits as can be read at a glance. */
export function amount(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  const size = Math.abs(value)
  const text = size >= 1000 ? count(value) : value.toFixed(size >= 100 ? 1 : 2)
  // Of an approximate divergence of 0.004 two digits are to be seen.
  return (size > 0 && size < 0.095 ? String(Number(value.toPrecision(2))) : text).replaceAll('-', '\u2212')
}

/** 41 s, 12 min, 1 h 05 min, 3 d 4 h. */
export function duration(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} min`
  const hours = Math.floor(minutes / 60)
  if (hours < 48) return `${hours} h ${String(minutes % 60).padStart(2, '0')} min`
  return `${Math.floor(hours / 24)} d ${hours % 24} h`
}

/** just now, 3.4 s ago, 2 min ago. */
export function ago(seconds: number): string {
  if (seconds < 0.05) return 'just now'
  return `${seconds < 60 ? `${seconds.toFixed(1)} s` : duration(seconds)} ago`
}

/** 812 B, 1.4 kB, 23 MB. */
export function bytes(value: number): string {
  const power = value < 1000 ? 0 : Math.min(4, Math.floor(Math.log10(value) / 3))
  const amount = value / 1000 ** power
  return `${power > 0 && amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${['B', 'kB', 'MB', 'GB', 'TB'][power]}`
}

/** 0.25×, 1×, 16×; null is as fast as possible. */
export function times(speed: number | null): string {
  if (speed === null) return 'max'
  return `${Number(speed.toFixed(2))}\u00d7`
}

/** Who trains, by which settings: a preset only where it changes any. */
export function recipe({ algorithm, preset, seed }: SessionState['run']): string {
  return [algorithm, preset === 'openai' ? '' : `preset ${preset}`, `seed ${seed}`].filter(Boolean).join(' \u00b7 ')
}

/** How each state of a session is called. */
export const STATUS: Readonly<Record<SessionState['status'], string>> = {
  training: 'running',
  paused: 'paused',
  stopped: 'stopped',
  playing: 'not training',
  ended: 'ended',
  failed: 'failed',
}

/** A server that has closed the connection trains no more, whatever its last state was. */
export function status(state: SessionState, stopped: boolean): string {
  if (stopped && state.status !== 'failed') return STATUS.ended
  return state.timeline.kind === 'playback' ? 'playback' : STATUS[state.status]
}

/** Shown prominently, so that nobody takes the game for a training episode. `over`: the server has said goodbye. */
export function gameNote(state: SessionState, over: boolean): string {
  if (over) return 'The last moments of a game that was played for viewers: it goes on no more.'
  if (state.timeline.kind === 'playback') return 'A recording: what is seen here has happened already.'
  return state.status === 'playing'
    ? 'A game played for viewers. No training is going on.'
    : `A game of its own, played for viewers by the ${state.status === 'ended' ? 'trained' : 'latest'} actors. It is not a training episode.`
}

/** What stands over the figures of the run. */
export function heading({ status, timeline }: SessionState): string {
  return timeline.kind === 'playback' ? 'Recording' : status === 'playing' ? 'Watching' : 'Training'
}
