// The keys that steer an agent, and the direction that those held down make together.

/** The held keys as one direction; those against each other cancel out. */
export function directionOf(held: ReadonlySet<string>): [number, number] {
  let [x, y] = [0, 0]
  for (const key of held) {
    const [right, up] = DIRECTIONS[key] ?? [0, 0]
    x += right
    y += up
  }
  return [Math.sign(x), Math.sign(y)]
}

/** The keys for a direction from the middle, -1 ... 1 each: one or two of eight directions; none near the middle. */
export function keysTowards(right: number, up: number): string[] {
  if (Math.hypot(right, up) < MIDDLE) return []
  // An eighth of the circle each.
  const share = Math.sin(Math.PI / 8) * Math.hypot(right, up)
  return [
    ...(right > share ? ['ArrowRight'] : right < -share ? ['ArrowLeft'] : []),
    ...(up > share ? ['ArrowUp'] : up < -share ? ['ArrowDown'] : []),
  ]
}

const MIDDLE = 0.2

export function steers(key: string): boolean {
  return key in DIRECTIONS
}

const DIRECTIONS: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
  ArrowLeft: [-1, 0],
  ArrowRight: [1, 0],
  w: [0, 1],
  s: [0, -1],
  a: [-1, 0],
  d: [1, 0],
}
