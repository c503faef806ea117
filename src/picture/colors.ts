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

/** Per agent, the colour of its team. */
export function agentColors(schema: PictureSchema, { teams, adversary }: Theme): string[] {
  const agents = agentsOf(schema)
  const others = [...new Set(agents.map(agent => agent.team))].filter(team => !isAdversary(team))
  return agents.map(({ team }) => (isAdversary(team) ? adversary : teams[others.indexOf(team) % teams.length]!))
}

/** Whether a team is drawn as the adversary: red, and with a ring within its discs for who sees no red. */
export function isAdversary(team: string | null): boolean {
  return team?.startsWith('adversar') === true
}

/** Per entity, the colour of its team; scripted agents of a team that no agent plays for, and landmarks, are grey. */
export function actorColors(schema: PictureSchema, theme: Theme): string[] {
  const colors = agentColors(schema, theme)
  const teams = new Map(agentsOf(schema).map(({ team }, i) => [team, colors[i]!]))
  return schema.entities.map(({ kind, team }) => (kind === 'agent' ? teams.get(team) : undefined) ?? theme.muted)
}

/** The agents in their own order. */
export function agentsOf(schema: PictureSchema): FrameEntity[] {
  return schema.entities.filter(entity => entity.agent !== null).sort((a, b) => a.agent! - b.agent!)
}

/** A landmark's own hue, light or dark enough for the ground; grey ones take the ink's tone. */
export function landmarkColor({ color: [red, green, blue] }: FrameEntity, { dark, muted }: Theme): string {
  const most = Math.max(red, green, blue)
  const spread = most - Math.min(red, green, blue)
  if (spread < 0.12) return muted
  const hue =
    most === red ? (green - blue) / spread : most === green ? 2 + (blue - red) / spread : 4 + (red - green) / spread
  return `hsl(${Math.round(60 * hue)} ${dark ? '60% 62%' : '62% 38%'})`
}
