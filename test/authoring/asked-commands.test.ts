// Commands for a game in another thread: how many wait, who is refused when it ends, and what goes on to the next one.
import { describe, expect, it } from 'vitest'
import { createQuestions } from '../../src/authoring/asked-commands.ts'

function asking() {
  const sent: number[] = []
  let done = 0
  const questions = createQuestions({
    send: command => void sent.push((command as { id: number }).id),
    silent() {},
    done: () => void done++,
  })
  return { questions, sent, done: () => done }
}

describe('commands', () => {
  it('wait until there is a game, and are answered by their number', async () => {
    const { questions, sent, done } = asking()
    const [first, second] = [questions.ask({ type: 'pause' }, 'v'), questions.ask({ type: 'reset' }, 'v')]
    expect(sent).toEqual([])
    questions.open()
    expect(sent).toEqual([0, 1])
    questions.answer(1, 'not now')
    questions.answer(0, null)
    await expect(second).rejects.toThrow('not now')
    await expect(first).resolves.toBeUndefined()
    expect(done()).toBe(1)
    questions.close('over')
  })

  it('are refused when the game ends that they were sent to; later ones go to the next', async () => {
    const { questions, sent } = asking()
    questions.open()
    const lost = questions.ask({ type: 'reset' }, 'v')
    expect(questions.asksFor('reset')).toBe(true)
    questions.interrupt('it ended')
    const later = questions.ask({ type: 'reset' }, 'v')
    await expect(lost).rejects.toThrow('it ended')
    expect(sent).toEqual([0])
    questions.open()
    expect(sent).toEqual([0, 1])
    questions.answer(1, null)
    await later
    questions.close('over')
    expect(() => questions.ask({ type: 'pause' }, 'v')).toThrow('over')
  })

  it('of one connection are so many at most', () => {
    const { questions } = asking()
    questions.open()
    const all = Array.from({ length: 32 }, () => questions.ask({ type: 'reset' }, 'v').catch(() => {}))
    expect(() => questions.ask({ type: 'reset' }, 'v')).toThrow(/32 commands of this connection wait/)
    expect(() => void questions.ask({ type: 'reset' }, 'w').catch(() => {})).not.toThrow()
    questions.close('over')
    return Promise.all(all)
  })
})
