// Colours of a picture, light or dark. Teams differ in hues that colour-blind people tell apart; numbers and dashes do the rest.
import type { FrameEntity, PictureSchema } from '../envs/frame.ts'

/** Every colour as #rrggbb: trails add their opacity. */
export interface Theme {
  readonly dark: boolean
  readonly ink: string
  readonly muted: string
  readonly line: string
  readonly ground: string
  readonly wall: string
  /** Where two things begin to touch. */
  readonly flash: string
  /** The team whose name begins with `adversar`: red, as the literature draws it. */
  readonly adversary: string
  /** The other teams, in the order in which they appear. */
  readonly teams: readonly string[]
}

export const light: Theme = {
  dark: false,
  ink: '#1b2130',
  muted: '#667085',
  line: '#e4e7ee',
  ground: '#fbfcfe',
  wall: '#a3acbd',
  flash: '#e08a00',
  adversary: '#cf3f1d',
  teams: ['#3557d6', '#0b8069', '#8d3fb8', '#8a6a00', '#b3265e', '#4d5b70'],
}
export const dark: Theme = {
  dark: true,
  ink: '#e8ebf2',
  muted: '#8e98ab',
  line: '#252c3a',
  ground: '#10141d',
  wall: '#4d586d',
  flash: '#ffd166',
  adversary: '#ff8a65',
  teams: ['#7d9bff', '#3ecfae', '#cf95f0', '#e5c04b', '#ff7fa8', '#a9b6cc'],
}

/** Per agent, the colour that its author gave it, else its team's. */
export function agentColors(schema: PictureSchema, theme: Theme): string[] {
  const agents = agentsOf(schema)
  const teams = teamColors(agents, theme)
  return agents.map(({ team, color }) => (color === undefined ? teams.get(team)! : legible(color, theme)))
}

/** Whether a team is drawn as the adversary: red, and with a ring within its discs for who sees no red. */
export function isAdversary(team: string | null): boolean {
  return team?.startsWith('adversar') === true
}

/**
 * Per entity, the colour that its author gave it, else that of its team; landmarks, and scripted agents of a team that no agent
 * plays for, are grey where they have none of their own.
 */
export function actorColors(schema: PictureSchema, theme: Theme): string[] {
  const teams = teamColors(agentsOf(schema), theme)
  return schema.entities.map(entity => {
    if (entity.kind === 'landmark') return landmarkColor(entity, theme)
    return entity.color === undefined ? (teams.get(entity.team) ?? theme.muted) : legible(entity.color, theme)
  })
}

/** The agents in their own order. */
export function agentsOf(schema: PictureSchema): FrameEntity[] {
  return schema.entities.filter(entity => entity.agent !== null).sort((a, b) => a.agent! - b.agent!)
}

/** A landmark's own colour; those without, and grey ones, take the grey of the theme. */
export function landmarkColor({ color }: FrameEntity, theme: Theme): string {
  if (color === undefined || Math.max(...color) - Math.min(...color) < 0.12) return theme.muted
  return legible(color, theme)
}

/** Contrast that WCAG 2.2 (1.4.3) asks of text: numbers stand on discs in the colour of the ground. */
const CONTRAST = 4.5

/**
 * A colour of red, green and blue in 0 ... 1 as #rrggbb: as it is where it stands out from the ground, else mixed with as little
 * black (light) or white (dark) as makes it do so.
 */
export function legible(color: readonly [number, number, number], { dark, ground }: Theme): string {
  const end = dark ? 1 : 0
  const behind = luminance(ofHex(ground))
  const mixed = (part: number) => color.map(value => value + part * (end - value))
  // Of what is drawn: whole numbers from 0 to 255.
  const drawn = (part: number) => mixed(part).map(value => Math.round(255 * Math.min(1, Math.max(0, value))) / 255)
  const stands = (part: number) => contrast(luminance(drawn(part)), behind) >= CONTRAST
  let part = 0
  while (part < 1 && !stands(part)) part = Math.min(1, part + 1 / 64)
  return toHex(drawn(part))
}

function teamColors(agents: readonly FrameEntity[], { teams, adversary }: Theme): Map<string | null, string> {
  const all = [...new Set(agents.map(({ team }) => team))]
  const others = all.filter(team => !isAdversary(team))
  return new Map(
    all.map(team => [team, isAdversary(team) ? adversary : teams[others.indexOf(team) % teams.length]!] as const),
  )
}

/** Relative luminance and contrast, as WCAG 2.2 defines them. */
function luminance(color: readonly number[]): number {
  const [red, green, blue] = color.map(value => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!
}

function contrast(a: number, b: number): number {
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)
}

function ofHex(hex: string): number[] {
  return [1, 3, 5].map(at => Number.parseInt(hex.slice(at, at + 2), 16) / 255)
}

function toHex(color: readonly number[]): string {
  return `#${color
    .map(value =>
      Math.round(255 * value)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`
}
