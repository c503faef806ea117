// render: an episode as a GIF, a video, a PNG or an SVG, with no display and no browser; what `marlstrom render` does.
import type { Picture, RenderOptions } from './render-options.ts'
import { renderTake } from './render-take.ts'

/**
 * Draws an episode of a run folder, a recording (`.mcap`), a scenario by its id, or a scenario file. `out`: x.gif, the episode; x.mp4 and x.webm,
 * the same by ffmpeg, where that is installed; x.png, one step; x.svg, the episode or with `step` one step.
 * @example
 * await render('runs/spread', 'play.gif', { episode: 3, theme: 'dark' })
 * @throws ConfigError for wrong options, a folder that is not there, an episode or step that is not; FileError for a damaged run or recording
 */
export function render(what: string, out: string, options: RenderOptions = {}): Promise<Picture> {
  const { scenario } = options
  return renderTake(what, out, {
    ...options,
    overrides: scenario === undefined ? null : id => ({ scenario: { ...scenario, id } }),
  })
}
