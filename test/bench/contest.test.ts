// Contests of benchmarks: whose turn it is, what is compared with what, and contenders in processes of their own.
import { describe, expect, it } from 'vitest'
import { contest, ratio, table } from '../../bench/contest.ts'
import { excessFigure } from '../../bench/excess.ts'
import { startContender } from '../../bench/peers/contender.ts'

/** Does a unit in so many seconds, by its own account; the processor time doubles while `busy` says so. */
function counting(name: string, wall: number, log: string[], busy: () => boolean = () => false) {
  return {
    name,
    work(units: number) {
      log.push(`${name} ${units}`)
      return Promise.resolve({ wall, cpu: wall * (busy() ? 2 : 1) })
    },
    end() {},
  }
}

describe('a contest', () => {
  it('gives every contender the same time, in every second turn the other way round', async () => {
    const log: string[] = []
    const standings = await contest([counting('fast', 0.001, log), counting('slow', 0.1, log)], 0.4, 4)
    expect(standings.map(({ turns }) => turns.length)).toEqual([5, 5])
    expect(log.slice(-10)).toEqual([
      ...['fast 400', 'slow 4', 'slow 4', 'fast 400', 'fast 400', 'slow 4', 'slow 4', 'fast 400'],
      ...['fast 400', 'slow 4'],
    ])
    expect(ratio(standings[0]!, standings[1]!, 'wall')).toBeCloseTo(100)
  })

  it('compares turn by turn: what slows all down for some turns changes no ratio', async () => {
    let calls = 0
    // Two calls are a turn.
    const busy = () => Math.floor(calls++ / 2) % 3 === 0
    const [one, other] = [counting('one', 0.2, [], busy), counting('other', 0.3, [], busy)]
    const standings = await contest([one, other], 0.1, 9)
    expect(new Set(standings[0]!.turns.map(({ cpu }) => cpu)).size).toBe(2)
    expect(ratio(standings[0]!, standings[1]!, 'cpu')).toBeCloseTo(1.5)
  })

  it('ends in a Markdown table', () => {
    expect(table(['a', 'b'], [['1', '2']])).toBe('\n| a | b |\n| --- | --- |\n| 1 | 2 |')
  })
})

describe('a contender in a process of its own', () => {
  const program = (code: string) => startContender([process.execPath, '-e', code])

  it('says what it is and what its work costs a unit, whatever else it prints', async () => {
    const contender = await program(`
      console.log('hello')
      console.log('{ "ready": "it 1.0" }')
      process.stdin.on('data', units => console.log(JSON.stringify({ cpu: 3 * units, wall: 6 * units })))`)
    if (typeof contender === 'string') throw new Error(contender)
    expect(contender.name).toBe('it 1.0')
    expect(await contender.work(5)).toEqual({ cpu: 3, wall: 6 })
    contender.end()
  })

  it('that cannot start says why in a sentence', async () => {
    expect(await program('throw new TypeError("no library here")')).toBe('TypeError: no library here')
    expect(await startContender(['/nowhere/python'])).toContain('ENOENT')
  })

  it('that ends while it works is an error', async () => {
    const contender = await program(`
      console.log('{ "ready": "it" }')
      process.stdin.on('data', () => process.exit(1))`)
    if (typeof contender === 'string') throw new Error(contender)
    await expect(contender.work(1)).rejects.toThrow('ended')
  })
})

describe('a cost beside what would be done anyway', () => {
  it.each([
    [[0.01, 0.011, 0.009], 'within'],
    [[0.03, 0.031, 0.029], 'over'],
    [[0.01, 0.05, -0.03], 'undecided about'],
  ])('of %j is decided by its interval: %s', (shares, decision) => {
    const { value, unit } = excessFigure('x', shares, 'it', 0.02)
    expect(value).toBeCloseTo((100 * shares.reduce((sum, share) => sum + share, 0)) / 3)
    expect(unit).toContain(`${decision} the limit of 2 %`)
  })
})
