// Colours of plots: by name within the page, where light and dark change them, and as they are in files of their own.

export interface Palette {
  readonly ink: string
  readonly muted: string
  readonly line: string
  readonly ground: string
  /** One per method; hues that colour-blind people tell apart, as on the live page. */
  readonly series: readonly string[]
}

export const light: Palette = {
  ink: '#1b2130',
  muted: '#5b6475',
  line: '#e4e7ee',
  ground: '#ffffff',
  series: ['#3557d6', '#c8500a', '#0b8069', '#8d3fb8', '#8a6a00', '#b3265e'],
}

export const dark: Palette = {
  ink: '#e8ebf2',
  muted: '#9aa4b6',
  line: '#2a3242',
  ground: '#151a25',
  series: ['#7d9bff', '#ff9a5c', '#3ecfae', '#cf95f0', '#e5c04b', '#ff7fa8'],
}

/** The page's own variables. */
export const page: Palette = {
  ink: 'var(--ink)',
  muted: 'var(--muted)',
  line: 'var(--line)',
  ground: 'var(--ground)',
  series: light.series.map((_, i) => `var(--series-${i})`),
}

/** The variables of `page` with the values of a palette, for a style sheet. */
export function variablesOf({ series, ...named }: Palette): string {
  const all = [...Object.entries(named), ...series.map((color, i) => [`series-${i}`, color])]
  return all.map(([name, color]) => `--${name}:${color};`).join('')
}

/** What tells methods apart beside colour, where there are more of them than colours too. */
export const dashes: readonly (string | null)[] = [null, '8 4', '3 3', '10 3 2 3', '5 5', '1 4']
export const marks = ['disc', 'square', 'triangle', 'diamond', 'cross', 'ring'] as const
export type Mark = (typeof marks)[number]

/** How the n-th method looks. */
export function lookOf(index: number, { series }: Palette): { color: string; dash: string | null; mark: Mark } {
  const round = Math.floor(index / series.length)
  return {
    color: series[index % series.length]!,
    dash: dashes[(index + round) % dashes.length]!,
    mark: marks[(index + round) % marks.length]!,
  }
}
