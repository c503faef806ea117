// What the stream's tests stand on: a small schema, moving frames, a session, a page folder and a viewer that keeps what it is sent.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { applyPatches, enablePatches } from 'immer'
import { BehaviorSubject, map, Subject } from 'rxjs'
import { expect, onTestFinished, vi } from 'vitest'
import { WebSocket } from 'ws'
import type { Frame, FrameEntity, FrameSchema } from '../../src/envs/frame.ts'
import { initialSession } from '../../src/experiment/initial-session.ts'
import { createSession, type SessionState } from '../../src/experiment/session.ts'
import type { Show } from '../../src/experiment/show.ts'
import { binaryKind, kindOf } from '../../src/stream/binary.ts'
import { decodeFrame } from '../../src/stream/frame-codec.ts'
import { decodeInspection } from '../../src/stream/inspection-codec.ts'
import {
  type Command,
  PROTOCOL,
  type ServerMessage,
  type StreamedFrame,
  type StreamedInspection,
} from '../../src/stream/protocol.ts'
import { parseServerMessage } from '../../src/stream/read-message.ts'
import { createStreamServer, type StreamServer, type StreamServerOptions } from '../../src/stream/server.ts'

/** Agents of two teams, a wall and a target, like simple_tag. */
export function tinySchema(agents = 3, landmarks = 2): FrameSchema {
  const entities: FrameEntity[] = []
  for (let i = 0; i < agents; i++) {
    const team = i === agents - 1 && agents > 1 ? 'adversary' : 'agent'
    const id = team === 'adversary' ? 'adversary_0' : `agent_${i}`
    entities.push({ id, kind: 'agent', agent: i, team, size: 0.08, collides: true })
  }
  for (let i = 0; i < landmarks; i++) {
    const color = [0.25, 0.25, 0.25] as const
    const collides = i === 0
    entities.push({ id: `landmark_${i}`, kind: 'landmark', agent: null, team: null, size: 0.12, color, collides })
  }
  const position = { name: 'position', offset: 0, size: 2 * (agents + landmarks) } as const
  const velocity = { name: 'velocity', offset: position.size, size: 2 * agents } as const
  return {
    kind: 'particles',
    extent: 1.3,
    entities,
    fields: [position, velocity],
    size: position.size + velocity.size,
    agents: entities
      .filter(({ agent }) => agent !== null)
      .map(({ id, team }) => ({
        id,
        team: team!,
        actionSpace: [{ name: 'move', kind: 'choice', size: 5, soft: true }],
        observationParts: [{ name: 'velocity', size: 2 }],
      })),
    secondsPerStep: 0.1,
  }
}

/** The same game with everything that a world may know: a scripted agent, goals, headings, words, walls and an edge. */
export function knowingSchema(plain = tinySchema()): FrameSchema {
  const agents = plain.entities.filter(({ kind }) => kind === 'agent')
  const landmarks = plain.entities.filter(({ kind }) => kind === 'landmark')
  const guard = { id: 'guard_0', kind: 'agent', agent: null, scripted: true, team: 'guard' } as const
  const entities = [...agents, { ...guard, size: 0.1, color: [0, 0, 0] as const, collides: true }, ...landmarks]
  const actors = agents.length + 1
  const sizes = {
    position: 2 * entities.length,
    velocity: 2 * actors,
    present: entities.length,
    heading: actors,
    utterance: 3 * actors,
    goal: agents.length,
  }
  let size = 0
  const fields = (Object.keys(sizes) as (keyof typeof sizes)[]).map(name => {
    size += sizes[name]
    return { name, offset: size - sizes[name], size: sizes[name] }
  })
  const walls = [
    { from: [-1, 0.5], to: [0, 0.5], thickness: 0.05 },
    { low: [0.5, -1], high: [0.8, -0.5] },
  ] as const
  return { ...plain, entities, fields, walls, arena: { half: 1.2, edge: 'wall' }, size }
}

