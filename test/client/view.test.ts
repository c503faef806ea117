import { describe, expect, it } from 'vitest'
import { emptyView, hear, lose } from '../../src/client/view.ts'
import { createSession } from '../../src/experiment/session.ts'
import { tinySchema, tinyState, tinyWelcome } from '../stream/tiny-stream.ts'

const schema = tinySchema()
const welcome = tinyWelcome(schema, tinyState(schema))

describe('the view', () => {
  it('follows a session by its patches', () => {
    const session = createSession(welcome.state)
    let view = hear(emptyView, welcome)
    session.changes$.subscribe(({ patches }) => {
      view = hear(view, { type: 'patches', sequence: 1, patches })
    })
    session.dispatch({ type: 'point', episodes: 1000, returns: [1, 2, 3] })
    session.dispatch({ type: 'speed', speed: 8 })
    session.dispatch({ type: 'failed', message: 'the loss is not finite' })
    expect(view.state).toEqual(session.state)
  })

  it('leaves out patches that come before the welcome', () => {
    expect(hear(emptyView, { type: 'patches', sequence: 1, patches: [] })).toBe(emptyView)
  })

  it('is lost without a goodbye, and welcome again', () => {
    const lost = lose(hear(emptyView, welcome))
    expect(lost).toMatchObject({ link: 'lost', state: welcome.state })
    expect(hear(lost, welcome).link).toBe('open')
  })

  it('stays ended after a goodbye', () => {
    const ended = hear(hear(emptyView, welcome), { type: 'bye', message: 'done' })
    expect(ended).toMatchObject({ link: 'ended', farewell: 'done', state: welcome.state })
    expect(lose(ended)).toBe(ended)
  })
})
