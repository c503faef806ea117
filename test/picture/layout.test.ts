import { describe, expect, it } from 'vitest'
import { bubbleAt, channelName, gridSpacing, ringsOf, runsOf } from '../../src/picture/layout.ts'

describe('goal rings', () => {
  it('are one for each colour, from the inside out, and know whose goal it is', () => {
    const wish = (agent: number, goal: number, color: string) => ({ agent, goal, color })
    expect(ringsOf([wish(0, 7, 'blue'), wish(1, 7, 'red'), wish(2, 8, 'blue'), wish(3, 7, 'blue')])).toEqual([
      { goal: 7, color: 'blue', nth: 0, agents: [0, 3] },
      { goal: 7, color: 'red', nth: 1, agents: [1] },
      { goal: 8, color: 'blue', nth: 0, agents: [2] },
    ])
  })
})

describe('trails', () => {
  const at = (x: number) => ({ x, y: 0 })
  it('are cut where the agent was not there and where it went over the edge', () => {
    expect(runsOf([at(0.8), at(0.9), at(-0.9), at(-0.8), null, at(0), at(0.1)], 1)).toEqual([
      [at(0.8), at(0.9)],
      [at(-0.9), at(-0.8)],
      [at(0), at(0.1)],
    ])
  })

  it('need two places', () => {
    expect(runsOf([at(0)], 1)).toEqual([])
    expect(runsOf([], 1)).toEqual([])
  })
})

describe('what is said', () => {
  it('stands up and to the right, elsewhere at the border or where somebody is', () => {
    const place = (x: number, y: number, ...others: { x: number; y: number; radius: number }[]) => {
      const { left, top } = bubbleAt({ x, y, radius: 10 }, 3, { width: 400, height: 400 }, others)
      return `${top < y ? 'up' : 'down'} ${left > x ? 'right' : 'left'}`
    }
    expect(place(200, 200)).toBe('up right')
    expect(place(395, 200)).toBe('up left')
    expect(place(200, 5)).toBe('down right')
    expect(place(200, 200, { x: 225, y: 175, radius: 10 })).toBe('up left')
    expect(place(200, 200, { x: 225, y: 175, radius: 10 }, { x: 175, y: 175, radius: 10 })).toBe('down right')
  })

  it('has a letter for each channel as long as there are letters', () => {
    expect([0, 25, 26].map(channelName)).toEqual(['a', 'z', '26'])
  })
})

describe('the grid', () => {
  it.each([
    [1.3, 0.5],
    [3, 0.5],
    [5, 1],
    [20, 5],
    [100, 20],
    [0.2, 0.05],
  ])('has few lines in a world of %s', (extent, spacing) => {
    expect(gridSpacing(extent)).toBeCloseTo(spacing)
    expect(extent / gridSpacing(extent)).toBeLessThanOrEqual(10)
  })
})
