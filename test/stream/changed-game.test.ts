// Another game behind the same server: viewers are welcomed anew, and frames follow the new schema.
import { expect, it } from 'vitest'
import { circlingFrame, streamed, TinyViewer, tinySchema, tinyServer, until } from './tiny-stream.ts'

it('welcomes every viewer with the new schema, and drops the frame of the old one', async () => {
  const { server, schema, schemas, session, frames } = await tinyServer()
  const viewer = await TinyViewer.connect(server.url)
  frames.next(circlingFrame(schema, 1))
  await until(() => expect(viewer.frames).toHaveLength(1))

  const other = tinySchema(5, 1)
  const roster = other.entities.flatMap(({ id, team }) => (team === null ? [] : [{ id, team }]))
  session.dispatch({ type: 'gameChanged', scenario: 'other', algorithm: 'random', roster })
  schemas.next(other)
  const late = await TinyViewer.connect(server.url)
  await until(() => expect(late.state?.roster).toHaveLength(5))
  expect(late.frames).toEqual([])
  frames.next(circlingFrame(other, 7))
  for (const each of [viewer, late]) {
    await until(() => expect(each.frames.at(-1)).toEqual(streamed(circlingFrame(other, 7), { key: true })))
    expect(each.messages.at(-1)).toMatchObject({ type: 'welcome', state: session.state, schema: other })
  }
  expect(viewer.state).toMatchObject({ message: null, run: { scenario: 'other', algorithm: 'random' } })
})

it('sends nothing more of the past of the game before', async () => {
  const { server, schema, schemas, frames } = await tinyServer()
  const viewer = await TinyViewer.connect(server.url)
  for (let n = 0; n < 10_000; n++) frames.next(circlingFrame(schema, n))
  viewer.ask({ type: 'history', from: 0, to: 9999, id: 1 })
  await until(() => expect(viewer.past.length).toBeGreaterThan(0))
  const other = tinySchema(5, 1)
  schemas.next(other)
  // A frame that does not fit the schema would throw where the viewer reads it.
  await until(() => expect(viewer.messages.map(({ type }) => type)).toEqual(['welcome', 'welcome', 'done']))
  expect(viewer.welcome).toMatchObject({ history: null, schema: { agents: { length: 5 } } })
})

it('passes on remarks, and takes them back', async () => {
  const { server, session } = await tinyServer()
  const viewer = await TinyViewer.connect(server.url)
  await until(() => expect(viewer.state).not.toBeNull())
  session.dispatch({ type: 'remark', message: 'line 3 is wrong' })
  await until(() => expect(viewer.state!.message).toBe('line 3 is wrong'))
  expect(viewer.state!.status).toBe('training')
  session.dispatch({ type: 'remark', message: null })
  await until(() => expect(viewer.state!.message).toBeNull())
})

it('closes with a sentence when the schemas end in an error', async () => {
  const { server, schemas } = await tinyServer()
  const viewer = await TinyViewer.connect(server.url)
  await until(() => expect(viewer.state).not.toBeNull())
  schemas.error(new Error('no picture'))
  await viewer.closed
  expect(viewer.messages.at(-1)).toEqual({ type: 'bye', message: 'the live view stopped: no picture' })
})
