// What an agent says: a bubble beside it with one bar per channel, the loudest one strong and named by its letter.
import type { Theme } from '../picture/colors.ts'
import { type Bubble, barsMost, bubbleAt, bubbleSizes, channelName, type Obstacle } from '../picture/layout.ts'
import { type Child, type Markup, tag } from '../picture/markup.ts'
import { loudest } from '../picture/reading.ts'
import { movingGroup, visibility } from './motion.ts'
import type { Scene } from './scene.ts'
import { label } from './strokes.ts'

/** One beside everyone who speaks: where it covers least, or while they move, at the corner that is best most of the time. */
export function bubbles(scene: Scene, actors: readonly number[]): Child {
  return scene.rows.length === 1 ? standing(scene, actors) : moving(scene, actors)
}

function standing(scene: Scene, actors: readonly number[]): Child {
  const { camera, reading, rows, theme } = scene
  const discs = actors.map(i => discOf(scene, i, 0)!)
  const obstacles = [...discs]
  return actors.map((i, n) => {
    const speaker = discs[n]!
    const spoken = reading.utterance(rows[0]!, i)
    const inside = Math.max(speaker.x, speaker.y) <= camera.width && Math.min(speaker.x, speaker.y) >= 0
    if (spoken === null || !inside) return null
    const others = obstacles.filter(obstacle => obstacle !== speaker)
    const bubble = bubbleAt(speaker, spoken.length, camera, others)
    const { left, top, width } = bubble
    obstacles.push({ x: left + width / 2, y: top + bubbleSizes.height / 2, radius: width / 2 })
    return bubbleFigure(bubble, spoken, scene.colors[i]!, theme)
  })
}

/** What is said changes at once, so everything that an agent says stands beside it, each shown in its time. */
function moving(scene: Scene, actors: readonly number[]): Child {
  const { reading, rows, theme, timing, camera } = scene
  return actors.map(i => {
    const spoken = rows.map(row => (reading.place(row, i) === null ? null : reading.utterance(row, i)))
    const channels = spoken.map(words => (words === null ? -1 : loudest(words)))
    const discs = rows.map((_, moment) => discOf(scene, i, moment))
    const corners = discs.flatMap((disc, moment) => {
      const words = spoken[moment]
      if (!disc || !words) return []
      const { left, top, width } = bubbleAt(disc, words.length, camera)
      return [{ left: left - disc.x, top: top - disc.y, width }]
    })
    if (corners.length === 0) return null
    const chosen = mostFrequent(corners)
    const variants = [...new Set(channels)].filter(channel => channel !== -1)
    return movingGroup(
      discs,
      scene.way(i).breaks,
      timing,
      {},
      variants.map(channel => {
        const shown = channels.map(said => said === channel)
        const words = spoken[channels.indexOf(channel)]!
        return tag('g', {}, visibility(shown, timing), bubbleFigure(chosen, words, scene.colors[i]!, theme))
      }),
    )
  })
}

function discOf({ reading, rows, camera, schema }: Scene, i: number, moment: number): Obstacle | null {
  const place = reading.place(rows[moment]!, i)
  return place && { x: camera.x(place.x), y: camera.y(place.y), radius: schema.entities[i]!.size * camera.scale }
}

function mostFrequent(corners: readonly Bubble[]): Bubble {
  const counts = new Map<string, number>()
  const key = ({ left, top }: Bubble) => `${Math.sign(left)} ${Math.sign(top)}`
  for (const corner of corners) counts.set(key(corner), (counts.get(key(corner)) ?? 0) + 1)
  const [most] = [...counts].sort(([, a], [, b]) => b - a)[0]!
  return corners.find(corner => key(corner) === most)!
}

/** The bubble at its place; `spoken` [channels]. */
export function bubbleFigure(
  { left, top, width }: Bubble,
  spoken: Float32Array,
  color: string,
  theme: Theme,
): Markup[] {
  const { height, bar, step, padding, letter } = bubbleSizes
  const said = loudest(spoken)
  const most = Math.max(1, spoken[said]!)
  const bars = spoken.length > barsMost ? [] : Array.from(spoken)
  return [
    tag('rect', {
      x: left,
      y: top,
      width,
      height,
      rx: 7,
      fill: theme.ground,
      'fill-opacity': 0.92,
      stroke: theme.muted,
      'stroke-opacity': 0.55,
    }),
    label(channelName(said), [left + padding + 4, top + height / 2], theme.ink, 12),
    ...bars.map((number, channel) => {
      const high = Math.max(2, (Math.max(0, number) / most) * (height - 8))
      return tag('rect', {
        x: left + padding + letter + channel * step,
        y: top + height - 4 - high,
        width: bar,
        height: high,
        fill: channel === said ? color : theme.muted,
        'fill-opacity': channel === said ? null : 0.5,
      })
    }),
  ]
}