/** A grid of three rows and four columns: an agent that looks somewhere, food, a box, a wall and a goal. */
export function gridSchema(): FrameSchema {
  const thing = { kind: 'landmark', agent: null, team: null, collides: false, color: [0.7, 0.2, 0.2] } as const
  return {
    kind: 'grid',
    extent: 1.1,
    grid: { rows: 3, columns: 4, walls: [5], marks: [{ name: 'goal', cells: [11], color: [0, 0.4, 0.8] }] },
    entities: [
      { id: 'agent_0', kind: 'agent', agent: 0, team: 'agent', size: 0.17, collides: true },
      { id: 'food_0', ...thing, size: 0.12 },
      { id: 'box_0', ...thing, size: 0.2, form: 'square' },
    ],
    fields: [
      { name: 'position', offset: 0, size: 6 },
      { name: 'level', offset: 6, size: 3 },
      { name: 'heading', offset: 9, size: 1 },
      { name: 'marked', offset: 10, size: 3 },
    ],
    size: 13,
    agents: [
      {
        id: 'agent_0',
        team: 'agent',
        actionSpace: [{ name: 'move', kind: 'choice', size: 3, soft: false, names: ['none', 'north', 'load'] }],
        observationParts: [
          { name: 'view', size: 8, shape: [2, 2, 2], channels: ['wall', 'food'] },
          { name: 'self', size: 2, names: ['row', 'column'] },
        ],
      },
    ],
    secondsPerStep: 0.1,
  }
}

/** Frame number `n` of agents that go round in circles; an episode has 25 steps. */
export function circlingFrame(schema: FrameSchema, n: number): Frame {
  const agents = schema.entities.filter(entity => entity.kind === 'agent').length
  const row = new Float32Array(schema.size)
  const velocity = schema.fields.find(field => field.name === 'velocity')!.offset
  schema.entities.forEach((entity, i) => {
    const radius = 0.4 + 0.2 * i
    const angle = entity.kind === 'agent' ? n / 8 + i * 2 : i * 2.4
    row[2 * i] = radius * Math.cos(angle)
    row[2 * i + 1] = radius * Math.sin(angle)
    if (entity.agent === null) return
    row[velocity + 2 * i] = -radius * 1.25 * Math.sin(angle)
    row[velocity + 2 * i + 1] = radius * 1.25 * Math.cos(angle)
  })
  const step = n % 25
  const rewards = Float32Array.from({ length: agents }, (_, i) => (step === 0 ? 0 : -1 - Math.sin(n / 5 + i)))
  return {
    number: n,
    at: 1.7e12 + 100 * n,
    episode: Math.floor(n / 25),
    step,
    restarted: step === 0,
    placed: false,
    rewards,
    returns: rewards.map(r => r * step),
    actions: new Float32Array(5 * schema.agents.length),
    row,
  }
}

export function tinyState(schema: FrameSchema): SessionState {
  const agents = schema.entities.filter(entity => entity.agent !== null).map(({ id, team }) => ({ id, team: team! }))
  const run = { scenario: 'simple_tag', algorithm: 'maddpg', seed: 1, preset: 'openai', folder: null }
  return initialSession(run, 'training', { agents }, 25_000)
}

/** What a server says first. */
export function tinyWelcome(schema: FrameSchema, state: SessionState): Extract<ServerMessage, { type: 'welcome' }> {
  return {
    type: 'welcome',
    protocol: PROTOCOL,
    session: { id: 'tiny', title: 'a tiny run', began: 1.7e12 },
    viewer: 'viewer-1',
    role: 'operator',
    sequence: 0,
    state,
    schema,
    history: null,
    resumed: false,
  }
}

