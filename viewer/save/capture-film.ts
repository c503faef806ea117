// A film of a canvas, encoded by the browser while it is drawn on.

/** Something that is being taken. */
export interface RunningCapture {
  /** So far. */
  readonly bytes: number
  stop(): Promise<Blob>
}

const TYPES = ['video/webm;codecs=vp9', 'video/webm;codecs=vp8', 'video/webm', 'video/mp4']
const RATE = 30

/** How this browser writes films; null: it does not. */
export function filmType(): string | null {
  if (typeof MediaRecorder === 'undefined') return null
  return TYPES.find(type => MediaRecorder.isTypeSupported(type)) ?? null
}

/** Begins to film. @throws Error (when it is stopped) where the browser cannot encode it. */
export function takeFilm(canvas: HTMLCanvasElement, type: string): RunningCapture {
  // A copy that is drawn on steadily: nothing is filmed of a canvas that stands still, and a film keeps its size.
  const copy = document.createElement('canvas')
  copy.width = canvas.width
  copy.height = canvas.height
  const context = copy.getContext('2d')!
  const look = () => context.drawImage(canvas, 0, 0, copy.width, copy.height)
  look()
  const timer = setInterval(look, 1000 / RATE)
  const stream = copy.captureStream(RATE)
  const recorder = new MediaRecorder(stream, { mimeType: type, videoBitsPerSecond: 8_000_000 })
  const parts: Blob[] = []
  let bytes = 0
  let failure: Error | null = null
  recorder.ondataavailable = ({ data }) => {
    parts.push(data)
    bytes += data.size
  }
  recorder.onerror = event => {
    failure = (event as Event & { readonly error?: Error }).error ?? new Error('the browser cannot encode it')
  }
  recorder.start(1000)
  return {
    get bytes() {
      return bytes
    },
    async stop() {
      clearInterval(timer)
      if (recorder.state !== 'inactive') {
        const stopped = new Promise(resolve => recorder.addEventListener('stop', resolve, { once: true }))
        recorder.stop()
        await stopped
      }
      for (const track of stream.getTracks()) track.stop()
      if (failure !== null) throw failure
      if (bytes === 0) throw new Error('the browser gave no pictures')
      return new Blob(parts, { type: type.split(';')[0]! })
    },
  }
}
