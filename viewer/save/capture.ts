// What is seen on the canvas as a file to keep: one picture (PNG), a short GIF, or a film (WebM; MP4 where a browser writes no WebM).
import { filmType, type RunningCapture, takeFilm } from './capture-film.ts'
import { takeGif } from './capture-gif.ts'

export type CaptureKind = 'png' | 'gif' | 'webm'

export interface CaptureState {
  readonly kind: CaptureKind
  readonly seconds: number
}

export interface Capture {
  /** What this browser can do. */
  readonly kinds: readonly CaptureKind[]
  /** What is being taken; null: nothing. */
  readonly state: CaptureState | null
  /** A picture is kept at once; of a GIF or a film this is the begin. What is being taken already goes on. */
  start(kind: CaptureKind): void
  /** Ends what is being taken, and keeps it; nothing happens where nothing is taken. */
  stop(): Promise<void>
}

export interface CaptureOptions {
  /** What the files are called, without their ending: `simple_tag-episode-12-step-7`. Asked when a capture begins. */
  name(): string
  /** Told every half second while something is taken, and when it begins and ends. */
  changed(state: CaptureState | null): void
  /** A capture failed; a sentence. */
  failed(sentence: string): void
}

/** How long a capture may become: then it ends by itself. */
export const LONGEST_SECONDS: Readonly<Record<CaptureKind, number>> = { png: 0, gif: 30, webm: 300 }
const MOST_BYTES = 200_000_000
/** Captures of a canvas. The page puts buttons on it. */
export function createCapture(canvas: HTMLCanvasElement, { name, changed, failed }: CaptureOptions): Capture {
  const film = filmType()
  let going: {
    readonly kind: CaptureKind
    readonly name: string
    readonly take: RunningCapture
    readonly began: number
  } | null = null
  let watch: ReturnType<typeof setInterval> | undefined

  const state = (): CaptureState | null =>
    going && { kind: going.kind, seconds: (performance.now() - going.began) / 1000 }

  async function stop(): Promise<void> {
    if (going === null) return
    const { take, name } = going
    going = null
    clearInterval(watch)
    try {
      download(await take.stop(), name)
    } catch (error) {
      failed(`The capture failed: ${(error as Error).message}`)
    }
    changed(null)
  }

  return {
    kinds: ['png', 'gif', ...(film === null ? [] : (['webm'] as const))],
    get state() {
      return state()
    },
    start(kind) {
      if (kind === 'png') {
        const called = name()
        canvas.toBlob(
          blob => (blob === null ? failed('The picture is too large.') : download(blob, called)),
          'image/png',
        )
        return
      }
      if (going !== null || (kind === 'webm' && film === null)) return
      const take = kind === 'gif' ? takeGif(canvas) : takeFilm(canvas, film!)
      going = { kind, name: name(), take, began: performance.now() }
      changed(state())
      watch = setInterval(() => {
        const { seconds } = state()!
        if (seconds >= LONGEST_SECONDS[kind] || take.bytes > MOST_BYTES) void stop()
        else changed(state())
      }, 500)
    },
    stop,
  }
}

/** Downloads a file in the browser. */
function download(blob: Blob, name: string): void {
  const ending = blob.type.slice(blob.type.indexOf('/') + 1)
  const address = URL.createObjectURL(blob)
  const link = Object.assign(document.createElement('a'), { href: address, download: `${name}.${ending}` })
  link.click()
  // A browser may take its time to begin.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