/** A folder with a page in it; gone after the test. */
export function tinyPage(files: Readonly<Record<string, string>> = { 'index.html': '<!doctype html>tiny' }): string {
  const folder = mkdtempSync(join(tmpdir(), 'marlstrom-page-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

export interface TinyServerOptions extends Partial<StreamServerOptions> {
  readonly schema?: FrameSchema
  readonly show?: Partial<Show>
}

/** A show whose schemas and frames are in the test's hands. */
export function tinyShow(schema = tinySchema()) {
  const schemas = new BehaviorSubject<FrameSchema>(schema)
  const frames = new Subject<Frame>()
  const show: Show = {
    schema$: schemas,
    moments$: frames.pipe(map(frame => ({ frame, opening: null, fingerprint: () => null }))),
    inspect: () => null,
    command() {},
    left() {},
  }
  return { schemas, frames, show }
}

/** A server on a free port with a session `tiny` behind it. Commands change the session, and are kept. */
export async function tinyServer({ schema = tinySchema(), show: parts = {}, ...options }: TinyServerOptions = {}) {
  const session = createSession(tinyState(schema))
  const commands: Command[] = []
  const { schemas, frames, show } = tinyShow(schema)
  const server: StreamServer = await createStreamServer({ port: 0, page: options.page ?? tinyPage(), ...options })
  onTestFinished(() => server.close('the test is over'))
  const command = (asked: Command) => {
    commands.push(asked)
    session.dispatch(asked)
  }
  server.add({ id: 'tiny', title: 'a tiny run', session, show: { ...show, command, ...parts } })
  return { server, schema, schemas, session, frames, commands }
}

/** A viewer without a page: applies what it is sent, as the page does. */
export class TinyViewer {
  readonly messages: ServerMessage[] = []
  readonly frames: StreamedFrame[] = []
  readonly past: StreamedFrame[] = []
  readonly inspections: StreamedInspection[] = []
  state: SessionState | null = null
  private schema: FrameSchema | null = null
  readonly closed: Promise<number>

  private constructor(readonly socket: WebSocket) {
    enablePatches()
    this.closed = new Promise(resolve => socket.on('close', resolve))
    socket.on('error', () => {})
    socket.on('message', (data, isBinary) => {
      if (!isBinary) this.take(parseServerMessage(data.toString()))
      else if (kindOf(data as Buffer) === binaryKind.inspection) this.inspections.push(decodeInspection(data as Buffer))
      else {
        const frame = decodeFrame(data as Buffer, this.schema!)
        if (frame.past) this.past.push(frame)
        else this.frames.push(frame)
      }
    })
  }

  /** Resolves when it has been welcomed; with `welcomed` false as soon as the connection is open. */
  static async connect(
    url: string,
    headers: Readonly<Record<string, string>> = {},
    { query = '', welcomed = true } = {},
  ): Promise<TinyViewer> {
    const socket = new WebSocket(`${url.replace('http', 'ws')}stream${query}`, { headers })
    const viewer = new TinyViewer(socket)
    onTestFinished(() => socket.terminate())
    await new Promise<void>((resolve, reject) => socket.once('open', resolve).once('error', reject))
    if (welcomed) await until(() => expect(viewer.state).not.toBeNull())
    return viewer
  }

  get welcome() {
    return this.messages.findLast(message => message.type === 'welcome')!
  }

  ask(request: unknown): void {
    this.socket.send(JSON.stringify(request))
  }

  private take(message: ServerMessage): void {
    this.messages.push(message)
    if (message.type === 'welcome') {
      this.state = message.state
      this.schema = message.schema
    } else if (message.type === 'patches') {
      this.state = applyPatches(this.state!, message.patches)
    }
  }
}

/** A frame as a viewer gets it. */
export function streamed(frame: Frame, flags: Partial<StreamedFrame> = {}): StreamedFrame {
  return { ...frame, key: false, past: false, ...flags }
}

/** What reading throws, a TypeError or RangeError; empty: nothing. */
export function sentenceOf(read: () => unknown): string {
  try {
    read()
  } catch (error) {
    expect(error instanceof TypeError || error instanceof RangeError).toBe(true)
    return (error as Error).message
  }
  return ''
}

/** One HTTP request, with headers that `fetch` would not let us forge. */
export function http(url: string, method: string, headers: Readonly<Record<string, string>> = {}, path = '/') {
  const { hostname, port } = new URL(url)
  return new Promise<{ status: number; headers: Record<string, unknown>; body: string }>((resolve, reject) => {
    const asked = request({ hostname, port, method, path, headers, agent: false }, async response => {
      let body = ''
      for await (const chunk of response.setEncoding('utf8')) body += chunk
      resolve({ status: response.statusCode!, headers: response.headers, body })
    })
    asked.once('error', reject).end()
  })
}

/** Waits until a check no longer throws: as long as it takes on a busy machine. */
export function until<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 60_000, interval: 5 })
}

/** From here to the end of the test the clock stands still: however slow the machine, all that comes comes within one second. */
export function withinOneSecond(): void {
  vi.useFakeTimers({ toFake: ['Date'] })
  onTestFinished(() => void vi.useRealTimers())
}
