// Requests and their answers.
import { describe, expect, it } from 'vitest'
import { createRequests } from '../../src/client/requests.ts'

describe('requests', () => {
  it('get the answer with their number, or none when the connection is lost', async () => {
    const sent: { id?: number }[] = []
    const { ask, hear, drop } = createRequests(request => sent.push(request))
    const [one, two, three] = [ask({ type: 'pause' }), ask({ type: 'step' }), ask({ type: 'resume' })]
    hear({ type: 'refused', id: sent[1]!.id!, message: 'not now' })
    hear({ type: 'done', id: sent[0]!.id! })
    drop()
    expect(await Promise.all([one, two, three])).toEqual([null, 'not now', ''])
  })
})
