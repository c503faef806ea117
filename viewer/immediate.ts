// setImmediate for pages, by which the engine takes turns with everything else: the next task, without the rests of a timer.
const channel = new MessageChannel()
const waiting = new Map<number, () => void>()
let last = 0

channel.port1.onmessage = ({ data }: MessageEvent<number>) => {
  const turn = waiting.get(data)
  waiting.delete(data)
  turn?.()
}

Object.assign(globalThis, {
  setImmediate(turn: () => void): number {
    waiting.set(++last, turn)
    channel.port2.postMessage(last)
    return last
  },
  clearImmediate(handle: number | undefined): void {
    if (handle !== undefined) waiting.delete(handle)
  },
})
